"""A click on a curve over the steps goes to that step."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.ui.export import show_figure
from dashboard.ui.link import params


def show_over_steps(
    figure: go.Figure,
    *,
    name: str,
    last: int,
    data: Callable[[], pd.DataFrame] | None = None,
    step_of: Callable[[float], int] = round,
) -> None:
    """A figure whose x is the step, in the fragment of a player: its points are ways to it.

    ``step_of`` gives the slider's position of an x, where that is another.
    """
    event = show_figure(figure, name=name, data=data, select=True)
    points = event.selection.points if event else []
    clicked = points[0].get("x") if points else None
    memory = f"stepped-{name}"
    if clicked is None or clicked == st.session_state.get(memory):
        return
    st.session_state[memory] = clicked
    step = step_of(float(clicked)) if isinstance(clicked, int | float) else -1
    if 0 <= step <= last:
        params["step"] = str(step)
        st.rerun(scope="fragment")
