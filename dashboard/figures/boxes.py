"""Words in boxes, in reading order: how every sentence is drawn.

A figure, not markup: words are shown as text whatever they contain, and it exports like the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.template import GRID, SERIES, Mode, as_text, house_template

ROW_UNITS = 78  # characters' widths before a line breaks
PAD = 1.6
ROW_PIXELS = 62


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
    """The boxes from left to right, broken into lines; customdata is the position."""
    places = layout_boxes([box.width_of or box.word for box in boxes])
    rows = int(places[-1][0]) + 1 if places else 1
    shapes, annotations = [], []
    for box, (row, left, width) in zip(boxes, places, strict=True):
        line = {
            "color": SERIES[1] if box.framed else GRID[mode],
            "width": 4 if box.framed else 1,
        }
        corners = {"x0": left, "x1": left + width, "y0": -row - 0.38, "y1": -row + 0.38}
        shapes.append({"type": "rect", "fillcolor": box.fill, "line": line, **corners})
        annotations.append(
            {
                "x": left + width / 2,
                "y": -row,
                "text": as_text(box.word),
                "showarrow": False,
                "font": {"size": 20, "color": box.ink},
            }
        )
    hover = go.Scatter(
        x=[left + width / 2 for _, left, width in places],
        y=[-row for row, _, _ in places],
        mode="markers",
        marker={"symbol": "square", "size": 34, "opacity": 0},
        customdata=list(range(len(places))),
        hovertemplate="%{text}<extra></extra>",
        text=[box.hover for box in boxes],
    )
    hidden = {"visible": False, "fixedrange": True}
    # one layout: adding shapes one by one validates all of them every time
    layout = {
        "template": house_template(mode),
        "height": 34 + ROW_PIXELS * rows,
        "shapes": shapes,
        "annotations": annotations,
        "xaxis": {**hidden, "range": [-0.5, ROW_UNITS + 0.5]},
        "yaxis": {**hidden, "range": [-rows + 0.4, 0.6]},
        "margin": {"l": 4, "r": 4, "t": 6, "b": 6},
        "showlegend": False,
    }
    return go.Figure(data=[hover], layout=layout)


def layout_boxes(words: Sequence[str]) -> list[tuple[int, float, float]]:
    """(row, left, width) of each word's box, lines broken at ROW_UNITS."""
    boxes = []
    row, left = 0, 0.0
    for word in words:
        width = max(3.2, 1.25 * len(word) + PAD)
        if left + width > ROW_UNITS and left > 0:
            row, left = row + 1, 0.0
        boxes.append((row, left, width))
        left += width + 0.6
    return boxes
