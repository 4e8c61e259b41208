"""Is the sampler as right as it is sure? Reliability diagram and accuracy by ratio."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.template import INK, SERIES, Mode, house_template

ORDERS = ("confidence", "margin", "entropy", "random", "left-to-right")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


def reliability_diagram(table: pd.DataFrame, *, mode: Mode) -> go.Figure:
    """How often right against how sure, a line an order rule; markers grow with their counts.

    ``table`` is ``calibration.reliability_table``. On the diagonal it is as right as it is sure;
    below, too sure (Guo et al. 2017).
    """
    figure = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": INK[mode], "width": 1, "dash": "dot"},
            name="as right as it is sure",
            hoverinfo="skip",
        )
    )
    most = max(table["commitments"], default=1)
    for order in _present(table):
        part = table[table["order"] == order]
        figure.add_scatter(
            x=part["confidence"],
            y=part["accuracy"],
            mode="lines+markers",
            line={"color": _color(order), "width": 2},
            marker={
                "size": 7 + 17 * np.sqrt(part["commitments"] / most),
                "symbol": SYMBOLS[ORDERS.index(order)],
            },
            name=order,
            text=[
                f"{order}: sure {row.confidence:.2f}, right {row.accuracy:.2f}<br>"
                f"{row.commitments} words of confidence {row.low:.1f} to {row.high:.1f}"
                for row in part.itertuples(index=False)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(template=house_template(mode), height=520, legend=LEGEND, dragmode=False)
    figure.update_xaxes(title_text="confidence when a word was committed", range=[0, 1.03])
    figure.update_yaxes(title_text="share that was right", range=[-0.03, 1.05])
    return figure


def accuracy_by_ratio(table: pd.DataFrame, *, mode: Mode) -> go.Figure:
    """Share of words found against how many were hidden, a line an order rule, with intervals.

    ``table`` is ``calibration.summary_table``; its rows over all ratios (0) are left out.
    """
    figure = go.Figure()
    for order in _present(table):
        part = table[(table["order"] == order) & (table["ratio"] > 0)].sort_values("ratio")
        figure.add_scatter(
            x=part["ratio"],
            y=part["accuracy"],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (part["accuracy_high"] - part["accuracy"]).clip(lower=0).fillna(0),
                "arrayminus": (part["accuracy"] - part["accuracy_low"]).clip(lower=0).fillna(0),
                "thickness": 1.5,
                "width": 5,
            },
            mode="lines+markers",
            line={"color": _color(order), "width": 3},
            marker={"size": 11, "symbol": SYMBOLS[ORDERS.index(order)]},
            name=order,
            text=[
                f"{order}, {row.ratio:.0%} hidden: {row.accuracy:.2f} right<br>"
                f"sure {row.mean_confidence:.2f}; {row.commitments} words of {row.texts} texts"
                for row in part.itertuples(index=False)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(template=house_template(mode), height=400, legend=LEGEND, dragmode=False)
    shares = sorted(set(table.loc[table["ratio"] > 0, "ratio"]))
    figure.update_xaxes(title_text="share of words hidden", tickformat=".0%", tickvals=shares)
    figure.update_yaxes(title_text="share that was right", rangemode="tozero")
    return figure


def _present(table: pd.DataFrame) -> list[str]:
    return [order for order in ORDERS if (table["order"] == order).any()]


def _color(order: str) -> str:
    return SERIES[ORDERS.index(order)]
