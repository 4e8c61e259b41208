"""What control costs: how far controls are met against fluency, and both against strength."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.intervals import error_bars, measure_line
from dashboard.figures.point_labels import label_points
from dashboard.figures.template import INK, PAPER, SERIES, Mode, house_template

MEASURES = {
    "met": "controls met (0 to 1)",
    "fluency": "log-probability of a token (nats, plain model)",
}
MET_RANGE = (-0.06, 1.12)  # of shares, with room for points and labels at both ends
BARS = {"thickness": 1.5, "width": 5, "color": SERIES[7]}


def control_curve(table: pd.DataFrame, *, mode: Mode) -> go.Figure:
    """Controls met against fluency, one point a strength, joined in order of strength.

    ``table`` has a row a strength and measure (``text_control.data.measures``).
    """
    met, fluency = _of(table, "met"), _of(table, "fluency")
    strengths = [f"{strength:g}" for strength in met["strength"]]
    hovers = [
        "<br>".join(
            (
                f"strength {name}, {int(met['seeds'].iloc[i])} seeds",
                measure_line(MEASURES["met"], met.iloc[i]),
                measure_line(MEASURES["fluency"], fluency.iloc[i]),
            )
        )
        for i, name in enumerate(strengths)
    ]
    figure = go.Figure(
        go.Scatter(
            x=fluency["mean"],
            y=met["mean"],
            error_x=error_bars(fluency, **BARS),
            error_y=error_bars(met, **BARS),
            mode="lines+markers",
            cliponaxis=False,
            line={"color": SERIES[0], "width": 2},
            marker={"size": 15, "color": SERIES[0], "line": {"width": 2, "color": PAPER[mode]}},
            customdata=hovers,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_layout(template=house_template(mode), height=480, hovermode="closest")
    figure.update_xaxes(title_text=f"less fluent  ←  {MEASURES['fluency']}  →  more fluent")
    figure.update_yaxes(title_text=MEASURES["met"], range=MET_RANGE)
    places = list(zip(fluency["mean"], met["mean"], strict=True))
    label_points(figure, places, strengths, mode=mode)
    return figure


def strength_curves(table: pd.DataFrame, *, mode: Mode) -> go.Figure:
    """Each measure against the strength, with its interval."""
    figure = make_subplots(1, 2, subplot_titles=list(MEASURES.values()))
    for column, name in enumerate(MEASURES, start=1):
        part = _of(table, name)
        figure.add_trace(
            go.Scatter(
                x=part["strength"],
                y=part["mean"],
                error_y=error_bars(part, **BARS),
                mode="lines+markers",
                line={"color": SERIES[0 if name == "met" else 2], "width": 3},
                marker={"size": 10},
                hovertemplate="strength %{x:g}: %{y:.3f}<extra></extra>",
            ),
            row=1,
            col=column,
        )
    figure.update_xaxes(title_text="control strength")
    figure.update_layout(template=house_template(mode), height=400, showlegend=False)
    figure.update_annotations(font={"size": 14, "color": INK[mode]})
    return figure


def _of(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    return table[table["measure"] == measure].sort_values("strength")
