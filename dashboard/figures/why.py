"""Which steps of a run were there already, and which were computed."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.template import INK, SERIES, Mode, house_template

THERE, COMPUTED = SERIES[7], SERIES[0]


def step_strip(makers: Sequence[str | None], *, step: int, mode: Mode) -> go.Figure:
    """One box a step, the start first; customdata is the step.

    ``makers`` names for every step the earlier run that has it; None: it was computed.
    """
    figure = go.Figure()
    for name, color, there in (("there already", THERE, True), ("computed", COMPUTED, False)):
        steps = [i for i, maker in enumerate(makers) if (maker is not None) == there]
        figure.add_bar(
            x=steps,
            y=[1] * len(steps),
            width=0.86,
            name=name,
            marker={"color": color},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            customdata=steps,
            text=[_hover(i, makers[i]) for i in steps],
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
    figure.update_xaxes(title_text="step", range=[-0.7, len(makers) - 0.3], showgrid=False)
    return figure


def _hover(step: int, maker: str | None) -> str:
    what = "the start" if step == 0 else f"step {step}"
    return f"{what}: computed" if maker is None else f"{what}: there from run {maker[:12]}"
