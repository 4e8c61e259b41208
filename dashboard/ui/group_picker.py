"""Which group of runs is looked at: from the URL, else the newest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import streamlit as st

from dashboard.data.groups import SHORT, Group, group_id
from engine.plans import AnySpec, plan


def pick_group(found: Sequence[Group], *, label: str, told: Callable[[Group], str]) -> Group:
    """The chosen one of some groups, kept in the URL; a link to one that is not here says so."""
    by_id = {group.id: group for group in found}
    wanted = st.query_params.get("group")
    if wanted is not None and wanted not in by_id:
        st.warning(
            f"The runs of this link, group {as_id(wanted)}, are not in this store. "
            "Import their capsule or compute them here; below are others."
        )
        del st.query_params["group"]
        wanted = None
    key = "picked-group"
    if wanted is not None and st.session_state.get(key) not in (None, wanted):
        st.session_state.pop(key)
    if st.session_state.get(key) not in by_id:
        st.session_state.pop(key, None)
    picked = st.selectbox(
        label,
        list(by_id),
        index=list(by_id).index(wanted) if wanted else 0,
        format_func=lambda name: told(by_id[name]),
        key=key,
        on_change=lambda: st.query_params.from_dict({"group": st.session_state[key]}),
    )
    st.query_params["group"] = picked
    return by_id[picked]


def as_id(text: str) -> str:
    """The beginning of an id from a link, without whatever else a link may hold."""
    return "".join(c for c in text[:SHORT] if c in "0123456789abcdef") or "(none)"


def offer_group(
    specs: Sequence[AnySpec], *, varying: Sequence[str], known: Collection[str]
) -> None:
    """A button that shows the group some specs make, when it is here and not shown already."""
    if not specs:
        return
    planned = plan(specs[0])
    name = group_id(planned.spec.facts(), planned.found.fingerprint, varying=varying)
    if name not in known or st.query_params.get("group") == name:
        return
    if st.button("Show this comparison", key="show-group"):
        st.query_params.from_dict({"group": name})
        st.rerun()
