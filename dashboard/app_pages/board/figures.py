"""Results of votes with their intervals, as Plotly figures."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.intervals import error_bars, measure_line
from dashboard.figures.template import GRID, SERIES, Mode, as_text, new_figure

ROW = 44  # pixels of height of a row
HEAD = 150


def interval_figure(
    table: pd.DataFrame,
    *,
    title: str,
    axis: str,
    mode: Mode,
    bounds: tuple[float, float] | None = None,
    middle: float | None = None,
) -> go.Figure:
    """A row a name, its value as a point with its 95 % interval; ``middle`` is drawn as a line."""
    rows = table.iloc[::-1]  # Plotly counts from below
    names = [as_text(name) for name in rows["name"]]
    height = HEAD + ROW * max(1, len(rows))
    figure = new_figure(mode=mode, title=title, height=height)
    hover = [
        f"{measure_line(name, row)}<br>{row['votes']:g} votes"
        for name, (_, row) in zip(names, rows.iterrows(), strict=True)
    ]
    figure.add_scatter(
        x=rows["mean"],
        y=names,
        mode="markers",
        marker={"size": 12, "color": SERIES[0]},
        error_x=error_bars(rows, color=SERIES[0], thickness=2, width=6),
        hovertext=hover,
        hoverinfo="text",
        showlegend=False,
    )
    if middle is not None:
        figure.add_vline(x=middle, line={"color": GRID[mode], "width": 2, "dash": "dash"})
    figure.update_xaxes(title_text=axis, range=bounds)
    figure.update_yaxes(type="category")
    return figure
