"""Clicks on figures: each is heard once, so that links and other widgets may choose too."""

from __future__ import annotations

from typing import Any

import streamlit as st


def new_click(event: Any, name: str) -> Any:
    """The customdata of a click that was not heard before; None otherwise.

    A selection stays in a figure's state over reruns; ``name`` tells one figure's from another's.
    """
    points = event.selection.points if event else []
    clicked = next((point["customdata"] for point in points if "customdata" in point), None)
    while isinstance(clicked, list) and len(clicked) == 1:
        clicked = clicked[0]
    memory = f"clicked-{name}"
    if clicked == st.session_state.get(memory):
        return None
    st.session_state[memory] = clicked
    return clicked
