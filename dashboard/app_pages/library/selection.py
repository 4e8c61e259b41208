"""Which runs are selected, over pages, views and searches, until they are no more."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.store import Store
from dashboard.data.cards import Card
from dashboard.data.shelf import Shelf

SELECTED = "library-selected"  # in the session: ids, in the order they were chosen


def selected() -> list[str]:
    """The ids of the selected runs, in the order in which they were selected."""
    return list(st.session_state.get(SELECTED, ()))


def select(run: str, on: bool) -> None:
    """Select a run, or no more."""
    others = [each for each in selected() if each != run]
    st.session_state[SELECTED] = [*others, run] if on else others


def select_none() -> None:
    """Select nothing."""
    st.session_state[SELECTED] = []


def selected_cards(store: Store, shelf: Shelf) -> Sequence[Card]:
    """The cards of the selected runs; those that are gone are selected no more."""
    known = shelf.by_run(store)
    there = [run for run in selected() if run in known]
    st.session_state[SELECTED] = there
    return [known[run] for run in there]
