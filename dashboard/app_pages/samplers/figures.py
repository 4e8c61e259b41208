"""Distance to a converged reference against what it costs, a line a sampler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.template import INK, OPENED, PAPER, SERIES, Mode, as_text, new_figure

DISTANCES = {
    "latent_distance": "distance of latents to the reference (RMS, in its std)",
    "picture_distance": "distance of pictures to the reference (RMS of pixels, 0 to 1)",
}
COSTS = {
    "calls": "model calls (samples the U-Net was run on)",
    "seconds": "seconds in the U-Net",
}
# lines of one colour and those that lie on one another are told apart: no dots, which mean noise
DASHES = ("solid", "dash", "longdashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "pentagon", "hexagon")
CHOSEN = SERIES[1]  # the frame of a chosen picture in a sheet, too
ROUND = ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7))  # of every power of ten
ENOUGH_TICKS = 4
MOST_PLACES, APART = 8, 1.25  # of points on an axis, for a tick at each
LEAST = 1e-6  # what is nearer than that is drawn there: a log axis has no zero


def distance_curves(
    table: pd.DataFrame,
    *,
    methods: Sequence[str],
    distance: str,
    cost: str,
    floor: float | None,
    chosen: str | None,
    mode: Mode,
    alike: Sequence[Sequence[str]] = (),
) -> go.Figure:
    """Both axes log; a line a method; dotted and hollow where steps draw fresh noise.

    ``alike`` are groups of methods whose lines lie on one another: a hover names all of them.

    ``table`` is ``samplers.distance_table``; ``floor`` is how far the reference may itself be from
    where it goes. ``methods`` fixes the colours, whatever is shown. Customdata is the run.
    """
    figure = new_figure(mode=mode, title="", height=500)
    known = table.dropna(subset=[distance])
    for line, method in enumerate(methods):
        part = known[known["method"] == method].sort_values(cost)
        if len(part):
            with_it = next((group for group in alike if method in group), ())
            figure.add_trace(_curve(part, line, distance, cost, mode, with_it))
    figure.add_traces([mark for curve in figure.data for mark in _opened(curve, chosen)])
    if floor is not None and floor > 0 and len(known):
        dashed = {"color": INK[mode], "width": 1.5, "dash": "dash"}
        figure.add_shape(
            type="line", xref="x domain", x0=0, x1=1, y0=floor, y1=floor, line=dashed, layer="below"
        )
        figure.add_annotation(
            text="about the reference's own error",
            xref="x domain",
            x=0.01,
            y=math.log10(floor),  # annotations of a log axis stand at the logarithm
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 14, "color": INK[mode]},
        )
    across = _at_points(known[cost]) or _ticks(known[cost])
    up = _ticks(known[distance].clip(lower=LEAST))
    figure.update_xaxes(type="log", title_text=COSTS[cost], **across)
    figure.update_yaxes(type="log", title_text=DISTANCES[distance].replace(" (", "<br>("), **up)
    figure.update_layout(
        hovermode="closest",
        dragmode=False,
        legend={"orientation": "v", "x": 1.02, "y": 0.94, "font": {"size": 15}},
        margin={"t": 16},
    )
    return figure


def _curve(
    part: pd.DataFrame,
    line: int,
    distance: str,
    cost: str,
    mode: Mode,
    alike: Sequence[str],
) -> go.Scatter:
    # where points lie on one another the ones below, drawn first, are larger: seen, and hit
    # after eight lines colours come again, with other symbols
    color, symbol = SERIES[line % len(SERIES)], SYMBOLS[(line + line // len(SERIES)) % len(SYMBOLS)]
    random = bool(part["random"].any())
    method = str(part["method"].iloc[0])
    size = max(12, 18 - 2 * line) + (3 if symbol.startswith("triangle") else 0)
    return go.Scatter(
        x=part[cost],
        y=part[distance].clip(lower=LEAST),
        mode="lines+markers",
        name=as_text(method) + (" (random)" if random else ""),
        line={"color": color, "width": 3, "dash": "dot" if random else DASHES[line % len(DASHES)]},
        marker={
            "symbol": f"{symbol}-open" if random else symbol,
            "size": size,
            "color": color,
            "opacity": 1,
            "line": {"width": 2, "color": color if random else PAPER[mode]},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=part["run"],
        text=[_hover(row, alike) for _, row in part.iterrows()],
        hovertemplate="%{text}<extra></extra>",
    )


def _opened(curve: go.Scatter, chosen: str | None) -> list[go.Scatter]:
    """The point of a line whose picture is open, marked over the others."""
    points = zip(curve.x, curve.y, curve.customdata, curve.text, strict=True)
    return [
        go.Scatter(
            x=[x], y=[y], mode="markers", showlegend=False, meta=OPENED,
            marker={
                "symbol": curve.marker.symbol, "size": 22, "color": curve.marker.color,
                "opacity": 1, "line": {"width": 4, "color": CHOSEN},
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            customdata=[run],
            text=[text],
            hovertemplate="%{text}<extra></extra>",
        )
        for x, y, run, text in points
        if run == chosen
    ]  # fmt: skip


def _hover(row: pd.Series[Any], alike: Sequence[str]) -> str:
    shallow = "" if row["whole"] == row["evaluations"] else f", {row['whole']} of them whole"
    timed = "alone" if row["alone"] else "in shared batches"
    pixels = row["picture_distance"]
    lines = [
        f"<b>{as_text(str(row['method']))}, {row['steps']} steps</b>",
        f"{row['calls']} model calls in {row['evaluations']} evaluations{shallow}",
        f"{row['seconds']:.3g} s, {timed}",
        f"latents {row['latent_distance']:.4f} from the reference",
        "" if math.isnan(pixels) else f"pictures {pixels:.4f} from the reference",
        "random: draws fresh noise, does not converge to it" if row["random"] else "",
        as_text(f"{' and '.join(alike)} lie on one another here") if alike else "",
        f"run {str(row['run'])[:12]}",
    ]
    return "<br>".join(line for line in lines if line)


def _at_points(values: pd.Series[float]) -> dict[str, Any]:
    """Ticks where the points are, if these are few and far enough apart to be read."""
    places = sorted({float(value) for value in values if value > 0})
    near = any(after < APART * before for before, after in pairwise(places))
    if near or not 2 < len(places) <= MOST_PLACES:
        return {}
    return {"tickmode": "array", "tickvals": places, "ticktext": [f"{p:.4g}" for p in places]}


def _ticks(values: pd.Series[float]) -> dict[str, Any]:
    """Round numbers over the range of some values: a log axis' own ticks are hard to read.

    1, 2, 5, 10, ... where they are enough; where values lie close together as far apart as each
    other.
    """
    known = [value for value in values if value > 0]
    if not known:
        return {}
    low, high = min(known), max(known)
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    for steps in ROUND:
        ticks = [m * 10.0**power for power in powers for m in steps]
        if sum(low <= tick <= high for tick in ticks) >= ENOUGH_TICKS:
            break
    else:
        power = 10.0 ** math.floor(math.log10(max(high - low, low / 100) / ENOUGH_TICKS))
        step = next(
            m * power for m in (1, 2, 5, 10) if m * power * ENOUGH_TICKS >= 0.75 * (high - low)
        )
        first, last = math.floor(low / step), math.ceil(high / step)
        ticks = [k * step for k in range(max(first, 1), last + 1)]
    return {"tickmode": "array", "tickvals": ticks, "ticktext": [f"{tick:.4g}" for tick in ticks]}
