"""A metric over two axes of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.figures.template import (
    SCALE,
    WHOLE_CELLS,
    Mode,
    as_text,
    house_template,
    ink_on,
)


def metric_heatmap(
    values: Sequence[Sequence[float]],
    row_names: Sequence[str],
    column_names: Sequence[str],
    *,
    runs: Sequence[Sequence[str]],
    words: Sequence[Sequence[str]] | None = None,
    rows: str,
    columns: str,
    name: str,
    mode: Mode,
) -> go.Figure:
    """``values`` [row, column] as colours with their numbers; nan (not finished) is blank.

    ``runs`` [row, column] are what a click on a cell tells, ``words`` what a hover reads.
    """
    table = np.asarray(values, np.float64)
    texts = [["" if np.isnan(value) else f"{value:.3g}" for value in row] for row in table]
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=list(range(len(column_names))),
            y=list(range(len(row_names))),
            customdata=runs,
            colorscale=SCALE[mode],
            colorbar={"title": {"text": name, "side": "right"}},
            hoverinfo="skip",
            xgap=2,
            ygap=2,
        )
    )
    down, along = as_text(axis_words(rows)), as_text(axis_words(columns))
    cells = [(r, c) for r in range(len(row_names)) for c in range(len(column_names))]
    figure.add_scatter(  # Plotly selects points of scatters, never cells of heatmaps
        x=[c for _, c in cells],
        y=[r for r, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 40, "opacity": 0},
        customdata=[runs[r][c] for r, c in cells],
        text=[
            f"{down} {as_text(row_names[r])}<br>{along} {as_text(column_names[c])}<br>"
            f"{as_text(name)}: {texts[r][c] or 'not finished'}"
            + (f"<br>{as_text(words[r][c])}" if words is not None else "")
            for r, c in cells
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    for r, c in cells:
        if texts[r][c]:
            font = {"color": _ink(table, table[r, c], mode)}
            figure.add_annotation(x=c, y=r, text=texts[r][c], showarrow=False, font=font)
    figure.update_layout(
        template=house_template(mode), height=max(300, 110 + 44 * len(row_names)), **WHOLE_CELLS
    )
    figure.update_xaxes(title_text=along, **_ticks(column_names))
    figure.update_yaxes(title_text=down, **_ticks(row_names), autorange="reversed")
    return figure


def _ink(table: NDArray[np.float64], value: float, mode: Mode) -> str:
    """What a number is written in to be read on the colour of its cell."""
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    return ink_on(SCALE[mode], (value - low) / (high - low) if high > low else 0.5)


def _ticks(names: Sequence[str]) -> dict[str, Any]:
    shown = [as_text(name) for name in names]
    return {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": shown,
            "showgrid": False, "zeroline": False}  # fmt: skip


def axis_words(axis: str) -> str:
    """An axis as it is read; one of words in the place of a word says itself what it is."""
    return axis if ":" in axis else axis.replace("_", "-")


def label(value: Any) -> str:
    """A value of an axis as a label; long ones are cut."""
    if value is None:
        return "none"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 28 else text[:27] + "…"
