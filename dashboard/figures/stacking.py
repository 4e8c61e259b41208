"""Panels that stand side by side, one below the other: for a column of a page and for a phone."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

GAP = 0.42  # of a panel's height: for its axis, and the title of the next
PANEL = 0.72  # of the height side by side: what a panel has when it is as wide as the figure
LONGEST = 42  # letters of a title in a line
LINE = 0.07  # of a panel's height: a further line of a title
NEAR = 0.02  # of the width, between a title and the middle of its panel


def stacked(figure: go.Figure) -> go.Figure:
    """A figure whose panels stood side by side in one row, with each as wide as the whole.

    Any other figure, and one with colour bars or pictures, as it is.
    """
    panels = _panels(figure)
    if len(panels) < 2:
        return figure
    drawn = go.Figure(figure, skip_invalid=True)
    titles = [note for note in drawn.layout.annotations if _is_title(note)]
    for title in titles:
        title.text = "<br>".join(textwrap.wrap(title.text, LONGEST, break_long_words=False))
    gap = GAP + LINE * max((title.text.count("<br>") for title in titles), default=0)
    parts = len(panels) + gap * (len(panels) - 1)  # of a panel's height, all together
    high = 1 / parts
    tops = [1 - i * high * (1 + gap) for i in range(len(panels))]
    middles = [sum(drawn.layout[x].domain) / 2 for x, _ in panels]
    for title in titles:
        nearest = min(range(len(panels)), key=lambda i: abs(middles[i] - title.x))
        if abs(middles[nearest] - title.x) < NEAR:
            title.update(x=0.5, y=tops[nearest])
    for (x, y), top in zip(panels, tops, strict=True):
        drawn.layout[x].domain = (0, 1)
        drawn.layout[y].update(domain=(max(0.0, top - high), top), showticklabels=True)
    height = figure.layout.height or 450
    drawn.update_layout(height=round(height * PANEL * parts))
    legend = drawn.layout.legend
    if legend.y is not None and legend.y < 0:  # below the axes: as far below as it was
        legend.y *= high
    return drawn


def _is_title(note: Any) -> bool:
    return note.xref == "paper" and note.yref == "paper" and note.x is not None


def _panels(figure: go.Figure) -> list[tuple[str, str]]:
    """The axes of panels in one row, from left to right; none where they are no such row."""
    layout = figure.layout
    if layout.images or any(_is_mapped(trace) for trace in figure.data):
        return []
    pairs = {(t.xaxis or "x", t.yaxis or "y") for t in figure.data if "xaxis" in t}
    named = [(f"xaxis{x[1:]}", f"yaxis{y[1:]}") for x, y in pairs]
    domains = [(layout[x].domain, layout[y].domain, (x, y)) for x, y in named]
    if any(x is None for x, _, _ in domains) or len({y for _, y, _ in domains}) != 1:
        return []
    domains.sort(key=lambda each: each[0])
    apart = all(a[0][1] < b[0][0] for a, b in pairwise(domains))
    return [pair for _, _, pair in domains] if apart else []


def _is_mapped(trace: Any) -> bool:
    return trace.type not in ("scatter", "scattergl", "bar")
