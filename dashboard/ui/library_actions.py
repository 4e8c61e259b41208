"""What can be done with the selected runs: open, compare, fork, pin, tag, take along, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import PayloadError, StepscopeError
from cache.holds import held_runs
from cache.store import Store
from dashboard.data.annotations import (
    LONGEST_NOTE,
    MOST_TAGS,
    Annotation,
    annotation_of,
    parse_note,
    parse_tags,
    save_annotation,
)
from dashboard.data.costs import cost_line
from dashboard.data.shelf import Entry
from dashboard.data.shelf_table import tags_of
from dashboard.ui.capsules import import_capsule, offer_capsule
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import RUN_PAGES, open_page, rerun_page
from dashboard.ui.stores import the_shelf, the_store

COMPARED = ("text", "image")
FORKED = ("text", "image")
AGAIN = ("text", "image", "corruption")
MOST_COMPARED = 16
MOST_COSTED = 8
UNSAVED = "annotations-unsaved"  # in the session: why the last form was not saved


def offer_import() -> None:
    """A place to bring in the capsule of another Stepscope."""
    with st.popover("Import a capsule"):
        import_capsule()


def offer_actions(chosen: Sequence[Entry]) -> None:
    """A row of buttons for the selected entries; none can be pressed where none is selected."""
    opened, compared, *rest = st.columns(7)
    with opened:
        _offer_open(chosen)
    with compared:
        _offer_compare(chosen)
    _offer_rest(chosen, rest)


def offer_few_actions(chosen: Sequence[Entry], forget: Callable[[], None]) -> None:
    """A phone's row: what is wanted most, and everything else one tap away."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _offer_open(chosen)
        _offer_compare(chosen)
        with st.popover("More", help="Everything else that these runs allow"):
            st.caption(f"{len(chosen):d} selected")
            _offer_rest(chosen, [st.container() for _ in range(5)])
            show_details(chosen)
        st.button("", icon=":material/close:", help="Select none", on_click=forget, key="none")


def _offer_open(chosen: Sequence[Entry]) -> None:
    one = chosen[0] if len(chosen) == 1 else None
    _offer_page("Open", RUN_PAGES.get(one.manifest.kind, "") if one else "", one)


def _offer_rest(chosen: Sequence[Entry], places: Sequence[DeltaGenerator]) -> None:
    store, one = the_store(), chosen[0] if len(chosen) == 1 else None
    forked, again, pinned, taken, deleted = places
    with forked:
        able = one is not None and one.manifest.kind in FORKED
        _offer_page("Fork", "app_pages/fork/page.py", one if able else None)
    able = one is not None and one.manifest.kind in AGAIN
    label = "New like it"
    if again.button(label, disabled=not able, key="again", width="stretch"):
        open_page("app_pages/new_run/page.py", {"from": one.short if one else ""})
    all_pinned = bool(chosen) and all(e.pinned for e in chosen)
    label = "Unpin" if all_pinned else "Pin"
    if pinned.button(label, disabled=not chosen, key="pin", width="stretch"):
        _pin(chosen, off=all_pinned)
    with taken:
        offer_capsule([entry.manifest for entry in chosen])
    if deleted.button("Delete", disabled=not chosen, key="delete", width="stretch"):
        confirm_delete(store, chosen)


def _pin(chosen: Sequence[Entry], *, off: bool) -> None:
    store = the_store()
    try:
        for entry in chosen:
            (store.unpin if off else store.pin)(entry.manifest.run)
    except StepscopeError as error:
        say_trouble("This was not pinned." if not off else "This was not unpinned.", str(error))
        return
    rerun_page()


def show_details(chosen: Sequence[Entry]) -> None:
    """What the selected runs cost, and a form for their tags and notes."""
    store = the_store()
    for entry in chosen[:MOST_COSTED]:
        st.text(f"{entry.short}  {entry.words[:100]}\n{cost_line(store, entry)}")
    if len(chosen) > MOST_COSTED:
        st.text(f"and {len(chosen) - MOST_COSTED} more")
    if chosen:
        _annotate(chosen)


def _offer_page(label: str, page: str, entry: Entry | None) -> None:
    """A button that opens an entry's page; disabled where there is no entry for it."""
    able = entry is not None and bool(page)
    kind: Literal["primary", "secondary"] = "primary" if label == "Open" else "secondary"
    if st.button(label, type=kind, disabled=not able, key=label.lower(), width="stretch"):
        open_page(page, {"run": entry.short if entry else ""})


