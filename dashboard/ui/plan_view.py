"""A plan before it runs: for each run what is cached, shared and new, and what it will cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.data import plan_table, plans
from dashboard.data.export import inert
from dashboard.ui.jobs import calls_line, how_long
from dashboard.ui.stores import the_store
from engine.requests.planner import Prediction

ROWS = 12


def show_plan(prediction: Prediction, *, label: str, settings: Sequence[str] | None = None) -> bool:
    """The plan in one line and as a table of its runs; whether the button between was clicked.

    ``settings`` says what tells each run from the others; without it, its own settings do.
    """
    st.markdown(f"**Plan.** {plans.plan_line(prediction)}.")
    st.caption(f"{calls_line(prediction)}{how_long(prediction)}")
    clicked = st.button(label, type="primary", key="new-go")
    kin = plan_table.nearest_kin(the_store(), [cell.planned for cell in prediction.cells])
    table = plan_table.plan_table(prediction.cells, kin)
    if settings is not None:
        table["settings"] = list(settings)
    st.dataframe(
        inert(table),
        hide_index=True,
        width="stretch",
        height=38 + 35 * min(ROWS, len(table)),
        column_config={
            "run": st.column_config.TextColumn("Run", width=75),
            "settings": st.column_config.TextColumn("Settings", width=360),
            "steps": st.column_config.NumberColumn("Steps", width=60),
            "cached": st.column_config.NumberColumn("Cached", width=65),
            "shared": st.column_config.NumberColumn("Shared", width=65),
            "new": st.column_config.NumberColumn("New", width=55),
            "shared with": st.column_config.TextColumn("Shared with", width=250),
        },
    )
    return clicked
