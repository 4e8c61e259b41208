"""Several runs at once: curves, which tokens differ when, maps of where pictures differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from dashboard.figures.boxes import DIFFERS
from dashboard.figures.template import (
    BLANK,
    INK,
    SCALE,
    SERIES,
    Mode,
    as_text,
    house_template,
)
from engine.chain.records import Bools

DASHES = ("solid", "dash")  # of the first series of colours, and of the second
Map = NDArray[np.float64]


def curves(
    table: pd.DataFrame,
    measures: Mapping[str, str],
    *,
    marked: int,
    x_title: str,
    x_scale: float,
    mode: Mode,
) -> go.Figure:
    """A panel a measure, a line a run; ``measures`` maps columns to titles with units.

    ``table`` has columns run, position, step and the measures. ``x_scale`` turns positions into
    what the axis shows; ``marked`` is the position that is looked at.
    """
    titles = list(measures.values())
    figure = make_subplots(rows=1, cols=len(measures), subplot_titles=titles)
    runs = list(dict.fromkeys(table["run"]))
    for column, name in enumerate(measures, start=1):
        for number, run in enumerate(runs):
            part = table[(table["run"] == run) & table[name].notna()]
            figure.add_trace(
                go.Scatter(
                    x=part["position"] * x_scale,
                    y=part[name],
                    mode="lines+markers",
                    name=as_text(str(run)),
                    legendgroup=str(run),
                    showlegend=column == 1,
                    line=_line(number),
                    marker={"size": 7},
                    customdata=part["step"],
                    hovertemplate=f"{as_text(str(run))}, step %{{customdata}}: %{{y:.3f}}"
                    "<extra></extra>",
                ),
                row=1,
                col=column,
            )
    figure.add_vline(x=marked * x_scale, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text=x_title)
    figure.update_layout(
        template=house_template(mode),
        height=400,
        legend={"orientation": "h", "y": -0.24},
        dragmode=False,
    )
    figure.update_annotations(font={"size": 14, "color": INK[mode]})
    return figure


def token_differences(
    differs: Bools,
    labels: Sequence[str],
    others: Sequence[str],
    *,
    first: str,
    marked: int,
    x_title: str,
    x_scale: float,
    mode: Mode,
) -> go.Figure:
    """Which positions are not the first run's, over the slider; a panel for each other run.

    ``differs`` is [other run, position of the slider, position]; ``labels`` name the positions by
    the words of the run that is called ``first``.
    """
    titles = [as_text(other) for other in others]
    figure = make_subplots(
        rows=1, cols=len(others), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.03
    )
    x = np.arange(differs.shape[1]) * x_scale
    y = [f"{i} {as_text(label)}" for i, label in enumerate(labels)]
    for column, apart in enumerate(differs, start=1):
        heat = go.Heatmap(
            z=apart.T.astype(int),
            x=x,
            y=y,
            zmin=0,
            zmax=1,
            colorscale=[[0, BLANK[mode]], [1, DIFFERS]],
            showscale=False,
            xgap=1,
            ygap=1,
            text=np.where(apart.T, "differs", "equal"),
            hovertemplate=f"{x_title} %{{x}}, position %{{y}}: %{{text}}<extra></extra>",
        )
        figure.add_trace(heat, row=1, col=column)
    for name, colour in ((f"differs from {first}", DIFFERS), ("the same", BLANK[mode])):
        key = go.Scatter(
            x=[None], y=[None], mode="markers", name=as_text(name), hoverinfo="skip",
            marker={"symbol": "square", "size": 13, "color": colour},
        )  # fmt: skip
        figure.add_trace(key, row=1, col=1)
    figure.add_vline(x=marked * x_scale, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text=x_title)
    figure.update_yaxes(autorange="reversed", type="category")
    tall = max(8, min(26, 1600 // max(1, len(labels))))
    figure.update_layout(
        template=house_template(mode), height=150 + tall * len(labels), dragmode=False,
        meta={"positions": "rows"},
    )  # fmt: skip
    figure.update_annotations(font={"size": 14, "color": INK[mode]})
    return figure


def difference_maps(
    rows: Sequence[tuple[str, Sequence[Map | None]]], others: Sequence[str], *, mode: Mode
) -> go.Figure:
    """Rows of maps, a column for each other run; a row has a unit and one scale from 0.

    Each row is (its title with the unit, its maps); None leaves a place blank.
    """
    titles = [as_text(other) for other in others]
    figure = make_subplots(
        rows=len(rows),
        cols=len(others),
        column_titles=titles,
        horizontal_spacing=0.02,
        vertical_spacing=0.06,
    )
    for number, (title, maps) in enumerate(rows, start=1):
        most = max((float(each.max()) for each in maps if each is not None), default=0.0)
        for column, each in enumerate(maps, start=1):
            if each is None:
                continue
            heat = go.Heatmap(
                z=each,
                coloraxis=f"coloraxis{number if number > 1 else ''}",
                hovertemplate=f"{title}<br>%{{x}}, %{{y}}: %{{z:.3f}}<extra></extra>",
            )
            figure.add_trace(heat, row=number, col=column)
        middle = 1 - (number - 0.5) / len(rows)
        bar = {"title": {"text": title, "side": "right"}, "thickness": 12, "tickformat": ".2~f"}
        bar |= {"y": middle, "len": 0.92 / len(rows)}
        axis = {"cmin": 0, "cmax": max(most, 1e-6), "colorscale": SCALE[mode], "colorbar": bar}
        figure.update_layout({f"coloraxis{number if number > 1 else ''}": axis})
    for axis in figure.select_yaxes():
        axis.update(scaleanchor=axis.anchor, autorange="reversed", constrain="domain")
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": ""}
    figure.update_xaxes(bare, constrain="domain")
    figure.update_yaxes(bare)
    figure.update_layout(
        template=house_template(mode),
        height=60 + 270 * len(rows),
        margin={"l": 6, "r": 6, "t": 40, "b": 10},
        dragmode=False,
    )
    figure.update_annotations(font={"size": 14, "color": INK[mode]})
    return figure


def _line(number: int) -> dict[str, object]:
    """No two of sixteen lines alike."""
    again, colour = divmod(number, len(SERIES))
    return {"color": SERIES[colour], "width": 3, "dash": DASHES[again % len(DASHES)]}
