"""A click on a curve over the steps goes to that step; a box over it chooses the strip's steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.ui.export import show_figure
from dashboard.ui.link import params
from dashboard.ui.linked import link_positions

BRUSH = "span"  # in the URL: the steps that were brushed, as 3-12


def brushed(last: int) -> tuple[int, int] | None:
    """The first and last step of what was brushed, of 0 to ``last``; None where nothing was."""
    first, _, end = params.get(BRUSH, "").partition("-")
    if not (first.isdecimal() and end.isdecimal() and len(first) < 6 and len(end) < 6):
        params.pop(BRUSH, None)
        return None
    span = int(first), min(int(end), last)
    if span[0] >= span[1]:
        params.pop(BRUSH, None)
        return None
    return span


def offer_all_steps(span: tuple[int, int] | None) -> None:
    """Which steps the strip shows, and the way back to all."""
    if span is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"The strip shows steps {span[0]:d} to {span[1]:d}.", width="content")
            st.button("All steps", key="all-steps", type="tertiary", on_click=_forget)


def _forget() -> None:
    params.pop(BRUSH, None)


def _hear_box(event: Any, name: str, last: int) -> bool:
    """Whether a new box was drawn; its steps are in the URL then."""
    boxes = event.selection.get("box") if event else None
    ends = [float(x) for x in boxes[0].get("x", ())] if boxes else []
    memory = f"brushed-{name}"
    if len(ends) < 2 or ends == st.session_state.get(memory):
        return False
    st.session_state[memory] = ends
    first, end = max(0, math.ceil(min(ends))), min(last, math.floor(max(ends)))
    if first >= end:
        return False
    params[BRUSH] = f"{first}-{end}"
    return True


def show_over_steps(
    figure: go.Figure,
    *,
    name: str,
    last: int,
    data: Callable[[], pd.DataFrame] | None = None,
    step_of: Callable[[float], int] = round,
    brush: bool = False,
) -> None:
    """A figure whose x is the step, in the fragment of a player: its points are ways to it.

    ``step_of`` gives the slider's position of an x, where that is another. With ``brush`` a box
    drawn over it keeps its steps in the URL, for ``brushed``.
    """
    if brush:
        # where boxes are drawn Streamlit hears no click: the player does (linked.js)
        figure.update_layout(dragmode="select", selectdirection="h", meta={"steps": True})
        link_positions()
    else:  # a hand that slips clicks nothing away
        figure.update_xaxes(fixedrange=True)
        figure.update_yaxes(fixedrange=True)
    event = show_figure(figure, name=name, data=data, select=True, brush=brush)
    if brush and _hear_box(event, name, last):
        st.rerun(scope="fragment")
    points = event.selection.points if event and not event.selection.get("box") else []
    clicked = points[0].get("x") if points else None
    memory = f"stepped-{name}"
    if clicked is None or clicked == st.session_state.get(memory):
        return
    st.session_state[memory] = clicked
    step = step_of(float(clicked)) if isinstance(clicked, int | float) else -1
    if 0 <= step <= last:
        params["step"] = str(step)
        st.rerun(scope="fragment")
