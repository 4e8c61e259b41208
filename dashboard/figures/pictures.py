"""Figures of an image run: the filmstrip, and the way of its latents."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.template import INK, SERIES, Mode, house_template
from engine.image_records import Picture

CURVES = {
    "latent_norm": "norm of the latents",
    "step_length": "length of the step",
    "cosine_to_final": "cosine to the final latents",
}


def filmstrip(
    rows: Sequence[tuple[str, Sequence[Picture | None]]],
    labels: Sequence[str],
    *,
    marked: int | None,
    mode: Mode,
) -> go.Figure:
    """Rows of pictures, one column a step; ``marked`` is the column to frame.

    Each row has a title, as ``x_t``. A preview says so under its picture.
    """
    figure = make_subplots(
        rows=len(rows),
        cols=max(1, len(labels)),
        horizontal_spacing=0.006,
        vertical_spacing=0.12,
        row_titles=[title for title, _ in rows],
        column_titles=list(labels),
    )
    for r, (_, pictures) in enumerate(rows, start=1):
        for c, picture in enumerate(pictures, start=1):
            if picture is None:
                continue
            figure.add_trace(_image(picture), row=r, col=c)
            if picture.source == "preview":
                figure.update_xaxes(title_text="preview", row=r, col=c)
            if marked == c - 1:
                figure.add_shape(
                    type="rect",
                    xref="x domain",
                    yref="y domain",
                    x0=0,
                    x1=1,
                    y0=0,
                    y1=1,
                    line={"color": SERIES[1], "width": 4},
                    row=r,
                    col=c,
                )
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False, ticks="")
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False, ticks="")
    figure.update_layout(
        template=house_template(mode),
        height=60 + 190 * len(rows),
        margin={"l": 6, "r": 34, "t": 34, "b": 26},
    )
    figure.update_annotations(font={"size": 13, "color": INK[mode]})
    return figure


def latent_curves(table: pd.DataFrame, *, step: int, mode: Mode) -> go.Figure:
    """Norm, step length and cosine to the end over the steps, one panel each."""
    figure = make_subplots(rows=1, cols=3, subplot_titles=list(CURVES.values()))
    for column, (name, _) in enumerate(CURVES.items(), start=1):
        figure.add_trace(
            go.Scatter(
                x=table["step"],
                y=table[name],
                mode="lines+markers",
                line={"color": SERIES[column - 1], "width": 3},
                hovertemplate="step %{x}: %{y:.3f}<extra></extra>",
                showlegend=False,
            ),
            row=1,
            col=column,
        )
    figure.add_vline(x=step, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text="step")
    figure.update_layout(template=house_template(mode), height=330)
    figure.update_annotations(font={"size": 14, "color": INK[mode]})
    return figure


def noise_curve(table: pd.DataFrame, *, step: int, mode: Mode) -> go.Figure:
    """Signal left at every step: alpha-bar, from noise to picture."""
    taken = table[table["step"] > 0]
    figure = go.Figure(
        go.Scatter(
            x=taken["step"],
            y=np.asarray(taken["alpha_bar"]),
            mode="lines+markers",
            line={"color": SERIES[0], "width": 3},
            hovertemplate="step %{x}: alpha-bar %{y:.3f}<extra></extra>",
        )
    )
    figure.add_vline(x=step, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_layout(template=house_template(mode), height=330)
    figure.update_xaxes(title_text="step")
    figure.update_yaxes(title_text="alpha-bar (share of signal)", range=[0, 1.03])
    return figure


def _image(picture: Picture) -> go.Image:
    data = base64.b64encode(picture.png).decode()
    return go.Image(source=f"data:image/png;base64,{data}", hoverinfo="skip")
