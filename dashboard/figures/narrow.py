"""A figure in a narrow room, a column or a phone: its legend below, its words in lines."""

from __future__ import annotations

import textwrap
from typing import Any, Literal

import plotly.graph_objects as go

ON_PAGE = 15  # pixels of the type that figures are drawn with
LEGEND_Y = -0.2  # of the house's template
LEAST_LETTERS = 12  # of a line of a note


def legend_beneath(figure: go.Figure) -> None:
    """A legend that stands beside the axes below them: a column is narrow."""
    legend = figure.layout.legend
    if legend.orientation == "v" and (legend.x or 0) >= 1:
        figure.update_layout(
            legend={"orientation": "h", "x": 0, "y": LEGEND_Y, "xanchor": None, "yanchor": None}
        )


def words_within(figure: go.Figure) -> None:
    """Notes and titles of axes that would run out of the figure in lines that do not."""
    layout = figure.layout
    across = layout.width - _margin(figure, "l") - _margin(figure, "r")
    for note in layout.annotations:
        if note.showarrow is not False or note.xanchor != "left" or not note.text:
            continue
        at = _share_across(figure, note)
        if at is None:
            continue
        room = (1 - at) * across - (note.xshift or 0) + _margin(figure, "r")
        letters = max(LEAST_LETTERS, int(room / (0.55 * (note.font.size or ON_PAGE))))
        note.update(text=_broken(note.text, letters), align="left")
    for axis in figure.select_xaxes():
        size = axis.title.font.size or layout.template.layout.xaxis.title.font.size or ON_PAGE
        if axis.title.text:
            axis.title.text = _broken(axis.title.text, int(across / (0.65 * size)))


def _margin(figure: go.Figure, side: Literal["l", "r"]) -> float:
    own, house = figure.layout.margin[side], figure.layout.template.layout.margin[side]
    return float(own if own is not None else house if house is not None else 80)


def _broken(text: str, letters: int) -> str:
    """Lines of at most so many letters; longer words are left whole, and so is markup."""
    return "<br>".join(
        line
        for part in text.split("<br>")
        for line in textwrap.wrap(part, letters, break_long_words=False)
    )


def _share_across(figure: go.Figure, note: Any) -> float | None:
    """Where a note begins, as a share of the axes' width; None where that is not known."""
    if note.xref == "paper" or str(note.xref).endswith(" domain"):
        return float(note.x)
    axis = figure.layout[f"xaxis{str(note.xref or 'x')[1:]}"]
    if axis.range is None or axis.type == "log" or not isinstance(note.x, int | float):
        return None
    low, high = axis.range
    return (float(note.x) - float(low)) / (float(high) - float(low))
