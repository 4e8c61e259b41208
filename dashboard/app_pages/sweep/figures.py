"""A metric over two axes of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.template import SCALE, Mode, as_text, house_template


def metric_heatmap(
    values: Sequence[Sequence[float]],
    row_values: Sequence[Any],
    column_values: Sequence[Any],
    *,
    rows: str,
    columns: str,
    name: str,
    mode: Mode,
) -> go.Figure:
    """``values`` [row, column] as colours with their numbers; nan (not finished) is blank."""
    table = np.asarray(values, np.float64)
    texts = [["" if np.isnan(value) else f"{value:.3g}" for value in row] for row in table]
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=[as_text(label(value)) for value in column_values],
            y=[as_text(label(value)) for value in row_values],
            text=texts,
            texttemplate="%{text}",
            colorscale=SCALE[mode],
            colorbar={"title": {"text": name, "side": "right"}},
            hovertemplate=f"{as_text(rows)} %{{y}}<br>{as_text(columns)} %{{x}}<br>"
            f"{as_text(name)}: %{{z:.4g}}<extra></extra>",
            hoverongaps=False,
            xgap=2,
            ygap=2,
        )
    )
    figure.update_layout(template=house_template(mode), height=max(300, 110 + 44 * len(row_values)))
    figure.update_xaxes(title_text=as_text(columns), type="category")
    figure.update_yaxes(title_text=as_text(rows), type="category", autorange="reversed")
    return figure


def label(value: Any) -> str:
    """A value of an axis as a label; long ones are cut."""
    if value is None:
        return "none"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 28 else text[:27] + "…"
