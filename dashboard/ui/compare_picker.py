"""Which runs are compared: two to four of a kind, from the URL or chosen with search."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data import compare
from dashboard.data.library import described, first_words
from dashboard.ui.empty import offer_demo
from dashboard.ui.stores import the_store
from engine import stored_runs
from engine.records import Manifest

KINDS = ("text", "image", "corruption")
LISTED = 400
KIND, TAKEN = "compared-kind", "compared-link"


def pick_runs() -> list[Manifest]:
    """The runs to compare, fewer than two while they are being chosen; kept in the URL's ``runs``.

    Stops the page when there is no run of the kind at all.
    """
    linked = _take_link()
    kind = str(
        st.segmented_control(
            "Kind", KINDS, key=KIND, default=_default(KIND, KINDS[0]), format_func=str.capitalize,
            required=True,
        )
    )  # fmt: skip
    store = the_store()
    listed = list(islice(stored_runs.manifests(store, kind=kind), LISTED))
    known = {m.run: m for m in [*listed, *linked] if m.kind == kind}
    if not known:
        offer_demo(kind)
        st.stop()
    key = f"compared-{kind}"
    chosen = st.session_state.get(key, list(known)[:2])
    st.session_state[key] = _still_there(chosen, known)
    picked = st.multiselect(
        "Runs, two to four; the others are compared to the first. Type to search.",
        list(known),
        format_func=lambda run: _label(str(store.folder), run),
        max_selections=compare.MOST,
        key=key,
    )
    st.query_params["runs"] = ",".join(run[: stored_runs.SHORT] for run in picked)
    st.session_state[TAKEN] = st.query_params["runs"]
    return [known[run] for run in picked]


def _take_link() -> list[Manifest]:
    """The runs of a link that was not taken yet, put on the form; says which are not here."""
    wanted = st.query_params.get("runs", "")
    if not wanted or wanted == st.session_state.get(TAKEN):
        return _of_form()
    found, lost = [], []
    for short in dict.fromkeys(filter(None, wanted.split(","))):
        try:
            run = stored_runs.resolve(the_store(), short)
            found.append(stored_runs.load_manifest(the_store(), run))
        except StepscopeError:
            lost.append(short[: stored_runs.SHORT])
    kinds = [m.kind for m in found if m.kind in KINDS]
    same = [m for m in found if kinds and m.kind == kinds[0]]
    _say_lost(lost, [m for m in found if m not in same])
    if len(same) > compare.MOST:
        st.warning(f"The link names {len(same)} runs; the first {compare.MOST} are compared.")
    if same:
        st.session_state[KIND] = same[0].kind
        st.session_state[f"compared-{same[0].kind}"] = [m.run for m in same[: compare.MOST]]
    return same[: compare.MOST]


def _of_form() -> list[Manifest]:
    """The runs on the form, which may be older than those that are listed."""
    kind = st.session_state.get(KIND)
    return [
        stored_runs.load_manifest(the_store(), run)
        for run in st.session_state.get(f"compared-{kind}", [])
        if the_store().has(stored_runs.run_key(run))
    ]


def _say_lost(lost: list[str], others: list[Manifest]) -> None:
    if lost:
        many = "are" if len(lost) > 1 else "is"
        st.warning(
            f"Of this link's runs, {', '.join(lost)} {many} not in this store. "
            "Import the capsule or compute it here."
        )
    if others:
        told = ", ".join(f"{m.run[: stored_runs.SHORT]} ({m.kind})" for m in others)
        st.warning(f"Only runs of one kind are compared; left out: {told}.")


def _still_there(chosen: list[str], known: dict[str, Manifest]) -> list[str]:
    return [run for run in chosen if run in known]


def _default(key: str, value: str) -> str | None:
    """A widget's default, unless its state is set: Streamlit takes one of the two."""
    return None if key in st.session_state else value


@st.cache_data(ttl=20, max_entries=2000, show_spinner=False)
def _label(folder: str, run: str) -> str:
    try:
        manifest = stored_runs.load_manifest(the_store(), run)
    except StepscopeError:
        return run[: stored_runs.SHORT]
    words = first_words(the_store(), manifest)
    return f"{run[:6]}  {words[:48]}  ({described(manifest.spec)})"
