"""Figures of the forward process: the text at a level, the schedule, who is masked when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.sentence import ROW_UNITS, layout_boxes
from dashboard.figures.template import BLANK, GRID, INK, SERIES, Mode, as_text, new_figure
from engine.records import CorruptionRun
from engine.specs import ScheduleName
from engine.text.noise_schedule import NoiseSchedule


def corrupted_sentence(run: CorruptionRun, *, level: int, mode: Mode) -> go.Figure:
    """The text at a level; masked positions are empty boxes."""
    clean, masked = run.words(0), run.steps[level].masked
    boxes = layout_boxes(clean)
    rows = int(boxes[-1][0]) + 1 if boxes else 1
    figure = new_figure(mode=mode, title="", height=34 + 62 * rows)
    for position, (row, left, width) in enumerate(boxes):
        hidden = bool(masked[position])
        figure.add_shape(
            type="rect",
            x0=left,
            x1=left + width,
            y0=-row - 0.38,
            y1=-row + 0.38,
            fillcolor=BLANK[mode] if hidden else "rgba(0,0,0,0)",
            line={"color": GRID[mode], "width": 1},
        )
        figure.add_annotation(
            x=left + width / 2,
            y=-row,
            text="" if hidden else as_text(clean[position]),
            showarrow=False,
            font={"size": 20, "color": INK[mode]},
        )
    figure.update_xaxes(visible=False, range=[-0.5, ROW_UNITS + 0.5], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-rows + 0.4, 0.6], fixedrange=True)
    figure.update_layout(margin={"l": 4, "r": 4, "t": 6, "b": 6})
    return figure


def schedule_curves(runs: Sequence[CorruptionRun], *, level: int, mode: Mode) -> go.Figure:
    """The mask probability of both schedules over time, and the share each run has masked."""
    figure = new_figure(mode=mode, title="", height=400)
    times = np.linspace(0, 1, 101)
    names: tuple[ScheduleName, ...] = ("linear", "cosine")
    for colour, name in zip(SERIES, names, strict=False):
        curve = NoiseSchedule(name).mask_probability
        figure.add_trace(
            go.Scatter(
                x=times,
                y=[curve(float(t)) for t in times],
                mode="lines",
                line={"color": colour, "width": 3, "dash": "solid" if name == "linear" else "dash"},
                name=f"{name} schedule",
                hovertemplate="time %{x:.2f}<br>mask probability %{y:.2f}",
            )
        )
    for colour, run in zip(SERIES[2:], runs, strict=False):
        spec = run.manifest.spec
        figure.add_trace(
            go.Scatter(
                x=[s.index / int(spec["steps"]) for s in run.steps],
                y=[float(s.masked.mean()) for s in run.steps],
                mode="markers",
                marker={"size": 11, "color": colour},
                name=f"masked share, {spec['schedule']}, {spec['coupling']}",
                hovertemplate="time %{x:.2f}<br>masked share %{y:.2f}",
            )
        )
    at = level / int(runs[0].manifest.spec["steps"])
    figure.add_vline(x=at, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text="time t = level / steps", range=[-0.02, 1.02])
    figure.update_yaxes(title_text="share of positions masked", range=[-0.03, 1.05])
    return figure


def mask_map(run: CorruptionRun, *, level: int, mode: Mode) -> go.Figure:
    """Which position is masked at which level: a staircase when nested, noise when independent."""
    z = np.stack([s.masked for s in run.steps]).astype(int).T
    labels = [f"{i} {as_text(word)}" for i, word in enumerate(run.words(0))]
    heat = go.Heatmap(
        z=z,
        x=list(range(len(run.steps))),
        y=labels,
        colorscale=[[0, BLANK[mode]], [1, SERIES[0]]],
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="level %{x}, position %{y}<extra></extra>",
    )
    figure = new_figure(heat, mode=mode, title="", height=120 + 28 * len(labels))
    figure.add_vline(x=level, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text="level")
    figure.update_yaxes(autorange="reversed", type="category")
    return figure
