"""Pictures in rows and columns, with labels: sweeps, seeds, strengths.

One pair of axes holds them all, so that hundreds stay light; an invisible square over every
picture carries its hover and its click (Plotly selects points of scatters, never pictures).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.template import (
    BLANK,
    INK,
    OPENED,
    PAPER,
    SERIES,
    WHOLE_CELLS,
    Mode,
    as_text,
    house_template,
)

GAP = 0.03  # of a cell, on each side
BETWEEN = 0.16  # of a cell, between tables that stand side by side
SHEET = "sheet"  # in a layout's meta: its columns and rows in cells, and a cell's aspect
WORDED = 96  # pixels of a cell that has room for two words
WIDTH = 880  # pixels that a page has for a row of pictures, about


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture: its source (a data URI; '' where there is none), its hover, its customdata.

    ``badge`` is a word or two in its corner.
    """

    source: str
    hover: str
    data: str = ""
    marked: bool = False
    badge: str = ""


def contact_sheet(
    rows: Sequence[Sequence[Cell]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    mode: Mode,
    row_title: str = "",
    column_title: str = "",
    aspect: float = 1.0,
    largest: int = 210,
    width: int = WIDTH,
    row_groups: Sequence[int] = (),
    column_groups: Sequence[int] = (),
) -> go.Figure:
    """The pictures of ``rows`` from the top; ``aspect`` is a picture's width over its height.

    A cell without a picture is a blank square that says the last line of its hover, where there
    is room for it. ``largest`` bounds a cell's width in pixels;
    ``width`` is about what the page has for a row. Labels and hovers are text and may have several
    lines. Customdata is each cell's ``data``. ``row_groups`` and ``column_groups`` number the
    table that a row or a column is of: tables stand a little apart.
    """
    count = max((len(row) for row in rows), default=1)
    down, across = _places(len(rows), row_groups), _places(count, column_groups)
    columns, lines = across[-1] + 1, down[-1] + 1
    wide = min(largest, width / columns)
    tall = wide / aspect
    placed = [
        (y, x, cell)
        for y, row in zip(down, rows, strict=False)
        for x, cell in zip(across, row, strict=False)
    ]
    top = 34 + 20 * max((label.count("\n") for label in column_labels), default=0)
    top += 26 if column_title else 0
    words = [_badge(r, c, cell, mode) for r, c, cell in placed if cell.badge]
    if wide >= WORDED:
        words += [_why_blank(r, c, cell, mode) for r, c, cell in placed if not cell.source]
    if column_title:
        words.append(_over_columns(column_title, (columns - 1) / 2, top, mode))
    layout = {
        "template": house_template(mode),
        "height": round(tall * lines + top + 12),
        "annotations": words,
        "images": [_image(r, c, cell) for r, c, cell in placed if cell.source],
        "shapes": [_frame(r, c, cell, mode) for r, c, cell in placed if _framed(cell)],
        "xaxis": _axis(column_labels, across, "", mode)
        | {
            "side": "top",
            "range": [-0.5, max(columns, width / largest) - 0.5],
            "constrain": "domain",
            "constraintoward": "left",
        },
        "yaxis": _axis(row_labels, down, row_title, mode)
        | {
            "range": [lines - 0.5, -0.5],
            "scaleanchor": "x",
            "scaleratio": 1 / aspect,
            "constrain": "domain",
            "constraintoward": "top",
        },
        "margin": {"l": 8, "r": 8, "t": top, "b": 6},
        "showlegend": False,
        "meta": {SHEET: [columns, lines, aspect]},  # for where it is printed
        **WHOLE_CELLS,
        "dragmode": False,
    }
    return go.Figure(data=[_clickable(placed, 0.9 * min(wide, tall))], layout=layout)


def _places(count: int, groups: Sequence[int]) -> list[float]:
    """Where rows or columns stand, in cells from the first; at least one."""
    return [i + BETWEEN * (groups[i] if groups else 0) for i in range(max(1, count))]


def _badge(row: float, column: float, cell: Cell, mode: Mode) -> dict[str, Any]:
    return {
        "x": column - 0.5 + GAP,
        "y": row - 0.5 + GAP,
        "text": as_text(cell.badge),
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "top",
        "font": {"size": 13, "color": INK[mode]},
        "bgcolor": PAPER[mode],
        "opacity": 0.9,
        "borderpad": 2,
    }


def _why_blank(row: float, column: float, cell: Cell, mode: Mode) -> dict[str, Any]:
    return {
        "x": column,
        "y": row,
        "text": as_text(cell.hover.rpartition("\n")[2].partition(":")[0]),
        "showarrow": False,
        "font": {"size": 13, "color": INK[mode]},
        "opacity": 0.7,
    }


def _over_columns(title: str, middle: float, top: float, mode: Mode) -> dict[str, Any]:
    """The title of the columns, over their middle: an axis' own stands over the whole width."""
    return {
        "x": middle,
        "y": 1,
        "yref": "paper",
        "text": as_text(title),
        "showarrow": False,
        "yanchor": "top",
        "yshift": top - 4,
        "font": {"size": 15, "color": INK[mode]},
    }


def _clickable(placed: Sequence[tuple[float, float, Cell]], size: float) -> go.Scatter:
    return go.Scatter(
        x=[c for _, c, _ in placed],
        y=[r for r, _, _ in placed],
        mode="markers",
        marker={"symbol": "square", "size": size, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[cell.data for _, _, cell in placed],
        text=[_lines(cell.hover) for _, _, cell in placed],
        hovertemplate="%{text}<extra></extra>",
    )


def _lines(text: str) -> str:
    return as_text(text).replace("\n", "<br>")


def _axis(labels: Sequence[str], places: Sequence[float], title: str, mode: Mode) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(places[: len(labels)]),
        "ticktext": [_lines(label) for label in labels],
        "tickfont": {"size": 14, "color": INK[mode]},
        "title": {"text": as_text(title), "standoff": 6},
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
        "automargin": True,
    }


def _image(row: float, column: float, cell: Cell) -> dict[str, Any]:
    side = 1 - 2 * GAP
    return {
        "source": cell.source,
        "xref": "x",
        "yref": "y",
        "x": column,
        "y": row,
        "sizex": side,
        "sizey": side,
        "xanchor": "center",
        "yanchor": "middle",
        "sizing": "contain",
        "layer": "below",
    }


def _framed(cell: Cell) -> bool:
    return cell.marked or not cell.source


def _frame(row: float, column: float, cell: Cell, mode: Mode) -> dict[str, Any]:
    half = 0.5 - GAP / 2
    corners = {"x0": column - half, "x1": column + half, "y0": row - half, "y1": row + half}
    line = {"color": SERIES[1] if cell.marked else BLANK[mode], "width": 4 if cell.marked else 0}
    fill = {} if cell.source else {"fillcolor": BLANK[mode]}
    name = {"name": OPENED} if cell.marked and cell.source else {}
    return {"type": "rect", "xref": "x", "yref": "y", "line": line, **name, **fill, **corners}
