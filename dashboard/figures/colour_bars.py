"""Colour bars on their side, beneath what they explain: where there is little width to spare."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

THICK = 12  # pixels of a bar
ROOM = 78  # pixels of a bar with its title and its numbers
OFF = 8  # of them, above its title
GAP = 14  # pixels between a bar and the next row
NUMBERS, TITLE, WORDS = 26, 30, 64  # pixels below an axis for its numbers, its title, its words
BESIDE = 62  # pixels left of an axis with numbers and a title
LINE = 22  # pixels of a further line of a title
LETTER = 9  # pixels of a letter of a title
Bars = list[tuple[Any, list[Any]]]  # a bar, and the maps that it explains


def bars_beneath(figure: go.Figure, width: float) -> go.Figure:
    """A figure of so many pixels' width whose maps have it all: each colour bar lies below its row.

    Maps whose axes have one scale grow to the width that they are given, others keep their height.
    A figure without a colour bar, and one with a legend at its foot, as it is.
    """
    if not _bars(figure) or _legend_below(figure):
        return figure
    drawn = go.Figure(figure, skip_invalid=True)
    layout, bars = drawn.layout, _bars(drawn)
    maps = [trace for trace in drawn.data if trace.type == "heatmap"]
    rows = sorted({_rows_of(layout, trace) for trace in maps}, reverse=True)
    in_row = [[trace for trace in maps if _rows_of(layout, trace) == row] for row in rows]
    panels = {row: [y for y in drawn.select_yaxes() if _domain(y) == row] for row in rows}
    margin, usual = layout.margin, layout.template.layout.margin
    top = next(each for each in (margin.t, usual.t, 50) if each is not None)
    foot = next(each for each in (margin.b, usual.b, 50) if each is not None)
    plot = (layout.height or 450) - top - foot
    high = [
        _square(layout, row, width) or plot * (r[1] - r[0])
        for row, r in zip(in_row, rows, strict=True)
    ]
    axes = [max(_below(layout, trace) for trace in row) for row in in_row]
    for bar, explained in bars:
        _lay(bar, layout, explained, width)
    needed = [
        max((_room(bar) for bar, explained in bars if _shares(row, explained)), default=0)
        for row in in_row
    ]
    below = [a + b for a, b in zip(axes, needed, strict=True)]
    paper = sum(high) + sum(each + GAP for each in below[:-1])
    edge = paper
    for row, tall, axis, room in zip(in_row, high, axes, below, strict=True):
        for y in panels[_rows_of(layout, row[0])]:
            y.domain = (max(0.0, (edge - tall) / paper), edge / paper)
        for bar, explained in bars:
            if _shares(row, explained):
                bar.y = (edge - tall - axis - OFF) / paper
        edge -= tall + room + GAP
    drawn.update_layout(height=round(top + paper + below[-1]), margin={"t": top, "b": below[-1]})
    return drawn


def _rows_of(layout: Any, trace: Any) -> tuple[float, float]:
    """The share of the height that a map's axis takes."""
    return _domain(layout[_axis(trace.yaxis, "y")])


def _domain(axis: Any) -> tuple[float, float]:
    low, high = axis.domain or (0.0, 1.0)
    return low, high


def _bars(figure: go.Figure) -> Bars:
    """The bars that are shown; those of a colour axis explain several maps."""
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    alone = [(t.colorbar, [t]) for t in maps if t.coloraxis is None and t.showscale is not False]
    shared = [
        (figure.layout[name].colorbar, [trace for trace in maps if trace.coloraxis == name])
        for name in sorted({trace.coloraxis for trace in maps if trace.coloraxis})
        if figure.layout[name].showscale is not False
    ]
    return alone + shared


def _room(bar: Any) -> int:
    lines = str(bar.title.text).count("<br>")
    return ROOM + LINE * lines


def _lay(bar: Any, layout: Any, explained: list[Any], width: float) -> None:
    domains = [layout[_axis(trace.xaxis, "x")].domain or (0, 1) for trace in explained]
    left, right = min(a for a, _ in domains), max(b for _, b in domains)
    beside = max(_beside(layout, trace) for trace in explained)
    letters = max(8, int((right - left) * (width - beside) / LETTER))
    said = "<br>".join(textwrap.wrap((bar.title.text or "").replace("<br>", " "), letters))
    bar.update(
        orientation="h", x=(left + right) / 2, xanchor="center", len=right - left,
        lenmode="fraction", yanchor="top", thickness=THICK, ypad=4, nticks=5,
        title={"text": said, "side": "top"},
    )  # fmt: skip


def _square(layout: Any, row: list[Any], width: float) -> float | None:
    """The height of a row of maps whose cells are square, if they are."""
    tall: list[float] = []
    for trace in row:
        x, y = layout[_axis(trace.xaxis, "x")], layout[_axis(trace.yaxis, "y")]
        if not (x.scaleanchor or y.scaleanchor):
            return None
        domain = x.domain or (0, 1)
        lines, across = np.shape(trace.z)
        across_px = (domain[1] - domain[0]) * (width - _beside(layout, trace))
        tall.append(across_px * lines / across)
    return max(tall)


def _beside(layout: Any, trace: Any) -> int:
    """Pixels that the y axis of a map needs left of it."""
    return 0 if layout[_axis(trace.yaxis, "y")].showticklabels is False else BESIDE


def _below(layout: Any, trace: Any) -> int:
    """Pixels that the x axis of a map needs below it."""
    axis = layout[_axis(trace.xaxis, "x")]
    if axis.side == "top":
        return 0
    said = next((each for each in (axis.ticktext, trace.x) if each is not None and len(each)), [0])
    words = any(isinstance(each, str) and not each.isdecimal() for each in said)
    numbers = 0 if axis.showticklabels is False else WORDS if words else NUMBERS
    return numbers + (TITLE if axis.title.text else 0)


def _shares(row: list[Any], explained: list[Any]) -> bool:
    return any(trace is other for trace in row for other in explained)


def _legend_below(figure: go.Figure) -> bool:
    legend, shown = figure.layout.legend, figure.layout.showlegend
    named = [t for t in figure.data if t.name and t.showlegend is not False]
    many = len(named) > 1 or (shown is True and bool(named))
    return shown is not False and many and (legend.y is None or legend.y < 0)


def _axis(reference: str | None, letter: str) -> str:
    """What a trace calls ``x2`` is ``xaxis2`` of the layout."""
    return f"{letter}axis{(reference or letter)[1:]}"
