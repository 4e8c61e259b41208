"""A plan before it runs: for each run what is cached, shared and new, and what it will cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.data import plan_table, plans
from dashboard.ui.jobs import how_long
from dashboard.ui.stores import the_store
from engine.planner import Prediction

ROWS = 12


def show_plan(
    asked: plans.Request,
    standing: Sequence[plans.RunStanding],
    *,
    label: str,
    settings: Sequence[str] | None = None,
) -> bool:
    """The plan in one line and as a table of its runs; whether the button between was clicked.

    ``settings`` says what tells each run from the others; without it, its own settings do.
    """
    new = sum(each.new for each in standing)
    store = the_store()
    prediction = _predicted(asked, str(store.folder), asked.job_id, new)
    st.markdown(f"**Plan.** {plans.plan_line(asked, standing)}.")
    told = prediction.calls_told
    st.caption(f"{told[0].upper()}{told[1:]}. {how_long(asked, standing)}")
    clicked = st.button(label, type="primary", key="new-go")
    kin = plan_table.nearest_kin(store, asked.plans)
    table = plan_table.plan_table(asked, standing, kin, prediction.cells)
    if settings is not None:
        table["settings"] = list(settings)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height=38 + 35 * min(ROWS, len(table)),
        column_config={
            "run": st.column_config.TextColumn("Run", width="small"),
            "settings": st.column_config.TextColumn("Settings", width="large"),
            "steps": st.column_config.NumberColumn("Steps", width="small"),
            "cached": st.column_config.NumberColumn("Cached", width="small"),
            "shared": st.column_config.NumberColumn("Shared", width="small"),
            "new": st.column_config.NumberColumn("New", width="small"),
            "shared with": st.column_config.TextColumn("Shared with", width="medium"),
        },
    )
    return clicked


@st.cache_data(ttl=60, max_entries=64, show_spinner=False)
def _predicted(_asked: plans.Request, folder: str, job: str, new: int) -> Prediction:
    return plan_table.predicted(the_store(), _asked)
