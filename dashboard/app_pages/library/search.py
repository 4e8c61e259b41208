"""The runs that the Library shows: found, without those that are folded away, in order."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.library.data import in_order
from dashboard.app_pages.library.filters import Shown
from dashboard.app_pages.library.kept import kept
from dashboard.app_pages.library.measures import MEASURES, Measured, Measures
from dashboard.data.cards import Card
from dashboard.data.probes import Folded
from dashboard.data.shelf import Wanted
from dashboard.ui.finding import found
from dashboard.ui.stores import the_shelf, the_store


@st.cache_resource(max_entries=4, show_spinner=False)
def _measures(folder: str) -> Measures:
    return Measures()


def measured(runs: Sequence[Card]) -> Measured:
    """What can be read of some runs beyond their settings; read once for every visitor."""
    store = the_store()
    with st.spinner("Reading what was measured", show_time=True):
        return _measures(str(store.folder)).of(store, the_shelf(), runs)


def runs_to_show(wanted: Wanted, shown: Shown, away: Folded) -> tuple[list[Card], int]:
    """The runs that are looked for, in order, and how many more are folded away."""
    every = found(wanted)
    # a grid's cells are in its one line
    hidden = away.runs - away.cells if shown.together else away.runs
    runs = every
    if hidden and not shown.folded_too:
        runs = kept("open", every, hidden, lambda: [c for c in every if c.run not in hidden])
    return _ordered(runs, shown), len(every) - len(runs)


def _ordered(runs: list[Card], shown: Shown) -> list[Card]:
    if shown.by in MEASURES:
        values = measured(runs).get(shown.by, {})
        return in_order(runs, shown.by, up=shown.up, measured=values)
    return kept("order", runs, (shown.by, shown.up), lambda: in_order(runs, shown.by, up=shown.up))
