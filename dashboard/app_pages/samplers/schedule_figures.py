"""Noise schedules as curves, and where the evaluations of samplers fall on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.template import INK, SERIES, Mode, as_text, house_template
from engine.image.schedules import Curve, ImageSchedule, alpha_bars, betas, signal_to_noise
from engine.text.noise_schedule import NoiseSchedule
from engine.text.spec import ScheduleName

IMAGE: dict[ImageSchedule, str] = {
    "linear": "linear (DDPM)",
    "scaled-linear": "scaled-linear (Stable Diffusion)",
    "cosine": "cosine (Nichol and Dhariwal)",
}
TEXT: tuple[ScheduleName, ...] = get_args(ScheduleName)
QUANTITIES = {
    "beta": "beta (noise a step adds, log)",
    "alpha_bar": "alpha-bar (share of signal)",
    "snr": "signal to noise (log)",
}
DASHES = ("solid", "dash", "dot", "dashdot")
POINTS = 200  # of a curve of text


def image_schedules() -> pd.DataFrame:
    """Columns schedule, timestep, beta, alpha_bar, snr of the known schedules."""
    parts = [_columns(name, betas(schedule)) for schedule, name in IMAGE.items()]
    return pd.concat(parts, ignore_index=True)


def text_schedules() -> pd.DataFrame:
    """Columns schedule, time, mask_probability, kept_to_masked of the masking schedules."""
    times = np.linspace(0, 1, POINTS + 1)
    parts = []
    for name in TEXT:
        masked = np.array([NoiseSchedule(name).mask_probability(float(t)) for t in times])
        odds = np.divide(1 - masked, masked, out=np.full_like(masked, np.nan), where=masked > 0)
        parts.append(
            pd.DataFrame(
                {
                    "schedule": name,
                    "time": times,
                    "mask_probability": masked,
                    "kept_to_masked": np.where(odds > 0, odds, np.nan),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def image_schedule_curves(table: pd.DataFrame, *, mode: Mode) -> go.Figure:
    """Beta, alpha-bar and SNR against the timestep, a line a schedule (``image_schedules``)."""
    figure = make_subplots(1, 3, subplot_titles=list(QUANTITIES.values()), horizontal_spacing=0.08)
    for line, name in enumerate(dict.fromkeys(table["schedule"])):
        part = table[table["schedule"] == name]
        for column, quantity in enumerate(QUANTITIES, start=1):
            trace = _line(part["timestep"], part[quantity], name, line)
            trace.hovertemplate = f"{as_text(name)}, timestep %{{x}}<br>{quantity}: %{{y:.4g}}"
            figure.add_trace(trace.update(showlegend=column == 1), row=1, col=column)
    figure.update_xaxes(title_text="timestep (noise grows →)")
    figure.update_yaxes(type="log", exponentformat="power", dtick=1, row=1, col=1)
    figure.update_yaxes(type="log", exponentformat="power", dtick=2, row=1, col=3)
    return _finished(figure, mode, height=450)


def text_schedule_curves(table: pd.DataFrame, *, mode: Mode) -> go.Figure:
    """Mask probability and the odds of being kept against time (``text_schedules``)."""
    titles = ["mask probability", "kept to masked, alpha / (1 - alpha) (log)"]
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.1)
    for line, name in enumerate(dict.fromkeys(table["schedule"])):
        part = table[table["schedule"] == name]
        for column, quantity in enumerate(("mask_probability", "kept_to_masked"), start=1):
            trace = _line(part["time"], part[quantity], name, line)
            trace.hovertemplate = f"{name}, time %{{x:.2f}}: %{{y:.3g}}<extra></extra>"
            figure.add_trace(trace.update(showlegend=column == 1), row=1, col=column)
    figure.update_xaxes(title_text="time t (more is masked →)")
    figure.update_yaxes(type="log", exponentformat="power", dtick=1, row=1, col=2)
    return _finished(figure, mode, height=420)


def evaluation_points(levels: pd.DataFrame, own: Curve | None, *, mode: Mode) -> go.Figure:
    """The model's alpha-bar curve, and below it a row a method with a mark an evaluation.

    ``levels`` is ``samplers.level_table``; ``own`` the model's betas, None where not known.
    """
    methods: Sequence[str] = list(dict.fromkeys(levels["method"]))
    rows = max(1, len(methods))
    figure = make_subplots(
        2, 1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[200, 30 + 34 * rows]
    )
    if own is not None:
        curve = _line(pd.Series(np.arange(len(own))), pd.Series(alpha_bars(own)), "alpha-bar", 7)
        curve.hovertemplate = "timestep %{x}: alpha-bar %{y:.4f}<extra></extra>"
        figure.add_trace(curve, row=1, col=1)
    for line, method in enumerate(methods):
        part = levels[levels["method"] == method]
        on_curve = _marks(part, part["alpha_bar"].tolist(), line, ink=INK[mode])
        figure.add_trace(on_curve, row=1, col=1)
        names = [as_text(method)] * len(part)
        figure.add_trace(_marks(part, names, line), row=2, col=1)
    figure.update_xaxes(title_text="timestep (sampling goes from right to left)", row=2, col=1)
    figure.update_yaxes(title_text="alpha-bar", range=[-0.04, 1.04], row=1, col=1)
    figure.update_yaxes(autorange="reversed", type="category", row=2, col=1)
    figure.update_layout(
        template=house_template(mode),
        height=330 + 34 * rows,
        showlegend=False,
        hovermode="closest",
        dragmode=False,
    )
    return figure


def _marks(
    part: pd.DataFrame, heights: Sequence[Any], line: int, *, ink: str | None = None
) -> go.Scatter:
    """Ticks in a row's colour; on the curve, where methods lie on one another, rings in ink."""
    color = SERIES[line % len(SERIES)]
    marker: dict[str, Any] = {
        "size": 16, "symbol": "line-ns", "color": color, "line": {"width": 3, "color": color}
    }  # fmt: skip
    if ink is not None:
        marker = {"size": 7, "symbol": "circle-open", "color": ink, "line": {"width": 1.5}}
    return go.Scatter(
        x=part["timestep"],
        y=heights,
        mode="markers",
        marker=marker,
        customdata=part[["evaluation", "sigma", "alpha_bar", "method"]],
        hovertemplate="%{customdata[3]}, evaluation %{customdata[0]}<br>timestep %{x:.1f}, "
        "sigma %{customdata[1]:.3f}, alpha-bar %{customdata[2]:.4f}<extra></extra>",
    )


def _columns(name: str, beta: Curve) -> pd.DataFrame:
    bar = alpha_bars(beta)
    return pd.DataFrame(
        {
            "schedule": name,
            "timestep": np.arange(len(beta)),
            "beta": beta,
            "alpha_bar": bar,
            "snr": signal_to_noise(bar),
        }
    )


def _line(x: pd.Series[float], y: pd.Series[float], name: str, line: int) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=as_text(name),
        legendgroup=name,
        line={
            "color": SERIES[line % len(SERIES)],
            "width": 3,
            "dash": DASHES[line % len(DASHES)],
        },
    )


def _finished(figure: go.Figure, mode: Mode, *, height: int) -> go.Figure:
    figure.update_layout(
        template=house_template(mode),
        height=height,
        hovermode="closest",
        dragmode=False,
        legend={"y": -0.24, "font": {"size": 16}},
    )
    figure.update_annotations(font={"size": 15, "color": INK[mode]})
    return figure
