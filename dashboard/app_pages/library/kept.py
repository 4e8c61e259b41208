"""What was made of the runs that were found, kept for a visitor until others are found."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import streamlit as st

from dashboard.data.cards import Card

T = TypeVar("T")


def kept(name: str, found: Sequence[Card], facts: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` makes, kept while ``found`` is the very same list and the facts are equal."""
    held = st.session_state.get(f"library-kept-{name}")
    if held is None or held[0] is not found or held[1] != facts:
        held = st.session_state[f"library-kept-{name}"] = (found, facts, make())
    made: T = held[2]
    return made
