"""Prompts in CLIP's space: cosines with values, of prompts, of their tokens, with pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.figures.template import (
    DIVERGING,
    INK,
    PAPER,
    SCALE,
    SERIES,
    WHOLE_CELLS,
    Mode,
    as_text,
    house_template,
    ink_on,
)

Table = NDArray[np.float64]

NUMBERED_ONLY = 5  # more columns than this have numbers, not words
NAMED = 40  # more rows than this have numbers, not words
WRITTEN = 20  # a side with more cells than this has no values written in them
FITTING = 6  # a side with more cells than this has no room for values where it is narrow
CLICKABLE = 64  # a side with more cells than this has no squares to click
WRAP, LINES = 30, 3
THUMB_ROWS = 2.6  # the height of a thumbnail in rows


def similarity_heatmap(
    cosines: Table,
    prompts: Sequence[str],
    *,
    chosen: tuple[int, int] | None,
    mode: Mode,
    narrow: bool = False,
) -> go.Figure:
    """Cosines [prompt, prompt] with values; ``chosen`` is the pair to frame.

    The diagonal is 1 by definition: it is left blank, and out of the colours' range. Customdata
    of a cell is ``first,second``. ``narrow``: prompts are numbers, for there is no room for words.
    """
    count = len(prompts)
    off = ~np.eye(count, dtype=bool)
    most = FITTING if narrow else WRITTEN
    figure = _heatmap(np.where(off, cosines, np.nan), cosines, mode, title="cosine", most=most)
    if count <= CLICKABLE:
        hovers = [
            f"{as_text(a)}<br>{as_text(b)}<br>cosine {cosines[i, j]:.3f}"
            for i, a in enumerate(prompts)
            for j, b in enumerate(prompts)
        ]
        _squares(figure, (count, count), hovers)
    if chosen is not None:
        for i, j in {chosen, chosen[::-1]}:
            _frame(figure, i, j)
    numbers = [str(i + 1) for i in range(count)]
    rows = [_numbered(i, prompt, WRAP) for i, prompt in enumerate(prompts)]
    columns = numbers
    worded = count <= NUMBERED_ONLY and not narrow
    if worded:
        columns = [_numbered(i, prompt, 76 // count) for i, prompt in enumerate(prompts)]
    figure.update_xaxes(_ticks(columns), side="top")
    figure.update_yaxes(_ticks(rows if count <= NAMED and not narrow else numbers))
    figure.update_xaxes(tickangle=0, tickfont={"size": 13}, range=[-0.5, count - 0.5])
    figure.update_yaxes(range=[count - 0.5, -0.5])
    top = 76 if worded else 36
    size = {"height": round(top + 20 + min(1600, max(40, 80 - 3 * count) * count))}
    figure.update_layout(size, margin={"l": 8, "r": 8, "t": top, "b": 10})
    return figure


def token_heatmap(
    cosines: Table,
    first: Sequence[str],
    second: Sequence[str],
    *,
    numbers: tuple[int, int],
    mode: Mode,
    narrow: bool = False,
) -> go.Figure:
    """Cosines [token, token] of two prompts; rows the first's tokens, columns the second's.

    Lines set off the start and end tokens. The cell of the two start tokens is blank: they are
    one state, whatever the prompts. ``narrow``: only few cells have room for their values.
    """
    apart = cosines.copy()
    apart[0, 0] = np.nan
    figure = _heatmap(apart, cosines, mode, title="cosine", most=FITTING if narrow else WRITTEN)
    hovers = [
        f"{as_text(a)} ({i}) and {as_text(b)} ({j})<br>cosine {cosines[i, j]:.3f}"
        for i, a in enumerate(first)
        for j, b in enumerate(second)
    ]
    _squares(figure, (len(first), len(second)), hovers)
    line = {"color": SERIES[1], "width": 2, "dash": "dot"}
    for at in (0.5, len(first) - 1.5):
        figure.add_hline(y=at, line=line)
    for at in (0.5, len(second) - 1.5):
        figure.add_vline(x=at, line=line)
    angle = -90 if narrow else -40
    figure.update_xaxes(_ticks([as_text(t) for t in second]), tickangle=angle, side="top")
    figure.update_yaxes(_ticks([as_text(t) for t in first]))
    figure.update_xaxes(range=[-0.5, len(second) - 0.5])
    figure.update_yaxes(range=[len(first) - 0.5, -0.5])
    figure.update_xaxes(title_text=f"tokens of prompt {numbers[1]}")
    figure.update_yaxes(title_text=f"tokens of prompt {numbers[0]}")
    figure.update_layout(
        height=150 + max(20, 40 - len(first) // 2) * len(first),
        margin={"l": 8, "r": 8, "t": 110, "b": 10},
    )
    return figure


def picture_heatmap(
    values: Table,
    prompts: Sequence[str],
    thumbs: Sequence[str],
    named: Sequence[str],
    *,
    shares: bool,
    mode: Mode,
) -> go.Figure:
    """Values [prompt, picture] under the pictures; ``thumbs`` are data URIs ('' for none).

    ``shares``: the values are shares of 1 down each column, not cosines. ``named`` says what each
    picture is.
    """
    rows, columns = values.shape
    what = "share" if shares else "cosine"
    figure = _heatmap(values, values, mode, title=what, bounds=(0.0, 1.0) if shares else None)
    hovers = [
        f"{as_text(prompt)}<br>{as_text(name)}<br>{what} {values[i, j]:.3f}"
        for i, prompt in enumerate(prompts)
        for j, name in enumerate(named)
    ]
    _squares(figure, (rows, columns), hovers)
    figure.update_layout(
        images=[_thumb(source, j) for j, source in enumerate(thumbs) if source],
        height=round(40 + 48 * (rows + THUMB_ROWS)),
        plot_bgcolor=PAPER[mode],
        margin={"l": 8, "r": 8, "t": 8, "b": 30},
    )
    figure.update_xaxes(_ticks([str(j + 1) for j in range(columns)]), title_text="picture")
    # up to 6 columns stay as wide as a picture is tall, else a thumbnail floats in an empty strip
    figure.update_xaxes(range=[-0.5, max(columns, 6) - 0.5])
    figure.update_yaxes(_ticks([_numbered(i, prompt, WRAP) for i, prompt in enumerate(prompts)]))
    figure.update_yaxes(range=[rows - 0.5, -0.5 - THUMB_ROWS])
    return figure


def _heatmap(
    coloured: Table,
    written: Table,
    mode: Mode,
    *,
    title: str,
    bounds: tuple[float, float] | None = None,
    most: int = WRITTEN,
) -> go.Figure:
    """Cells with values in them, on a scale of the real range; of both signs only where there are.

    ``coloured`` is nan where a cell stays blank; ``written`` holds the values in the cells, of at
    most so many a side.
    """
    colours = _colours(coloured, mode, bounds)
    heat = go.Heatmap(
        z=coloured,
        **colours,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
        colorbar={"title": {"text": title, "side": "right"}, "thickness": 14, "tickformat": ".2f"},
    )
    figure = go.Figure(heat)
    layout = {"template": house_template(mode), "plot_bgcolor": PAPER[mode], "dragmode": False}
    figure.update_layout(layout, showlegend=False, hovermode="closest")
    figure.update_xaxes(showgrid=False, zeroline=False, ticks="", fixedrange=True)
    figure.update_yaxes(showgrid=False, zeroline=False, ticks="", fixedrange=True)
    if max(written.shape) <= most:
        notes = [
            _value(i, j, float(written[i, j]), float(coloured[i, j]), colours, mode)
            for i, j in np.ndindex(written.shape)
        ]
        figure.update_layout(annotations=notes)
    return figure


def _colours(values: Table, mode: Mode, bounds: tuple[float, float] | None) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    low, high = bounds or ((float(known.min()), float(known.max())) if len(known) else (0.0, 1.0))
    if low < 0 < high:
        far = max(-low, high)
        return {"colorscale": DIVERGING[mode], "zmin": -far, "zmax": far}
    if high - low < 0.02:  # equal values are one colour, not the two ends of the scale
        low, high = low - 0.05, high + 0.05
    return {"colorscale": SCALE[mode], "zmin": low, "zmax": high}


def _value(
    row: int, column: int, value: float, coloured: float, colours: dict[str, Any], mode: Mode
) -> dict[str, Any]:
    """A cell's value as an annotation, in black or white, whichever is legible on its colour."""
    ink = INK[mode]
    if not np.isnan(coloured):
        share = (coloured - colours["zmin"]) / (colours["zmax"] - colours["zmin"])
        ink = ink_on(colours["colorscale"], share)
    text = f"{value:.2f}"
    font = {"size": 16, "color": ink}
    return {"x": column, "y": row, "text": text, "showarrow": False, "font": font}


def _squares(figure: go.Figure, shape: tuple[int, int], hovers: Sequence[str]) -> None:
    """Invisible squares that carry hovers and clicks: a click on a heatmap selects nothing."""
    cells = list(np.ndindex(shape))
    figure.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 12, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[f"{i},{j}" for i, j in cells],
        text=list(hovers),
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_layout(WHOLE_CELLS)


def _frame(figure: go.Figure, row: int, column: int) -> None:
    corners = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    figure.add_shape(type="rect", line={"color": SERIES[1], "width": 3}, **corners)


def _thumb(source: str, column: int) -> dict[str, Any]:
    return {
        "source": source,
        "xref": "x",
        "yref": "y",
        "x": column,
        "y": -0.5 - THUMB_ROWS / 2,
        "sizex": 0.94,
        "sizey": THUMB_ROWS * 0.94,
        "xanchor": "center",
        "yanchor": "middle",
        "sizing": "contain",
    }


def _ticks(labels: Sequence[str]) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": list(labels),
        "automargin": True,
    }


def _numbered(place: int, prompt: str, width: int) -> str:
    lines = textwrap.wrap(f"{place + 1}  {prompt}", width, max_lines=LINES, placeholder=" …")
    return "<br>".join(as_text(line) for line in lines)
