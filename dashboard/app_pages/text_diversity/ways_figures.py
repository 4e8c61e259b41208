"""Quality against calls: a point a way of writing, its intervals, and the front of the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.intervals import error_bars, measure_line
from dashboard.figures.template import INK, PAPER, SERIES, Mode, as_text, house_template

MEASURES = {
    "perplexity": "perplexity by the judge (low: likely)",
    "log_probability": "the model's own log-probability (nats a token)",
    "entropy": "entropy of a text's tokens (nats)",
    "repetition": "repeated pairs of tokens (0 to 1)",
    "distinct_2": "distinct-2 of all texts (0 to 1)",
    "agreement": "tokens as by one a call (0 to 1)",
}
BELOW = "entropy (nats)"  # of the lower, smaller panel
COSTS = {"calls": "model calls a text", "seconds": "seconds a text, as computed"}
ALSO = {"tokens_per_call": "tokens a model call"}
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "x")
BARS = {"thickness": 1.5, "width": 4}
DODGE = 0.016  # of the span of costs: what costs the same stands side by side, a marker apart


def quality_figure(
    table: pd.DataFrame,
    measure: str,
    *,
    cost: str,
    front: Sequence[str],
    chosen: str | None,
    mode: Mode,
) -> go.Figure:
    """A measure against what a text costs, the entropy of the texts below it on the same axis.

    ``table`` has a row a point and measure (``text_ways.quality_table``); ``front`` names the
    points that no other betters, in order, and is drawn as a line. Colours tell rules apart,
    symbols temperatures and cuts; customdata is the point's name.
    """
    beside = measure != "entropy"
    figure = make_subplots(
        1 + beside, 1, shared_xaxes=True, row_heights=[0.68, 0.32][: 1 + beside],
        vertical_spacing=0.06,
    )  # fmt: skip
    for row, name in enumerate((measure, "entropy")[: 1 + beside], 1):
        for trace in _traces(table, name, cost, chosen, mode):
            figure.add_trace(trace.update(showlegend=row == 1), row=row, col=1)
        title = _broken(MEASURES[name]) if row == 1 else BELOW
        figure.update_yaxes(title_text=title, row=row, col=1)
    _draw_front(figure, table, measure, cost, front, mode)
    if measure == "perplexity":
        figure.update_yaxes(type="log", row=1, col=1)
    figure.update_xaxes(title_text=COSTS[cost], row=1 + beside, col=1)
    figure.update_layout(
        template=house_template(mode),
        height=720 if beside else 520,
        hovermode="closest",
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return figure


def symbols_of(table: pd.DataFrame) -> dict[tuple[float, str], str]:
    """The symbol of each temperature and cut of a table."""
    drawn = sorted(set(zip(table["temperature"], table["cut"], strict=True)))
    return {way: SYMBOLS[i % len(SYMBOLS)] for i, way in enumerate(drawn)}


def _traces(
    table: pd.DataFrame, name: str, cost: str, chosen: str | None, mode: Mode
) -> list[go.Scatter]:
    costs, found = _of(table, cost), _of(table, name)
    joined = found.join(costs["mean"].rename("mean_cost"), how="inner")
    symbols, traces = symbols_of(joined), []
    joined["drawn_cost"] = _side_by_side(joined["mean_cost"])
    for i, rule in enumerate(dict.fromkeys(joined["rule"])):
        part = joined[joined["rule"] == rule].sort_values("mean_cost")
        price = costs.loc[part.index]
        traces.append(
            go.Scatter(
                x=part["drawn_cost"],
                y=part["mean"],
                error_x=error_bars(price, **BARS),
                error_y=error_bars(part, **BARS),
                **_marks(part, rule, SERIES[i % len(SERIES)], symbols, chosen, mode),
                text=[_hover(table, point, (cost, name, "entropy")) for point in part.index],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    return traces


def _side_by_side(costs: pd.Series) -> pd.Series:
    """Costs as they are drawn: those within a marker of one another are set apart around them."""
    apart = DODGE * float(np.ptp(costs))
    ordered = costs.sort_values(kind="stable")
    crowds = (ordered.diff() >= apart).cumsum() if apart else ordered * 0
    place = ordered.groupby(crowds).cumcount()
    count = ordered.groupby(crowds).transform("size")
    return (ordered + (place - (count - 1) / 2) * apart).reindex(costs.index)


def _marks(
    part: pd.DataFrame,
    rule: str,
    color: str,
    symbols: dict[tuple[float, str], str],
    chosen: str | None,
    mode: Mode,
) -> dict[str, Any]:
    is_chosen = [point == chosen for point in part.index]
    ways = zip(part["temperature"], part["cut"], strict=True)
    return {
        "mode": "markers",
        "name": as_text(rule),
        "legendgroup": rule,
        "marker": {
            "symbol": [symbols[way] for way in ways],
            "size": [20 if it else 13 for it in is_chosen],
            "color": color,
            "opacity": 1,
            "line": {
                "width": [3 if it else 1 for it in is_chosen],
                "color": [INK[mode] if it else PAPER[mode] for it in is_chosen],
            },
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": list(part.index),
    }


def _draw_front(
    figure: go.Figure,
    table: pd.DataFrame,
    measure: str,
    cost: str,
    front: Sequence[str],
    mode: Mode,
) -> None:
    if len(front) < 2:
        return
    costs, found = _of(table, cost), _of(table, measure)
    figure.add_trace(
        go.Scatter(
            x=[costs.loc[point, "mean"] for point in front],
            y=[found.loc[point, "mean"] for point in front],
            mode="lines",
            line={"color": INK[mode], "width": 2, "dash": "dot", "shape": "hv"},
            name="best at its cost",
            hoverinfo="skip",
        ),
        row=1,
        col=1,
    )


def _of(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    return table[table["measure"] == measure].set_index("point")


def _hover(table: pd.DataFrame, point: str, measures: Sequence[str]) -> str:
    """What stands at a point; the other measures are in the table of numbers."""
    rows = table[(table["point"] == point) & table["measure"].isin(measures)]
    lines = [f"<b>{as_text(point)}</b>, {rows['seeds'].iloc[0]:.0f} texts"]
    names = {**COSTS, **ALSO, **MEASURES}
    return "<br>".join(
        [*lines, *(measure_line(names[row["measure"]], row) for _, row in rows.iterrows())]
    )


def _broken(label: str) -> str:
    return label.replace(" (", "<br>(")
