"""Results of votes with their intervals, as Plotly figures."""

from __future__ import annotations

from collections.abc import Sequence

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


MARKED, CHOSEN = "#d55e00", "#0072b2"  # of the palette: seen on light and on dark pictures
SIDE = 460  # pixels of a picture's height
Box = tuple[float, float, float, float]  # left, top, width, height in shares of the picture
Point = tuple[float, float]
GRID_SIDE = 24  # points a side that a drawn box can catch


def region_figure(picture: str, marks: Sequence[tuple[str, Box, bool]], *, mode: Mode) -> go.Figure:
    """A picture with its marked regions, each by its number; a box can be drawn on it.

    ``picture`` is a data URI; marks are (number, box, whether it is the one looked at). A
    browser tells of a box only where it catches points: an invisible grid of them lies over it.
    """
    figure = new_figure(mode=mode, title="", height=SIDE)
    places = [(i + 0.5) / GRID_SIDE for i in range(GRID_SIDE)]
    figure.add_scatter(
        x=[x for x in places for _ in places], y=places * GRID_SIDE, mode="markers",
        marker={"size": 8, "opacity": 0}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.add_layout_image(
        source=picture, xref="x", yref="y", x=0, y=0, sizex=1, sizey=1, sizing="stretch",
        layer="below",
    )  # fmt: skip
    for number, (x, y, w, h), chosen in marks:
        colour = CHOSEN if chosen else MARKED
        figure.add_shape(
            type="rect", x0=x, x1=x + w, y0=y, y1=y + h,
            line={"color": colour, "width": 4 if chosen else 2},
        )  # fmt: skip
        _number(figure, number, x, y, colour)
    figure.update_xaxes(range=[0, 1], visible=False, constrain="domain")
    figure.update_yaxes(range=[1, 0], visible=False, scaleanchor="x", constrain="domain")
    figure.update_layout(dragmode="select", margin={"l": 0, "r": 0, "t": 0, "b": 0})
    return figure


def curve_figure(
    table: pd.DataFrame,
    marks: Sequence[tuple[str, Point, bool]],
    *,
    title: str,
    axis: str,
    mode: Mode,
) -> go.Figure:
    """A value over the steps, its marked points by their numbers; columns: step, value."""
    figure = new_figure(mode=mode, title=title, height=260)
    figure.add_scatter(
        x=table["step"], y=table["value"], mode="lines+markers", line={"color": SERIES[0]},
        marker={"size": 10}, showlegend=False, hovertemplate="step %{x}: %{y:.3g}<extra></extra>",
    )  # fmt: skip
    for number, (x, y), chosen in marks:
        colour = CHOSEN if chosen else MARKED
        figure.add_scatter(
            x=[x], y=[y], mode="markers", showlegend=False, hoverinfo="skip",
            marker={"size": 18, "symbol": "circle-open", "color": colour, "line": {"width": 3}},
        )  # fmt: skip
        _number(figure, number, x, y, colour)
    figure.update_xaxes(title_text="step")
    figure.update_yaxes(title_text=axis, rangemode="tozero")
    return figure


def _number(figure: go.Figure, number: str, x: float, y: float, colour: str) -> None:
    figure.add_annotation(
        x=x, y=y, text=as_text(number), showarrow=False, xanchor="left", yanchor="bottom",
        font={"color": "#ffffff", "size": 13}, bgcolor=colour, borderpad=3,
    )  # fmt: skip
