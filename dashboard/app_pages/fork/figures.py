"""What a fork changed: tokens and confidences of a text, latents of a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.template import (
    DIVERGING,
    INK,
    PAPER,
    SERIES,
    Mode,
    as_text,
    house_template,
    step_axis,
)
from engine.metrics.fork_effects import LatentEffects, TokenEffects

LEAST = 0.1  # of a confidence: smaller changes are not drawn in full colours


def effect_map(effects: TokenEffects, words: Sequence[str], *, mode: Mode) -> go.Figure:
    """Rows are steps after the fork, columns positions with the child's final words.

    Colour is how the confidence moved where both were still masked; a dot marks a token that
    differs; the columns the fork wrote are framed.
    """
    columns = [f"{i}: {as_text(word)}" for i, word in enumerate(words)]
    steps = [f"step {i}" for i in effects.steps]
    moved = np.abs(effects.confidence[np.isfinite(effects.confidence)])
    most = max(LEAST, float(moved.max(initial=0.0)))  # little is seen, too
    figure = go.Figure(
        go.Heatmap(
            z=effects.confidence,
            x=columns,
            y=steps,
            zmin=-most,
            zmax=most,
            colorscale=DIVERGING[mode],
            colorbar={
                "title": {"text": "fork −<br>parent", "side": "top"},
                "tickvals": [-most, 0, most],  # of two rows the bar is short
                "tickformat": ".2g",
            },
            hovertemplate="%{y}, %{x}<br>confidence %{z:+.2f}<extra></extra>",
            hoverongaps=False,
            xgap=2,
            ygap=2,
        )
    )
    rows, places = np.nonzero(effects.flipped)
    figure.add_scatter(
        x=[columns[p] for p in places],
        y=[steps[r] for r in rows],
        mode="markers",
        name="token differs",
        marker={"size": 11, "color": SERIES[1], "line": {"color": PAPER[mode], "width": 1.5}},
        hovertemplate="%{y}, %{x}: the token differs<extra></extra>",
    )
    for position in effects.written.tolist():
        figure.add_shape(
            type="rect", x0=position - 0.5, x1=position + 0.5, y0=-0.5, y1=len(steps) - 0.5,
            line={"color": SERIES[5], "width": 3},
        )  # fmt: skip
    figure.update_layout(
        template=house_template(mode),
        height=190 + 34 * len(steps),
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(tickangle=-45)
    figure.update_yaxes(autorange="reversed")
    return figure


def latent_difference(effects: LatentEffects, *, at: int, mode: Mode) -> go.Figure:
    """RMS difference and cosine of the latents of parent and fork over steps."""
    figure = make_subplots(
        rows=1, cols=2, subplot_titles=["RMS difference of the latents", "cosine of the latents"]
    )
    for column, values in enumerate((effects.rms, effects.cosine), start=1):
        figure.add_scatter(
            x=effects.steps,
            y=values,
            mode="lines+markers",
            line={"color": SERIES[column - 1], "width": 3},
            hovertemplate="step %{x}: %{y:.3f}<extra></extra>",
            showlegend=False,
            row=1,
            col=column,
        )
    figure.add_vline(x=at, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_xaxes(step_axis(max(effects.steps, default=1)))
    figure.update_layout(template=house_template(mode), height=330)
    figure.update_annotations(font={"size": 14, "color": INK[mode]})
    return figure
