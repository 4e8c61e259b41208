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
    SERIES,
    WHOLE_CELLS,
    Mode,
    as_text,
    house_template,
)

GAP = 0.03  # of a cell, on each side
WIDTH = 880  # pixels that a page has for a row of pictures, about


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture: its source (a data URI; '' where there is none), its hover, its customdata."""

    source: str
    hover: str
    data: str = ""
    marked: bool = False


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
) -> go.Figure:
    """The pictures of ``rows`` from the top; ``aspect`` is a picture's width over its height.

    A cell without a picture is a blank square. ``largest`` bounds a cell's width in pixels;
    ``width`` is about what the page has for a row. Labels and hovers are text and may have several
    lines. Customdata is each cell's ``data``.
    """
    columns = max((len(row) for row in rows), default=1)
    wide = min(largest, width / max(1, columns))
    tall = wide / aspect
    placed = [(r, c, cell) for r, row in enumerate(rows) for c, cell in enumerate(row)]
    top = 34 + 20 * max((label.count("\n") for label in column_labels), default=0)
    top += 26 if column_title else 0
    layout = {
        "template": house_template(mode),
        "height": round(tall * max(1, len(rows)) + top + 12),
        "images": [_image(r, c, cell) for r, c, cell in placed if cell.source],
        "shapes": [_frame(r, c, cell, mode) for r, c, cell in placed if _framed(cell)],
        "xaxis": _axis(column_labels, column_title, mode)
        | {
            "side": "top",
            "range": [-0.5, max(columns, width / largest) - 0.5],
            "constrain": "domain",
            "constraintoward": "left",
        },
        "yaxis": _axis(row_labels, row_title, mode)
        | {
            "range": [len(rows) - 0.5, -0.5],
            "scaleanchor": "x",
            "scaleratio": 1 / aspect,
            "constrain": "domain",
            "constraintoward": "top",
        },
        "margin": {"l": 8, "r": 8, "t": top, "b": 6},
        "showlegend": False,
        **WHOLE_CELLS,
        "dragmode": False,
    }
    return go.Figure(data=[_clickable(placed, 0.9 * min(wide, tall))], layout=layout)


def _clickable(placed: Sequence[tuple[int, int, Cell]], size: float) -> go.Scatter:
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


def _axis(labels: Sequence[str], title: str, mode: Mode) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
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


def _image(row: int, column: int, cell: Cell) -> dict[str, Any]:
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


def _frame(row: int, column: int, cell: Cell, mode: Mode) -> dict[str, Any]:
    half = 0.5 - GAP / 2
    corners = {"x0": column - half, "x1": column + half, "y0": row - half, "y1": row + half}
    line = {"color": SERIES[1] if cell.marked else BLANK[mode], "width": 4 if cell.marked else 0}
    fill = {} if cell.source else {"fillcolor": BLANK[mode]}
    return {"type": "rect", "xref": "x", "yref": "y", "line": line, **fill, **corners}
