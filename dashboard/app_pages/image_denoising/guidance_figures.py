"""Where guidance acts: its map over a step's picture, its total and its parts over the steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.figures.template import (
    SERIES,
    Mode,
    house_template,
    new_figure,
    step_axis,
    step_mark,
)
from engine.chain.records import Floats

PARTS = {"parallel": "along the predicted x0", "orthogonal": "across it"}
TALL = 420  # pixels of the figure
# one hue over any picture, from nothing to full strength: the picture shows where guidance rests
OVERLAY = [[0.0, "rgba(230,159,0,0)"], [0.5, "rgba(230,120,0,0.55)"], [1.0, "rgba(213,60,0,0.9)"]]


def guidance_overlay(shares: Floats, picture: str | None, *, most: float, mode: Mode) -> go.Figure:
    """A map [h, w] of where guidance acts over the picture of its step, if there is one.

    ``picture`` is a data URI of any size. ``most`` is the end of the colours: the run's, so that
    steps compare, or the step's own. Axes count latents.
    """
    height, width = shares.shape
    heat = go.Heatmap(
        z=shares.astype(np.float64).round(5),
        zmin=0,
        zmax=most or 1.0,
        colorscale=OVERLAY,
        colorbar={"title": {"text": "|cond − uncond|, mean of channels", "side": "right"}},
        hovertemplate="row %{y}, column %{x}: %{z:.4f}<extra></extra>",
    )
    figure = new_figure(heat, mode=mode, title="", height=TALL)
    if picture is not None:
        corner = {"x": -0.5, "y": -0.5, "sizex": width, "sizey": height}
        figure.add_layout_image(
            source=picture, xref="x", yref="y", sizing="stretch", layer="below", **corner
        )
    bare = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    figure.update_xaxes(title_text="column of latents", range=[-0.5, width - 0.5], **bare)
    figure.update_yaxes(
        title_text="row of latents", range=[height - 0.5, -0.5], scaleanchor="x", **bare
    )
    return figure


def guidance_totals(totals: NDArray[np.float64], *, step: int, mode: Mode) -> go.Figure:
    """The sum of the map over the picture, at every step that has one. ``totals[0]`` is step 0."""
    figure = go.Figure(
        go.Scatter(
            x=list(range(1, len(totals))),
            y=totals[1:],
            mode="lines+markers",
            line={"color": SERIES[1], "width": 3},
            connectgaps=False,
            hovertemplate="step %{x}: %{y:.3f}<extra></extra>",
        )
    )
    figure.update_layout(template=house_template(mode), height=300)
    if step > 0:
        figure.update_layout(shapes=[step_mark(step, mode)])
    figure.update_xaxes(step_axis(len(totals) - 1))
    figure.update_yaxes(title_text="|cond − uncond|, total", rangemode="tozero")
    return figure


def apg_curves(table: pd.DataFrame, *, step: int, mode: Mode) -> go.Figure:
    """The two parts of what guidance adds to x0, at every step; a log axis has no 0."""
    figure = new_figure(mode=mode, title="", height=320)
    for colour, (name, title) in enumerate(PARTS.items()):
        values = table[name].to_numpy(np.float64)
        figure.add_scatter(
            x=table["step"],
            y=np.where(values > 0, values, np.nan),
            mode="lines+markers",
            line={"color": SERIES[colour], "width": 3, "dash": ("solid", "dash")[colour]},
            name=f"{name}: {title}",
            hovertemplate=f"step %{{x}}, {name}: %{{y:.4g}}<extra></extra>",
        )
    if step > 0:
        figure.update_layout(shapes=[step_mark(step, mode)])
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(step_axis(len(table)))
    figure.update_yaxes(title_text="RMS of the difference in x0", type="log", tickformat="~g")
    return figure
