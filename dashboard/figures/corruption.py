"""Figures of the forward process: the text at a level, the schedule, who is masked when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.boxes import Box, boxes_figure
from dashboard.figures.template import BLANK, INK, SERIES, Mode, as_text, new_figure, step_axis
from engine.text.noise_schedule import NoiseSchedule
from engine.text.records import CorruptionRun
from engine.text.spec import ScheduleName

TALLEST = 900  # pixels of a map's rows together
FEW = 60  # levels or positions that have room for a gap between them


def corrupted_sentence(run: CorruptionRun, *, level: int, mode: Mode) -> go.Figure:
    """The text at a level; masked positions are empty boxes, redrawn words grey ones."""
    return boxes_figure(corruption_boxes(run, level=level, mode=mode), mode=mode)


def corruption_boxes(run: CorruptionRun, *, level: int, mode: Mode) -> list[Box]:
    """The boxes of ``corrupted_sentence``."""
    masked = run.steps[level].masked
    words = run.words(0) if run.masked_kernel else run.words(level)
    return [
        Box(
            word="" if masked[position] and run.masked_kernel else words[position],
            fill=BLANK[mode] if masked[position] else "rgba(0,0,0,0)",
            ink=INK[mode],
            framed=False,
            hover=f"position {position}: {as_text(word)}",
            width_of=max(word, words[position], key=len),
        )
        for position, word in enumerate(run.words(0))
    ]


def schedule_curves(runs: Sequence[CorruptionRun], *, level: int, mode: Mode) -> go.Figure:
    """The mask probability of the schedules over time, and the share each run has masked.

    The geometric one is drawn where a run has it.
    """
    figure = new_figure(mode=mode, title="", height=400)
    times = np.linspace(0, 1, 101)
    names: dict[ScheduleName, tuple[str, str]] = {
        "linear": (SERIES[0], "solid"),
        "cosine": (SERIES[1], "dash"),
    }
    if any(run.manifest.spec["schedule"] == "geometric" for run in runs):
        names["geometric"] = (INK[mode], "dot")
    for name, (colour, dash) in names.items():
        curve = NoiseSchedule(name).mask_probability
        figure.add_trace(
            go.Scatter(
                x=times,
                y=[curve(float(t)) for t in times],
                mode="lines",
                line={"color": colour, "width": 3, "dash": dash},
                name=f"{name} schedule",
                hovertemplate="time %{x:.2f}<br>noise probability %{y:.2f}",
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
                name=f"{_done(run)} share, {spec['schedule']}, {spec['coupling']}",
                hovertemplate=f"time %{{x:.2f}}<br>{_done(run)} share %{{y:.2f}}",
            )
        )
    at = level / int(runs[0].manifest.spec["steps"])
    figure.add_vline(x=at, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_layout(legend_y=-0.3)
    figure.update_xaxes(title_text="time t = step / steps", range=[-0.02, 1.02])
    figure.update_yaxes(title_text=f"share of positions {_done(runs[0])}", range=[-0.03, 1.05])
    return figure


def _done(run: CorruptionRun) -> str:
    """What noise has done to a position."""
    return "masked" if run.masked_kernel else "redrawn"


def mask_map(run: CorruptionRun, *, level: int, mode: Mode) -> go.Figure:
    """Which position is noise at which level: a staircase when nested, speckled when independent.

    Of words that were redrawn hover has what stands there.
    """
    z = np.stack([s.masked for s in run.steps]).astype(int).T
    labels = [f"{i} {as_text(word)}" for i, word in enumerate(run.words(0))]
    heat = go.Heatmap(
        z=z,
        x=list(range(len(run.steps))),
        y=labels,
        colorscale=[[0, BLANK[mode]], [1, SERIES[0]]],
        showscale=False,
        xgap=2 if len(run.steps) <= FEW else 0,
        ygap=2 if len(labels) <= FEW else 0,
        text=[[as_text(run.words(s.index)[i]) for s in run.steps] for i in range(len(labels))]
        if not run.masked_kernel
        else None,
        hovertemplate="step %{x}, position %{y}"
        + ("<extra></extra>" if run.masked_kernel else "<br>%{text}<extra></extra>"),
    )
    figure = new_figure(heat, mode=mode, title="", height=120 + min(28 * len(labels), TALLEST))
    figure.add_vline(x=level, line={"color": INK[mode], "width": 1, "dash": "dot"})
    figure.update_xaxes(step_axis(len(run.steps) - 1))
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_layout(meta={"steps": True})  # a click goes to a cell's step
    return figure
