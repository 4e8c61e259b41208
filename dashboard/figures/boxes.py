"""Words in boxes, in reading order: how every sentence is drawn.

A figure, not markup: words are shown as text whatever they contain, and it exports like the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.template import GRID, SERIES, Mode, as_text, house_template

PAD = 1.6
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
    frames = {
        "color": [SERIES[1] if box.framed else GRID[mode] for box in boxes],
        "width": [4 if box.framed else 1 for box in boxes],
    }
    bars = {
        "type": "bar",
        "orientation": "h",
        "base": [left for _, left, _ in places],
        "x": [width for _, _, width in places],
        "y": [-row for row, _, _ in places],
        "width": 0.76,
        "marker": {"color": [box.fill for box in boxes], "line": frames},
        "customdata": list(range(len(places))),
        "hovertext": [box.hover for box in boxes],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    words = {
        "type": "scatter",
        "mode": "text",
        "x": [left + width / 2 for _, left, width in places],
        "y": [-row for row, _, _ in places],
        "text": [as_text(box.word) for box in boxes],
        "textfont": {"size": lines.word, "color": [box.ink for box in boxes]},
        "hoverinfo": "skip",
    }
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
