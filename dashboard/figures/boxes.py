"""Words in boxes, in reading order: how every sentence is drawn.

A figure, not markup: words are shown as text whatever they contain, and it exports like the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.template import GRID, INK, SERIES, Mode, as_text, house_template

PAD = 1.6
DIFFERS = SERIES[5]  # what is not the first one's
LONG = 72  # words of a text that is drawn smaller, to be seen at once


@dataclass(frozen=True, slots=True)
class Lines:
    """How lines are set: characters' widths before one breaks, pixels of a line and of a word."""

    units: int
    height: int
    word: int


USUAL, SMALL = Lines(78, 62, 20), Lines(104, 46, 15)


@dataclass(frozen=True, slots=True)
class Box:
    """One position: its word ('' for a mask), its colours, whether it is framed, its hover."""

    word: str
    fill: str
    ink: str
    framed: bool
    hover: str
    width_of: str = ""  # the word that decides the width; the word itself when empty


def boxes_figure(boxes: Sequence[Box], *, mode: Mode) -> go.Figure:
    """The boxes from left to right, broken into lines; customdata is the position.

    Two traces whatever the length, for the boxes and for the words: with a shape and an
    annotation a word a browser draws long after the slider was moved.
    """
    lines = lines_of(len(boxes))
    places = layout_boxes([box.width_of or box.word for box in boxes])
    rows = int(places[-1][0]) + 1 if places else 1
    placed = [
        (box, left, width, -row) for box, (row, left, width) in zip(boxes, places, strict=True)
    ]
    bars, words = _bars(placed, mode), _words(placed, lines)
    bars["customdata"] = list(range(len(places)))
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "template": house_template(mode),
        "height": 34 + lines.height * rows,
        "barmode": "overlay",
        "xaxis": {**hidden, "range": [-0.5, lines.units + 0.5]},
        "yaxis": {**hidden, "range": [-rows + 0.4, 0.6]},
        "margin": {"l": 4, "r": 4, "t": 6, "b": 6},
        "showlegend": False,
    }
    return go.Figure(data=[bars, words], layout=layout)


def rows_of_boxes(
    rows: Sequence[Sequence[Box]],
    labels: Sequence[str],
    differs: Sequence[Sequence[bool]],
    *,
    mode: Mode,
) -> go.Figure:
    """Texts of one length under one another, their columns the positions; a name before each.

    ``differs`` is [row][position]: whether a bar under a word says that it is not the first row's.
    """
    count, many = len(rows[0]), len(rows)
    lines = lines_of(count)
    blocks = layout_boxes(
        [
            max((box.width_of or box.word for box in column), key=len)
            for column in zip(*rows, strict=True)
        ]
    )
    placed = [
        (box, *blocks[position], number, position)
        for number, row in enumerate(rows)
        for position, box in enumerate(row)
    ]

    def y(block: float, number: int) -> float:
        return -(block * (many + 0.6) + number)

    bars = _bars(
        [(box, left, width, y(block, n)) for box, block, left, width, n, _ in placed], mode
    )
    words = _words(
        [(box, left, width, y(block, n)) for box, block, left, width, n, _ in placed], lines
    )
    marks_x: list[float | None] = []
    marks_y: list[float | None] = []
    for _, block, left, width, number, position in placed:
        if differs[number][position]:
            marks_x += [left, left + width, None]
            marks_y += [y(block, number) - 0.44, y(block, number) - 0.44, None]
    marks = {
        "type": "scatter", "mode": "lines", "x": marks_x, "y": marks_y, "hoverinfo": "skip",
        "line": {"color": DIFFERS, "width": 4},
    }  # fmt: skip
    tall = int(blocks[-1][0]) + 1 if blocks else 1
    names = [
        {"x": -0.6, "y": y(block, number), "text": as_text(label), "showarrow": False,
         "xanchor": "right", "font": {"size": 14, "color": INK[mode]}}
        for block in range(tall) for number, label in enumerate(labels)
    ]  # fmt: skip
    room = 9 * max((len(label) for label in labels), default=0)
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "template": house_template(mode),
        "height": round(34 + 0.72 * lines.height * tall * (many + 0.6)),
        "barmode": "overlay",
        "annotations": names,
        "xaxis": {**hidden, "range": [-0.5, lines.units + 0.5]},
        "yaxis": {**hidden, "range": [y(tall - 1, many - 1) - 0.7, 0.7]},
        "margin": {"l": min(room, 320) + 10, "r": 4, "t": 6, "b": 6},
        "showlegend": False,
    }
    return go.Figure(data=[bars, words, marks], layout=layout)


def lines_of(count: int) -> Lines:
    """How a text of that many words is set."""
    return SMALL if count > LONG else USUAL


def layout_boxes(words: Sequence[str]) -> list[tuple[int, float, float]]:
    """(row, left, width) of each word's box, in the lines of ``lines_of``."""
    boxes = []
    units = lines_of(len(words)).units
    row, left = 0, 0.0
    for word in words:
        width = max(3.2, 1.25 * len(word) + PAD)
        if left + width > units and left > 0:
            row, left = row + 1, 0.0
        boxes.append((row, left, width))
        left += width + 0.6
    return boxes


Placed = Sequence[tuple[Box, float, float, float]]  # a box, its left, its width, its height


def _bars(placed: Placed, mode: Mode) -> dict[str, Any]:
    frames = {
        "color": [SERIES[1] if box.framed else GRID[mode] for box, *_ in placed],
        "width": [4 if box.framed else 1 for box, *_ in placed],
    }
    return {
        "type": "bar",
        "orientation": "h",
        "base": [left for _, left, _, _ in placed],
        "x": [width for _, _, width, _ in placed],
        "y": [y for *_, y in placed],
        "width": 0.76,
        "marker": {"color": [box.fill for box, *_ in placed], "line": frames},
        "hovertext": [box.hover for box, *_ in placed],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _words(placed: Placed, lines: Lines) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [left + width / 2 for _, left, width, _ in placed],
        "y": [y for *_, y in placed],
        "text": [as_text(box.word) for box, *_ in placed],
        "textfont": {"size": lines.word, "color": [box.ink for box, *_ in placed]},
        "hoverinfo": "skip",
    }
