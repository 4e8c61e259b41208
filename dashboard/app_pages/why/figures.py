"""Which steps of a run were there already, and which were computed."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.template import INK, SERIES, Mode, house_template
from engine.chain.records import short_id

COLORS = {"there already": SERIES[7], "computed": SERIES[0], "not there yet": SERIES[4]}


def step_strip(table: pd.DataFrame, *, step: int, mode: Mode) -> go.Figure:
    """One box a step (a row of ``why.steps_table``), the start first; customdata is the step."""
    figure = go.Figure()
    for name, color in COLORS.items():
        rows = table[table["was"] == name]
        steps = rows["step"].tolist()
        figure.add_bar(
            x=steps,
            y=[1] * len(steps),
            width=0.86,
            name=name,
            marker={"color": color},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            customdata=steps,
            text=[_hover(*row) for row in rows.itertuples(index=False, name=None)],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    figure.add_shape(
        type="rect", x0=step - 0.5, x1=step + 0.5, y0=-0.04, y1=1.04,
        line={"color": INK[mode], "width": 3},
    )  # fmt: skip
    figure.update_layout(
        template=house_template(mode),
        height=190,
        barmode="overlay",
        showlegend=True,
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_yaxes(visible=False, range=[-0.1, 1.1])
    figure.update_xaxes(title_text="step", range=[-0.7, len(table) - 0.3], showgrid=False)
    return figure


def _hover(step: int, was: str, maker: str) -> str:
    what = "the start" if step == 0 else f"step {step}"
    return (
        f"{what}: there from run {short_id(maker)}" if was == "there already" else f"{what}: {was}"
    )
