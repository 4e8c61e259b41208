"""Which run is looked at: from the URL, else chosen, else a way to make one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.library import described, first_words
from dashboard.ui.empty import offer_demo
from dashboard.ui.stores import the_store
from engine import stored_runs
from engine.records import Manifest

SHOWN = 200


def kind_of_link(kinds: Sequence[str], *, name: str = "run") -> str:
    """The kind of the URL's run where it is one of some kinds, else the one chosen on the page."""
    wanted, chosen = st.query_params.get(name), st.session_state.get(f"kind-of-{name}")
    if chosen is None and wanted:
        try:
            first = stored_runs.resolve(the_store(), wanted.split(",")[0])
            found = stored_runs.load_manifest(the_store(), first)
        except StepscopeError:
            found = None  # ``pick_run`` says that it is not here
        if found is not None and found.kind in kinds:
            st.session_state[f"kind-of-{name}"] = found.kind
    return str(
        st.segmented_control(
            "Kind",
            kinds,
            key=f"kind-of-{name}",
            default=None if f"kind-of-{name}" in st.session_state else kinds[0],
            format_func=str.capitalize,
            required=True,
            on_change=st.query_params.clear,
        )
    )


def pick_run(kind: str, *, label: str = "Run", name: str = "run") -> Manifest:
    """The chosen run of a kind; stops the page when there is none to choose.

    The URL's ``run`` comes first. A link to a run that this store has not says so plainly.
    """
    store = the_store()
    found = [m for m, _ in zip(stored_runs.manifests(store, kind=kind), range(SHOWN), strict=False)]
    if not found:
        offer_demo(kind)
        st.stop()
    wanted = st.query_params.get(name)
    chosen = _linked(wanted, kind, name) if wanted else None
    ids = [m.run for m in found]
    if chosen is not None and chosen.run not in ids:
        found, ids = [chosen, *found], [chosen.run, *ids]
    key = f"picked-{kind}-{name}"
    if chosen is not None and st.session_state.get(key) not in (None, chosen.run):
        st.session_state.pop(key)
    by_id = {m.run: m for m in found}
    picked = st.selectbox(
        label,
        ids,
        index=ids.index(chosen.run) if chosen else 0,
        format_func=lambda run: _label(by_id[run]),
        key=key,
        on_change=lambda: st.query_params.from_dict({name: st.session_state[key]}),
    )
    st.query_params[name] = picked[: stored_runs.SHORT]
    return by_id[picked]


def _linked(wanted: str, kind: str, name: str) -> Manifest | None:
    try:
        found = stored_runs.load_manifest(the_store(), stored_runs.resolve(the_store(), wanted))
    except StepscopeError:
        st.warning(
            f"The run of this link, {wanted[: stored_runs.SHORT]}, is not in this store. "
            "Import its capsule or compute it here; below is another run."
        )
        del st.query_params[name]
        return None
    if found.kind == kind:
        return found
    st.warning(
        f"The run of this link, {found.run[: stored_runs.SHORT]}, is of kind {found.kind}; "
        f"this page shows {kind}. Open it from the Library; below is another run."
    )
    del st.query_params[name]
    return None


def _label(manifest: Manifest) -> str:
    words = first_words(the_store(), manifest)
    short = manifest.run[:6]
    return f"{short}  {words[:70]}  ({described(manifest.spec)})"


def pick_beside(manifest: Manifest, family: list[Manifest]) -> Manifest | None:
    """Another seed of the same spec to stand beside a run, or none; kept in the URL."""
    others = {m.run: m for m in family if m.run != manifest.run}
    if not others:
        st.selectbox("Beside it", ["no other seed of this spec is here"], disabled=True)
        return None
    wanted = st.query_params.get("beside")
    linked = next((run for run in others if wanted and run.startswith(wanted)), None)
    if wanted and linked is None:
        st.warning(f"The run to stand beside, {wanted[: stored_runs.SHORT]}, is not here.")
        del st.query_params["beside"]
    ids: list[str | None] = [None, *others]
    picked = st.selectbox(
        "Beside it",
        ids,
        index=ids.index(linked),
        format_func=lambda run: "nothing" if run is None else _seed(others[run]),
        key=f"beside-{manifest.run}",
    )
    if picked is None:
        st.query_params.pop("beside", None)
        return None
    st.query_params["beside"] = picked[: stored_runs.SHORT]
    return others[picked]


def _seed(manifest: Manifest) -> str:
    return f"seed {manifest.spec.get('seed', 0)}: {first_words(the_store(), manifest)[:60]}"
