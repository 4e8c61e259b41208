"""What somebody looks for in the Library, and how it is shown; all of it in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app_pages.library.data import MADE, NEWEST
from dashboard.app_pages.library.data import PAGE as CARDS
from dashboard.app_pages.library.measures import MEASURES
from dashboard.data.probes import Folded
from dashboard.data.shelf import PAGE, STATES, Wanted
from dashboard.data.shelf_table import Choices
from dashboard.ui.choices import url_choice, url_select, url_toggle
from dashboard.ui.finding import HINT, LONGEST, sound
from dashboard.ui.library_actions import offer_import
from dashboard.ui.link import params
from dashboard.ui.plain import escaped
from dashboard.ui.state import choices_from_url, number_from_url, on_phone

SOUGHT = "library-sought"  # in the session: what the page shown is a page of
VIEWS = ("Gallery", "Table")


@dataclass(frozen=True, slots=True)
class Shown:
    """How the runs are shown: as cards or lines, in which order, alone or by experiment."""

    table: bool
    by: str  # a setting, a measure, or MADE
    up: bool
    together: bool
    folded_too: bool


def pick_filters(there: Choices) -> tuple[Wanted, str]:
    """The search, the filters and the view; a link's values that are not here are named."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = _words()
        wanted = _filters(there, text)
        view = url_choice("View", "view", VIEWS, key="library-view")
        if view == VIEWS[0]:
            params.pop("view", None)
    sound(text)
    return wanted, view


def _filters(there: Choices, text: str) -> Wanted:
    asked = sum(bool(params.get_all(name)) for name in ("kind", "model", "tag", "show"))
    label = f"Filters: {asked:d}" if asked else "Filters"
    with st.popover(label, key="library-filters"):
        return Wanted(
            kinds=_choices("Kind", "kind", there.kinds),
            models=_choices("Model", "model", there.models),
            tags=_choices("Tags", "tag", there.tags),
            states=_states(),
            text=text,
        )


def pick_shown(settings: Sequence[str], view: str, folded: Folded) -> Shown:
    """How the runs are sorted and put together; ``settings`` are those that tell some apart."""
    names = {MADE: NEWEST[MADE], **{name: name.replace("_", "-") for name in settings}, **MEASURES}
    box: DeltaGenerator
    if on_phone():  # the runs are to be seen, not what sorts them
        box = st.popover("Sort and group", key="library-order")
    else:
        box = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    with box:
        with st.container(width=250):
            by = url_select(
                st, "Sort by", "sort", list(names), key="library-sort", usual=MADE,
                shown=lambda name: f"Sort by {names.get(name, name)}", folded=True,
            )  # fmt: skip
        if by == MADE:
            params.pop("sort", None)
        up = url_toggle("Smallest first" if by != MADE else "Oldest first", "up", key="library-up")
        together = url_toggle(
            "By experiment", "together", key="library-together",
            hint="Runs that differ in seeds, guidance, temperatures or words alone, as one.",
        )  # fmt: skip
        folded_too = _ask_folded(folded)
    return Shown(view == VIEWS[1], by, up, together, folded_too)


def _ask_folded(folded: Folded) -> bool:
    if not folded.runs:
        params.pop("folded", None)
        return False
    counted = (
        (len(folded.hidden_words), "texts of a Calibration"),
        (len(folded.continuations), "continuations of a point of no return"),
        (len(folded.cells), "seeds of large grids, whose first seeds are shown"),
        (len(folded.embedded), "embeddings of pictures that CLIP measures"),
    )
    hint = "; ".join(f"{count:,d} {what}" for count, what in counted if count)
    count = len(folded.runs)
    return url_toggle(
        f"Also runs of measurements ({count:,d})", "folded", key="library-folded",
        hint=escaped(f"Runs that measurements ask for by the dozen: {hint}."),
    )  # fmt: skip


def pick_page(count: int, sought: object, most: int, counted: str) -> slice:
    """Which of the ``count`` runs that were found are on the page; the first of another search."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(escaped(counted), width="content")
        page = _pick_page(count, sought, most)
        st.space("stretch")
        offer_import()
    return page


def _pick_page(count: int, sought: object, most: int) -> slice:
    pages = max(1, -(-count // most))
    if st.session_state.get(SOUGHT, sought) != sought:
        st.session_state["page"] = 1
    st.session_state[SOUGHT] = sought
    linked = 1
    if "page" not in st.session_state:
        linked = number_from_url("page", 1, pages) or 1
    elif st.session_state["page"] > pages:
        st.session_state["page"] = pages
    page = st.session_state.get("page", linked)
    if pages > 1:
        page = st.pagination(pages, default=linked, key="page")
    _keep("page", [str(page)] if page > 1 else [])
    return slice((page - 1) * most, page * most)


def page_size(shown: Shown) -> int:
    """How many runs are on a page."""
    return PAGE if shown.table else CARDS


def _words() -> str:
    if "find" in params:
        st.session_state["find"] = params["find"][:LONGEST]
    st.session_state.setdefault("find", "")
    text = st.text_input(
        "Find", placeholder="words, guidance=4, seed<8, tag:good, made=today, an id", key="find",
        max_chars=LONGEST, help=HINT, on_change=_put, args=("find",), persist_state="session",
    )  # fmt: skip
    _put("find")
    return text or ""


def _choices(label: str, name: str, options: Sequence[str]) -> list[str]:
    _take(name, options)
    # a model or a tag may have gone since it was chosen
    st.session_state[name] = [value for value in st.session_state[name] if value in options]
    chosen = st.multiselect(
        label, options, key=name, placeholder="all", disabled=not options, on_change=_put,
        args=(name,), persist_state="session", filter_mode="contains",
    )  # fmt: skip
    _put(name)
    return list(chosen)


def _states() -> list[str]:
    _take("show", STATES)
    chosen = st.pills(
        "Only",
        STATES,
        selection_mode="multi",
        key="show",
        format_func=str.capitalize,
        help="Complete: the last step is stored. Nothing chosen: all.",
        on_change=_put,
        args=("show",),
        persist_state="session",
    )
    _put("show")
    return list(chosen)


def _take(name: str, options: Sequence[str]) -> None:
    if name in params:
        st.session_state[name] = choices_from_url(name, options)
    st.session_state.setdefault(name, [])


def _put(name: str) -> None:
    """What a filter holds now, in the URL; for its ``on_change``."""
    held = st.session_state[name]
    _keep(name, [held] if isinstance(held, str) else held or [])


def _keep(name: str, values: Sequence[str]) -> None:
    if any(values):
        params[name] = list(values)
    else:
        params.pop(name, None)
