"""What guidance trades: the frontier of score against diversity, and both against the scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.intervals import error_bars, measure_line
from dashboard.figures.point_labels import label_points
from dashboard.figures.template import INK, PAPER, SERIES, Mode, house_template

MEASURES = {
    "clip_score": "CLIP score (100 cos to the prompt)",
    "vendi": "Vendi score (1 to the number of seeds)",
    "clip_distance": "CLIP distance of two seeds (1 - cos)",
    "ssim_difference": "structural difference (1 - SSIM)",
    "pixel_distance": "pixel distance of two seeds (RMS, 0 to 1)",
}
SHORT = {
    "clip_score": "CLIP score",
    "vendi": "Vendi score",
    "clip_distance": "CLIP distance",
    "ssim_difference": "1 - SSIM",
    "pixel_distance": "pixel distance",
}
DIVERSITY = tuple(SHORT)[1:]
BARS = {"thickness": 1.5, "width": 5, "color": SERIES[7]}


def frontier(table: pd.DataFrame, *, diversity: str, chosen: float, mode: Mode) -> go.Figure:
    """CLIP score against a measure of diversity, one point a scale, joined in order of scale.

    ``table`` has a row a scale and measure (``image_guidance.measures``); customdata is the scale.
    """
    score, spread = _of(table, "clip_score"), _of(table, diversity)
    scales = score["guidance"].tolist()
    figure = go.Figure(
        go.Scatter(
            x=spread["mean"],
            y=score["mean"],
            error_x=error_bars(spread, **BARS),
            error_y=error_bars(score, **BARS),
            mode="lines+markers",
            line={"color": SERIES[0], "width": 2},
            marker={
                "size": [22 if scale == chosen else 16 for scale in scales],
                "color": [SERIES[1] if scale == chosen else SERIES[0] for scale in scales],
                "opacity": 1,
                "line": {"width": 2, "color": PAPER[mode]},
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            customdata=scales,
            text=_hovers(scales, (score, spread), ("clip_score", diversity)),
            hovertemplate="%{text}<extra></extra>",
        )
    )
    places = list(zip(spread["mean"], score["mean"], strict=True))
    label_points(figure, places, [f"{scale:g}" for scale in scales], mode=mode)
    figure.update_layout(
        template=house_template(mode), height=480, hovermode="closest", dragmode=False
    )
    said = "one point a guidance scale; bars: 95 % intervals"
    figure.add_annotation(
        text=said, x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
        showarrow=False, yshift=4,
    )  # fmt: skip
    figure.update_xaxes(title_text=f"{MEASURES[diversity]}  →  more different")
    figure.update_yaxes(title_text=MEASURES["clip_score"])
    return figure


def scale_curves(
    table: pd.DataFrame, names: Sequence[str], *, chosen: float, mode: Mode
) -> go.Figure:
    """Each measure against the guidance scale with its interval, one panel each, two abreast."""
    columns = min(2, max(1, len(names)))
    rows = max(1, -(-len(names) // columns))
    titles = [MEASURES[name] for name in names]
    figure = make_subplots(rows, columns, subplot_titles=titles, vertical_spacing=0.24)
    for place, name in enumerate(names):
        row, column = divmod(place, columns)
        part = _of(table, name)
        color = SERIES[0] if name == "clip_score" else SERIES[2]
        where = {"row": row + 1, "col": column + 1}
        figure.add_trace(_band(part, color), **where)
        figure.add_trace(
            go.Scatter(
                x=part["guidance"],
                y=part["mean"],
                mode="lines+markers",
                line={"color": color, "width": 3},
                marker={"size": 10},
                customdata=part["guidance"],
                text=_hovers(part["guidance"].tolist(), (part,), (name,)),
                hovertemplate="%{text}<extra></extra>",
            ),
            **where,
        )
        line = {"color": INK[mode], "width": 1, "dash": "dot"}
        figure.add_vline(x=chosen, line=line, **where)
    figure.update_xaxes(title_text="guidance scale")
    figure.update_layout(
        template=house_template(mode), height=60 + 330 * rows, showlegend=False, dragmode=False
    )
    figure.update_annotations(font={"size": 12, "color": INK[mode]})
    return figure


def _of(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    return table[table["measure"] == measure].sort_values("guidance")


def _band(part: pd.DataFrame, color: str) -> go.Scatter:
    known = part.dropna(subset=["low", "high"])
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return go.Scatter(
        x=np.concatenate([known["guidance"], known["guidance"][::-1]]),
        y=np.concatenate([known["high"], known["low"][::-1]]),
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.2)",
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def _hovers(
    scales: Sequence[float], parts: Sequence[pd.DataFrame], names: Sequence[str]
) -> list[str]:
    hovers = []
    for place, scale in enumerate(scales):
        lines = [f"guidance {scale:g}, {int(parts[0]['seeds'].iloc[place])} seeds"]
        lines += [
            measure_line(MEASURES[name], part.iloc[place])
            for part, name in zip(parts, names, strict=True)
        ]
        hovers.append("<br>".join(lines))
    return hovers
