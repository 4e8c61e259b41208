"""Many runs at once: a line a run through its settings and its measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.template import INK, SERIES, Mode, as_text, house_template

TALL = 380  # pixels
LINES = [[0.0, SERIES[0]], [0.5, SERIES[3]], [1.0, SERIES[1]]]  # seen on light and on dark
MOST_TICKS = 8  # values that are written at an axis, each
MOST_WORDS = 12  # words on an axis; more of them are left out
Column = tuple[str, Sequence[Any]]  # what it is called, and each run's value or None


def parallel(columns: Sequence[Column], mode: Mode) -> go.Figure | None:
    """Parallel coordinates (Inselberg 1985); an axis a column that tells runs apart.

    Colour is the last column. None where fewer than two columns do. A run without a value on an
    axis passes below all that have one.
    """
    axes = [axis for name, values in columns if (axis := _axis(name, values)) is not None]
    if len(axes) < 2:
        return None
    coloured = axes[-1]["values"]
    figure = go.Figure(
        go.Parcoords(
            dimensions=axes,
            line={"color": coloured, "colorscale": LINES, "showscale": False},
            labelfont={"color": INK[mode], "size": 13},
            tickfont={"color": INK[mode], "size": 12},
            rangefont={"color": INK[mode], "size": 11},
            unselected={"line": {"opacity": 0.08}},
        )
    )
    figure.update_layout(
        template=house_template(mode), height=TALL, margin={"l": 80, "r": 60, "t": 60, "b": 30}
    )
    return figure


def _axis(name: str, values: Sequence[Any]) -> dict[str, Any] | None:
    known = [value for value in values if value is not None]
    if len({repr(value) for value in known}) < 2:
        return None
    label = as_text(name)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        low, high = float(min(known)), float(max(known))
        below = low - 0.12 * (high - low)
        numbers = [below if value is None else float(value) for value in values]
        start = below if len(known) < len(values) else low
        axis = {"label": label, "values": numbers, "range": [start, high]}
        distinct = sorted({float(value) for value in known})
        if len(distinct) <= MOST_TICKS:
            axis |= {"tickvals": distinct, "ticktext": [f"{value:.3g}" for value in distinct]}
        return axis
    words = sorted({str(value) for value in known})
    if len(words) > MOST_WORDS:
        return None
    places = {word: number for number, word in enumerate(words)}
    return {
        "label": label,
        "values": [-1 if value is None else places[str(value)] for value in values],
        "tickvals": list(places.values()),
        "ticktext": [as_text(word[:24]) for word in words],
        "range": [-1 if len(known) < len(values) else 0, len(words) - 1],
    }