def _offer_compare(chosen: Sequence[Entry]) -> None:
    kinds = {entry.manifest.kind for entry in chosen}
    able = 2 <= len(chosen) <= MOST_COMPARED and len(kinds) == 1 and kinds <= set(COMPARED)
    if st.button(
        "Compare",
        disabled=not able,
        key="compare",
        width="stretch",
        help=None if able else f"Select two to {MOST_COMPARED} text runs, or image runs.",
    ):
        runs = ",".join(entry.short for entry in chosen)
        open_page("app_pages/compare/page.py", {"runs": runs})


def _annotate(chosen: Sequence[Entry]) -> None:
    """Tags and a note: of one run to be edited, of several to be added to."""
    one = len(chosen) == 1
    key = chosen[0].manifest.run if one else "several"
    shown = annotation_of(chosen[0].manifest) if one else Annotation()
    _fill(key, shown)
    for line in st.session_state.pop(UNSAVED, []):
        say_trouble("This was not saved.", line)
    with st.form(f"annotate-{key}", border=True):
        tagged, noted, saved = st.columns([3, 4, 1], vertical_alignment="bottom")
        tagged.multiselect(
            "Tags" if one else f"Tags to add to {len(chosen)} runs",
            sorted({*tags_of(the_shelf().cards(the_store())), *shown.tags}),
            accept_new_options=True,
            max_selections=MOST_TAGS,
            placeholder="type a new one or choose",
            key=f"tags-{key}",
        )
        noted.text_area(
            "Note" if one else "Note for all of them; empty: theirs stay",
            max_chars=LONGEST_NOTE,
            height=68,
            key=f"note-{key}",
        )
        shown_of = {entry.manifest.run: annotation_of(entry.manifest) for entry in chosen}
        saved.form_submit_button("Save", width="stretch", on_click=_save, args=(key, shown_of))


def _fill(key: str, shown: Annotation) -> None:
    """The form as it is stored, once, and again when that has changed."""
    if st.session_state.get(f"shown-{key}") != shown or f"note-{key}" not in st.session_state:
        st.session_state[f"tags-{key}"] = list(shown.tags)
        st.session_state[f"note-{key}"] = shown.note
    st.session_state[f"shown-{key}"] = shown


def _save(key: str, shown: Mapping[str, Annotation]) -> None:
    """Save a form that was filled in over what was shown; what is not saved is told of."""
    tags, note = st.session_state[f"tags-{key}"], st.session_state[f"note-{key}"]
    store, trouble = the_store(), []
    for run, before in shown.items():
        try:
            if key == "several":
                kept = before.note if not note.strip() else note
                wanted = Annotation(parse_tags([*before.tags, *tags]), parse_note(kept))
            else:
                wanted = Annotation(parse_tags(tags), parse_note(note))
            save_annotation(store, run, before, wanted)
        except StepscopeError as error:
            trouble.append(str(error))
    st.session_state[UNSAVED] = trouble
    if key == "several" and not trouble:
        st.session_state[f"tags-{key}"], st.session_state[f"note-{key}"] = [], ""


@st.dialog("Delete runs")
def confirm_delete(store: Store, chosen: Sequence[Entry]) -> None:
    """Say what goes and what stays, then do it or not."""
    from cache.upkeep import delete_runs

    pinned = [e for e in chosen if e.pinned]
    try:
        held = held_runs(store)
        judged = [e for e in chosen if e.manifest.run in held]
        runs = [e.manifest.run for e in chosen if not e.pinned and e not in judged]
        report = delete_runs(store, runs, dry_run=True)
    except StepscopeError as error:
        _say_not_deleted(error)
        return
    for entry in chosen[:8]:
        st.text(f"{entry.short}  {entry.words[:60]}")
    if len(chosen) > 8:
        st.text(f"and {len(chosen) - 8} more")
    if pinned:
        st.warning(f"{len(pinned)} of them pinned: they stay.")
    if judged:
        st.warning(f"{len(judged)} of them on a board: they stay until the board is archived.")
    st.write(
        f"This frees {report.freed_bytes / 1e6:.1f} MB. Steps that other runs share stay, and "
        "so do the other runs. It cannot be undone."
    )
    yes, no = st.columns(2)
    if yes.button("Delete", type="primary", disabled=not runs, key="yes", width="stretch"):
        try:
            delete_runs(store, runs, dry_run=False)
        except StepscopeError as error:
            _say_not_deleted(error)
            return
        rerun_page()
    if no.button("Keep", key="no", width="stretch"):
        rerun_page()


def _say_not_deleted(error: StepscopeError) -> None:
    say_trouble("Nothing was deleted.", str(error))
    if isinstance(error, PayloadError):
        st.caption(
            "While the manifest of another run cannot be read, nobody can tell which steps it "
            "needs. Delete that run first, with `python -m engine runs delete ID`, or let the "
            "System page drop what is damaged."
        )
