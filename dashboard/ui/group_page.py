"""A page on groups of runs: one is chosen and shown, and a form below makes more of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.data.groups import Group
from dashboard.ui.group_picker import offer_group, pick_group
from dashboard.ui.jobs import compute_box
from engine.requests.plans import AnySpec


def show_groups(
    groups: Sequence[Group],
    *,
    label: str,
    line_of: Callable[[Group], str],
    show: Callable[[Group], None],
    ask: Callable[[Mapping[str, Any]], Sequence[AnySpec]],
    varying: Sequence[str],
    key: str,
    more: str,
    nothing: str,
) -> None:
    """The chosen group and the form for another; the form alone while there is no group.

    ``ask`` is given the fields to start from, offers what is typed under ``key`` and returns its
    specs, whose group can then be shown. ``varying`` are the fields in which a group's runs differ.
    """
    if not groups:
        st.info(nothing)
        ask({})
        return
    group = pick_group(groups, label=label, line_of=line_of)
    show(group)
    with compute_box(more, key=key):
        specs = ask(group.shared)
        offer_group(specs, varying=varying, known={each.id for each in groups})
