"""Which runs are compared: two to sixteen of a kind, from the URL or chosen with search."""

from __future__ import annotations

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.compare import data
from dashboard.data.library import in_common
from dashboard.data.probes import greedy_template
from dashboard.ui.empty import offer_demo
from dashboard.ui.link import params, stop_page
from dashboard.ui.plain import escaped
from dashboard.ui.run_picker import find_in_box, run_labels
from dashboard.ui.stores import the_shelf, the_store
from engine.chain import manifests
from engine.chain.records import Manifest, short_id
from engine.chain.wording import counted

KINDS = ("text", "image", "corruption")
KIND, TAKEN = "compared-kind", "compared-link"


def pick_runs() -> list[Manifest]:
    """The runs to compare, fewer than two while they are being chosen; kept in the URL's ``runs``.

    Stops the page when there is no run of the kind at all.
    """
    linked = _take_link()
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Choose the runs", key="compared"):
            picked = _ask_runs(linked)
        if picked:
            st.text(f"{counted(len(picked), 'run')}: {in_common(picked)}", width="stretch")
        if len(picked) > 1:
            st.button(
                "Swap" if len(picked) == 2 else "Next one first",
                key="compared-turn",
                help="The others are compared to the first, which goes to the end",
                on_click=_turn,
                args=(f"compared-{picked[0].kind}",),
            )
    return picked


def _ask_runs(linked: list[Manifest]) -> list[Manifest]:
    kind = str(
        st.segmented_control(
            "Kind", KINDS, key=KIND, default=_default(KIND, KINDS[0]), format_func=str.capitalize,
            required=True, on_change=_another_kind,
        )
    )  # fmt: skip
    store, key = the_store(), f"compared-{kind}"
    cards = the_shelf().runs(store, kind)
    if not cards:
        offer_demo(kind)
        stop_page()
    listed, boxed = find_in_box(kind, key=key, under=True)
    usual = [run.run for run in listed if not greedy_template(run.spec)][:2]
    usual = usual or [run.run for run in cards[:2]]
    there = [run.run for run in linked if run.kind == kind]
    chosen = st.session_state.get(key, there or usual)
    chosen = [run for run in chosen if store.has(manifests.run_key(run))]
    st.session_state[key] = chosen
    ids = list(dict.fromkeys([*chosen, *(card.run for card in listed)]))
    labels = run_labels(ids, settings_first=True)
    with boxed:
        picked = st.multiselect(
            "Runs, two to sixteen; the others are compared to the first",
            ids,
            format_func=lambda run: labels.get(run, run),
            max_selections=data.MOST,
            filter_mode=None,
            wrap=True,
            key=key,
        )
    params["runs"] = ",".join(short_id(run) for run in picked)
    st.session_state[TAKEN] = params.get("runs", "")
    return [manifests.load(store, run) for run in picked if run in ids]


def _turn(key: str) -> None:
    """The second run is the first one now, and the first the last."""
    first, *others = st.session_state[key]
    st.session_state[key] = [*others, first]


def _another_kind() -> None:
    """Nothing of the link holds for runs of another kind."""
    params.clear()


def _take_link() -> list[Manifest]:
    """The runs of a link that was not taken yet, put on the form; says which are not here."""
    wanted = params.get("runs", "")
    if not wanted or wanted == st.session_state.get(TAKEN):
        return _of_form()
    linked, lost = [], []
    for short in dict.fromkeys(filter(None, wanted.split(","))):
        try:
            run = manifests.resolve(the_store(), short)
            linked.append(manifests.load(the_store(), run))
        except StepscopeError:
            lost.append(short_id(short))
    kinds = [m.kind for m in linked if m.kind in KINDS]
    same = [m for m in linked if kinds and m.kind == kinds[0]]
    _say_lost(lost, [m for m in linked if m not in same])
    if len(same) > data.MOST:
        st.warning(f"The link names {len(same)} runs; the first {data.MOST} are compared.")
    if same:
        st.session_state[KIND] = same[0].kind
        st.session_state[f"compared-{same[0].kind}"] = [m.run for m in same[: data.MOST]]
    return same[: data.MOST]


def _of_form() -> list[Manifest]:
    """The runs on the form, which may be older than those that are listed."""
    kind = st.session_state.get(KIND)
    return [
        manifests.load(the_store(), run)
        for run in st.session_state.get(f"compared-{kind}", [])
        if the_store().has(manifests.run_key(run))
    ]


def _say_lost(lost: list[str], others: list[Manifest]) -> None:
    if lost:
        many = "are" if len(lost) > 1 else "is"
        st.warning(
            f"Of this link's runs, {escaped(', '.join(lost))} {many} not in this store. "
            "Import the capsule or compute it here."
        )
    if others:
        named = ", ".join(f"{m.short} ({m.kind})" for m in others)
        st.warning(f"Only runs of one kind are compared; left out: {escaped(named)}.")


def _default(key: str, value: str) -> str | None:
    """A widget's default, unless its state is set: Streamlit takes one of the two."""
    return None if key in st.session_state else value
