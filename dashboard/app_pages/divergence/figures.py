"""Where seeds part: likeness over steps, the first differences, the matrix of a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.figures.template import (
    BAND,
    INK,
    SCALE,
    SERIES,
    WHOLE_CELLS,
    Mode,
    house_template,
    step_axis,
)

TITLES = {
    "agreement": "share of equal tokens",
    "predicted x0": "cosine of the predicted x0",
    "cosine": "cosine of the latents",
    "rms": "RMS difference of the latents",
}
WRITTEN = 16  # a side with more cells than this has no values written in them


def likeness_curve(table: pd.DataFrame, *, measure: str, step: int, mode: Mode) -> go.Figure:
    """Mean over pairs at every step, in the band from the lowest to the highest pair.

    ``table`` is ``divergence.curve``; customdata is the step.
    """
    figure = go.Figure(
        go.Scatter(
            x=[*table["step"], *table["step"][::-1]],
            y=[*table["highest"], *table["lowest"][::-1]],
            fill="toself",
            fillcolor=BAND[mode],
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name="from the least to the most alike pair",
        )
    )
    figure.add_scatter(
        x=table["step"],
        y=table["mean"],
        mode="lines+markers",
        line={"color": SERIES[0], "width": 3},
        marker={"size": 8},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=table["step"],
        text=[
            f"step {row.step}: mean {row.mean:.3f}<br>pairs from {row.lowest:.3f} to "
            f"{row.highest:.3f}"
            for row in table.itertuples(index=False)
        ],
        hovertemplate="%{text}<extra></extra>",
        name=_mean_of(int(table["pairs"].iloc[0])),
    )
    figure.add_vline(x=step, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_layout(
        template=house_template(mode),
        height=380,
        hovermode="closest",
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(step_axis(int(table["step"].max())))
    figure.update_yaxes(title_text=TITLES[measure])
    if measure == "agreement":  # a share: equal values are not drawn in the middle of nothing
        figure.update_yaxes(range=[-0.03, 1.03])
    return figure


def _mean_of(pairs: int) -> str:
    return "the one pair" if pairs == 1 else f"mean of {pairs} pairs"


def parting_bars(table: pd.DataFrame, *, steps: int, what: str, mode: Mode) -> go.Figure:
    """How many pairs part at each step; the last bar is those that never do.

    ``what`` says what parting is, as in ``step at which two texts first differ``.
    """
    never = int(table.loc[table["step"] < 0, "pairs"].sum())
    counts = np.zeros(steps + 1, int)
    known = table[table["step"] >= 0]
    counts[known["step"]] = known["pairs"]
    labels = [str(step) for step in range(steps + 1)] + ["never"]
    figure = go.Figure(
        go.Bar(
            x=labels,
            y=[*counts, never],
            marker={"color": [SERIES[0]] * (steps + 1) + [SERIES[7]]},
            hovertemplate="step %{x}: %{y} pairs<extra></extra>",
        )
    )
    figure.update_layout(template=house_template(mode), height=260, dragmode=False)
    figure.update_xaxes(title_text=what, type="category", nticks=20)
    figure.update_yaxes(title_text="pairs", rangemode="tozero")
    return figure


def likeness_matrix(
    values: NDArray[np.float64],
    seeds: Sequence[int],
    *,
    measure: str,
    order: Sequence[int],
    chosen: tuple[int, int] | None,
    mode: Mode,
) -> go.Figure:
    """Pairs of one step [run, run], the runs in ``order``; the diagonal is left blank.

    Customdata of a cell is ``first,second``: places of the runs before they were ordered.
    """
    count = len(seeds)
    ordered = values[np.ix_(order, order)]
    off = ~np.eye(count, dtype=bool)
    labels = [f"seed {seeds[i]}" for i in order]
    bounds = {"zmin": 0.0, "zmax": 1.0} if measure == "agreement" else {}
    figure = go.Figure(
        go.Heatmap(
            z=np.where(off, ordered, np.nan),
            colorscale=SCALE[mode],
            colorbar={"title": {"text": TITLES[measure], "side": "right"}},
            texttemplate="%{z:.2f}" if count <= WRITTEN else None,
            textfont={"size": 14 if count <= 10 else 11},
            hoverinfo="skip",
            hoverongaps=False,
            xgap=1,
            ygap=1,
            **bounds,
        )
    )
    cells = [(i, j) for i in range(count) for j in range(count) if i != j]
    figure.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 12, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[f"{order[i]},{order[j]}" for i, j in cells],
        text=[
            f"{labels[i]} and {labels[j]}<br>{TITLES[measure]} {ordered[i, j]:.3f}"
            for i, j in cells
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    if chosen is not None:
        places = [list(order).index(item) for item in chosen]
        for i, j in (places, places[::-1]):
            figure.add_shape(
                type="rect", x0=j - 0.5, x1=j + 0.5, y0=i - 0.5, y1=i + 0.5,
                line={"color": SERIES[1], "width": 3},
            )  # fmt: skip
    ticks = {"tickmode": "array", "tickvals": list(range(count)), "ticktext": labels}
    figure.update_layout(
        template=house_template(mode), height=min(760, 190 + 34 * count), dragmode=False
    )
    figure.update_layout(WHOLE_CELLS)
    figure.update_xaxes(ticks, tickangle=-45, range=[-0.5, count - 0.5], showgrid=False)
    figure.update_yaxes(ticks, range=[count - 0.5, -0.5], showgrid=False)
    return figure
