"""Figures of an image run: the filmstrip, and the way of its latents."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.template import INK, SERIES, Mode, house_template, step_axis, step_mark
from engine.image.records import Picture

Drawn = tuple[str, int, int]  # a picture's data URI, and how wide and tall in pixels that is
GAP = 0.02  # of a column, left and right of a picture
BELOW = 0.16  # of a column, under a picture
LARGEST = 240  # pixels of a column
STRIP_WIDTH = 1000  # pixels of a page that the columns share
PANEL_GAP = 0.09  # of the figure, between two panels
CURVES = {
    "latent_norm": "RMS of the latents",
    "step_length": "RMS of the step",
    "cosine_to_final": "cosine to the final latents",
}


def png_uri(picture: Picture) -> str:
    """A picture as it is, as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"


def as_it_is(picture: Picture) -> Drawn:
    """A picture as it is, and its size."""
    return png_uri(picture), picture.width, picture.height


def filmstrip(
    rows: Sequence[tuple[str, Sequence[Picture | None]]],
    labels: Sequence[str],
    *,
    marked: int | None,
    mode: Mode,
    drawn: Callable[[Picture], Drawn] = as_it_is,
) -> go.Figure:
    """Rows of pictures, one column a step; ``marked`` is the column to frame.

    Each row has a title, as ``x_t``. A preview says so under its picture. All share one pair of
    axes, which a browser draws much sooner than a pair each. ``drawn`` says how a picture travels.
    """
    traces, previews, frames = [], [], []
    for r, (_, pictures) in enumerate(rows):
        for c, picture in enumerate(pictures):
            if picture is None:
                continue
            traces.append(
                _placed(drawn(picture), c, r * (1 + BELOW), coarse=picture.source != "decode")
            )
            if picture.source == "preview":
                previews.append((c + 0.5, r * (1 + BELOW) + 1 + BELOW / 2))
            if marked == c:
                corners = {"x0": c + GAP, "x1": c + 1 - GAP}
                corners |= {"y0": r * (1 + BELOW), "y1": r * (1 + BELOW) + 1}
                line = {"color": SERIES[1], "width": 4}
                frames.append({"type": "rect", "line": line, **corners})
    traces.append(
        go.Scatter(
            x=[x for x, _ in previews],
            y=[y for _, y in previews],
            mode="text",
            text=["preview"] * len(previews),
            textfont={"size": 13, "color": INK[mode]},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    columns, tall = max(1, len(labels)), len(rows) * (1 + BELOW)
    side = min(LARGEST, STRIP_WIDTH / columns)
    bare = {"showgrid": False, "zeroline": False, "ticks": "", "constrain": "domain"}
    layout = {
        "template": house_template(mode),
        "height": round(60 + side * tall),
        "margin": {"l": 6, "r": 6, "t": 34, "b": 6},
        "shapes": frames,
        "xaxis": {
            **bare,
            "side": "top",
            "range": [0, columns],
            "tickvals": [c + 0.5 for c in range(columns)],
            "ticktext": list(labels),
        },
        "yaxis": {
            **bare,
            "range": [tall, 0],
            "scaleanchor": "x",
            "tickvals": [r * (1 + BELOW) + 0.5 for r in range(len(rows))],
            "ticktext": [title for title, _ in rows],
        },
    }
    return go.Figure(data=traces, layout=layout)


PANEL_TICKS = 2  # a panel has room for half as many


def latent_curves(table: pd.DataFrame, *, step: int, mode: Mode) -> go.Figure:
    """Norm, step length and cosine to the end over the steps, one panel each."""
    traces, layout = [], {"template": house_template(mode), "height": 330}
    titles, marks = [], []
    width = (1 - PANEL_GAP * (len(CURVES) - 1)) / len(CURVES)
    for column, (name, title) in enumerate(CURVES.items()):
        axis = "" if column == 0 else str(column + 1)
        left = round(column * (width + PANEL_GAP), 6)
        right = round(left + width, 6)
        traces.append(
            go.Scatter(
                x=table["step"],
                y=table[name],
                mode="lines+markers",
                line={"color": SERIES[column], "width": 3},
                hovertemplate="step %{x}: %{y:.3f}<extra></extra>",
                showlegend=False,
                xaxis=f"x{axis}",
                yaxis=f"y{axis}",
            )
        )
        layout[f"xaxis{axis}"] = {"domain": [left, right], "anchor": f"y{axis}"}
        layout[f"xaxis{axis}"] |= step_axis(PANEL_TICKS * int(table["step"].max()))
        layout[f"yaxis{axis}"] = {"anchor": f"x{axis}"}
        place = {"x": (left + right) / 2, "y": 1, "xref": "paper", "yref": "paper"}
        place |= {"xanchor": "center", "yanchor": "bottom", "showarrow": False}
        titles.append({"text": title, "font": {"size": 14, "color": INK[mode]}, **place})
        marks.append(step_mark(step, mode, axis=axis))
    return go.Figure(data=traces, layout={**layout, "annotations": titles, "shapes": marks})


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
    figure.update_layout(
        template=house_template(mode),
        height=330,
        shapes=[step_mark(step, mode)],
        xaxis=step_axis(int(table["step"].max())),
        yaxis={"title": {"text": "alpha-bar (share of signal)"}, "range": [0, 1.03]},
    )
    return figure


def _placed(drawn: Drawn, column: int, top: float, *, coarse: bool) -> go.Image:
    """A picture in its column, as wide as it or as tall, whatever its shape and however small."""
    uri, width, height = drawn
    wide = (1 - 2 * GAP) * min(1.0, width / height)
    each = wide / width  # of a pixel; plotly counts from the first one's middle
    tall = each * height
    return go.Image(
        source=uri,
        x0=column + 0.5 - wide / 2 + each / 2,
        y0=top + (1 - tall) / 2 + each / 2,
        dx=each,
        dy=each,
        # a preview's squares are latents, and are to be seen
        zsmooth=False if coarse else "fast",
        hoverinfo="skip",
    )
