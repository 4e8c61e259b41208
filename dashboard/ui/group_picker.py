"""Which group of runs is looked at: from the URL, else the newest."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.groups import SHORT, Group, group_id
from dashboard.ui.link import params, rerun_page
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_shelf, the_store
from engine.chain.records import Manifest
from engine.requests.plans import AnySpec, plan

ID = re.compile(rf"[0-9a-f]{{{SHORT}}}")


def groups_of(kind: str, make: Callable[[list[Manifest]], list[Group]]) -> list[Group]:
    """The groups that all runs of a kind make, made anew when a run comes or goes."""
    store, shelf = the_store(), the_shelf()
    return shelf.derived(
        store, f"{make.__module__} {kind}", lambda _: make(shelf.manifests(store, kind))
    )


def pick_group(groups: Sequence[Group], *, label: str, line_of: Callable[[Group], str]) -> Group:
    """The chosen one of some groups, kept in the URL; a link to one that is not here says so."""
    by_id = {group.id: group for group in groups}
    wanted = params.get("group")
    if wanted is not None and wanted not in by_id:
        st.warning(
            f"The runs of this link, group {escaped(as_id(wanted))}, are not in this store. "
            "Import their capsule or compute them here; below are others."
        )
        del params["group"]
        wanted = None
    key = "picked-group"
    if wanted is not None:
        # set, never popped: the browser keeps what it shows for a widget whose value is popped
        st.session_state[key] = wanted
    held = st.session_state.get(key)
    if held not in by_id:
        held = st.session_state[key] = next(iter(by_id))
    # said once for as long as no run comes or goes: there may be a thousand groups
    said: dict[str, str] = the_shelf().derived(
        the_store(), f"lines {line_of.__module__} {line_of.__qualname__}", lambda _: {}
    )
    for group in groups:
        if group.id not in said:
            said[group.id] = line_of(group)
    st.selectbox(
        label, list(by_id), format_func=said.__getitem__, key=key, on_change=_keep, args=(key,)
    )
    # the browser answers with a label: one that has changed meanwhile is no group
    picked = st.session_state[key] if st.session_state[key] in by_id else str(held)
    params["group"] = picked
    return by_id[picked]


def _keep(key: str) -> None:
    """What was picked in the box, in the URL, and nothing that was said of the group before."""
    picked = str(st.session_state[key])
    if ID.fullmatch(picked):
        params.from_dict({**_kept(), "group": picked})


def _kept() -> dict[str, str]:
    """What is said of the page and not of a group: the views."""
    return {name: params[name] for name in ("view", "modality") if name in params}


def as_id(text: str) -> str:
    """The beginning of an id from a link, without whatever else a link may hold."""
    return "".join(c for c in text[:SHORT] if c in "0123456789abcdef") or "(none)"


def offer_group(
    specs: Sequence[AnySpec], *, varying: Sequence[str], known: Collection[str]
) -> None:
    """A button that shows the group some specs make, when it is here and not shown already."""
    if not specs:
        return
    try:
        planned = plan(specs[0])
    except StepscopeError:
        return  # the offer to compute them has said what is wrong
    name = group_id(planned.spec.facts(), planned.model.fingerprint, varying=varying)
    if name not in known or params.get("group") == name:
        return
    if st.button("Show this comparison", key="show-group"):
        params.from_dict({**_kept(), "group": name})
        rerun_page()
