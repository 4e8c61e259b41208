"""What temperature buys: measures against temperature, and likelihood against diversity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from dashboard.figures.intervals import error_bars, measure_line
from dashboard.figures.template import INK, PAPER, SERIES, Mode, as_text, house_template

MEASURES = {
    "distinct_1": "distinct-1 (different tokens / all tokens)",
    "distinct_2": "distinct-2 (different pairs / all pairs)",
    "vendi": "Vendi score (1 to the number of texts)",
    "self_bleu": "self-BLEU (0 to 100, high: alike)",
    "confidence": "confidence when revealed (0 to 1)",
    "log_probability": "model log-probability (nats a token)",
}
SHORT = {
    "distinct_1": "distinct-1",
    "distinct_2": "distinct-2",
    "vendi": "Vendi score",
    "self_bleu": "self-BLEU",
    "confidence": "confidence",
    "log_probability": "log-probability",
}
DIVERSITY = ("vendi", "distinct_1", "distinct_2", "self_bleu")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
DODGE = 0.012  # of the span of temperatures: so that the bars of lines do not cover each other
BARS = {"thickness": 1.5, "width": 4}

Chosen = tuple[float, str] | None  # a temperature and a cut's label


def metric_curves(
    table: pd.DataFrame, names: Sequence[str], *, chosen: Chosen, mode: Mode
) -> go.Figure:
    """Each measure against temperature, a panel each, a line a cut, 95 % intervals.

    ``table`` has a row a cell and measure (``text_diversity.measures``); customdata is
    [temperature, cut]. Lines are moved a little sideways from each other.
    """
    columns = min(3, max(1, len(names)))
    rows = max(1, -(-len(names) // columns))
    titles = [MEASURES[name].replace(" (", "<br>(") for name in names]
    figure = make_subplots(
        rows, columns, subplot_titles=titles, vertical_spacing=0.24, horizontal_spacing=0.07
    )
    cuts = list(dict.fromkeys(table["cut"]))
    for place, name in enumerate(names):
        where = {"row": place // columns + 1, "col": place % columns + 1}
        for line, cut in enumerate(cuts):
            part = _of(table, name, cut)
            shift = (line - (len(cuts) - 1) / 2) * DODGE * _span(table)
            trace = _curve(part, name, cut, line, shift=shift, chosen=chosen, mode=mode)
            figure.add_trace(trace.update(showlegend=place == 0), **where)
    figure.update_xaxes(title_text="temperature")
    figure.update_layout(
        template=house_template(mode),
        height=90 + 350 * rows,
        margin={"t": 60},
        hovermode="closest",
        dragmode=False,
        legend={"y": -0.16 if rows > 1 else -0.3, "font": {"size": 16}},
    )
    figure.update_annotations(font={"size": 15, "color": INK[mode]})
    return figure


def trade_off(table: pd.DataFrame, *, diversity: str, chosen: Chosen, mode: Mode) -> go.Figure:
    """Diversity against the model's own log-probability: a line a cut, a point a temperature.

    Points grow with temperature, and the hottest names it; customdata is [temperature, cut].
    """
    figure, labels = go.Figure(), []
    for line, cut in enumerate(dict.fromkeys(table["cut"])):
        likely, spread = _of(table, "log_probability", cut), _of(table, diversity, cut)
        if spread.empty:
            continue
        marks = _marks(spread, cut, line, chosen, mode)
        grown = 10 + 10 * _share(spread["temperature"], table)
        marks["marker"] |= {"size": np.where(np.array(marks["marker"]["size"]) > 12, 26, grown)}
        figure.add_trace(
            go.Scatter(
                x=spread["mean"],
                y=likely["mean"],
                error_x=error_bars(spread, **BARS),
                error_y=error_bars(likely, **BARS),
                **marks,
                text=[
                    f"{_head(row, cut)}<br>{measure_line(MEASURES[diversity], row)}<br>"
                    + measure_line(MEASURES["log_probability"], likely.iloc[place])
                    for place, (_, row) in enumerate(spread.iterrows())
                ],
                hovertemplate="%{text}<extra></extra>",
            )
        )
        hottest = {"text": f"{spread['temperature'].iloc[-1]:g}", "showarrow": False}
        at = {"x": spread["mean"].iloc[-1], "y": likely["mean"].iloc[-1]}
        labels.append({**hottest, **at, "xshift": 20, "yshift": 18})
    figure.update_layout(
        template=house_template(mode),
        height=540,
        hovermode="closest",
        dragmode=False,
        annotations=labels,
    )
    figure.update_annotations(font={"size": 15, "color": INK[mode]})
    left, right = "more alike", "more different"
    if diversity == "self_bleu":
        left, right = right, left
    figure.update_xaxes(title_text=f"{left}  ←  {MEASURES[diversity]}  →  {right}")
    figure.update_yaxes(title_text="likelier to the model  →  (nats a token)")
    return figure


def _curve(
    part: pd.DataFrame,
    name: str,
    cut: str,
    line: int,
    *,
    shift: float,
    chosen: Chosen,
    mode: Mode,
) -> go.Scatter:
    return go.Scatter(
        x=part["temperature"] + shift,
        y=part["mean"],
        error_y=error_bars(part, **BARS),
        **_marks(part, cut, line, chosen, mode),
        text=[
            f"{_head(row, cut)}<br>{measure_line(MEASURES[name], row)}"
            for _, row in part.iterrows()
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _marks(part: pd.DataFrame, cut: str, line: int, chosen: Chosen, mode: Mode) -> dict[str, Any]:
    """What a line of a cut looks like: its colour, dash and symbol; the chosen point is larger."""
    color = SERIES[line % len(SERIES)]
    is_chosen = [(heat, cut) == chosen for heat in part["temperature"]]
    return {
        "mode": "lines+markers",
        "name": as_text(cut),
        "legendgroup": cut,
        "line": {"color": color, "width": 3, "dash": DASHES[line % len(DASHES)]},
        "marker": {
            "symbol": SYMBOLS[line % len(SYMBOLS)],
            "size": [20 if it else 12 for it in is_chosen],
            "color": color,
            "line": {
                "width": [3 if it else 1 for it in is_chosen],
                "color": _rims(is_chosen, mode),
            },
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": [[heat, cut] for heat in part["temperature"]],
    }


def _rims(is_chosen: Sequence[bool], mode: Mode) -> list[str]:
    return [INK[mode] if it else PAPER[mode] for it in is_chosen]


def _of(table: pd.DataFrame, measure: str, cut: str) -> pd.DataFrame:
    return table[(table["measure"] == measure) & (table["cut"] == cut)].sort_values("temperature")


def _share(heats: pd.Series[float], table: pd.DataFrame) -> NDArray[np.float64]:
    """Where temperatures lie between the lowest (0) and the highest (1) of a table."""
    above = heats.to_numpy(np.float64) - float(table["temperature"].min())
    return np.asarray(above / (_span(table) or 1.0))


def _span(table: pd.DataFrame) -> float:
    heats = table["temperature"]
    return float(heats.max() - heats.min()) if len(heats) else 0.0


def _head(row: pd.Series[Any], cut: str) -> str:
    return f"temperature {row['temperature']:g}, {as_text(cut)}, {row['seeds']:.0f} texts"
