"""Img2img: where strengths enter the schedule, and how far the pictures moved."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.figures.intervals import error_bars
from dashboard.figures.template import INK, PAPER, SERIES, Mode, house_template

MEASURES = {
    "pixel_distance": "pixel distance to the original (RMS, 0 to 1)",
    "clip_to_original": "CLIP cosine to the original",
    "clip_score": "CLIP score (100 cos to the prompt)",
}


def entry_points(schedule: pd.DataFrame, entries: pd.DataFrame, *, mode: Mode) -> go.Figure:
    """Alpha-bar over the steps of the schedule, and a marker where each strength enters it."""
    figure = go.Figure(
        go.Scatter(
            x=schedule["position"],
            y=schedule["alpha_bar"],
            mode="lines",
            line={"color": SERIES[0], "width": 3},
            customdata=schedule[["sigma", "timestep"]],
            hovertemplate="step %{x}: alpha-bar %{y:.3f}<br>sigma %{customdata[0]:.2f}, "
            "timestep %{customdata[1]:.0f}<extra></extra>",
        )
    )
    known = entries.dropna(subset=["alpha_bar"])
    figure.add_trace(
        go.Scatter(
            x=known["enters_at"],
            y=known["alpha_bar"],
            mode="markers+text",
            marker={"size": 16, "color": SERIES[1], "line": {"width": 2, "color": PAPER[mode]}},
            text=[f"{strength:g}" for strength in known["strength"]],
            textposition="top left",
            textfont={"size": 16, "color": INK[mode]},
            customdata=known[["skipped", "steps", "strength"]],
            hovertemplate="strength %{customdata[2]:g} enters at step %{x} of %{customdata[1]}"
            "<br>%{customdata[0]} steps are skipped; alpha-bar %{y:.3f}<extra></extra>",
        )
    )
    steps = int(entries["steps"].max()) if len(entries) else 1
    figure.update_layout(
        template=house_template(mode), height=420, showlegend=False, dragmode=False
    )
    figure.update_xaxes(title_text="step of the schedule", range=[0.2, steps + 0.8])
    figure.update_yaxes(title_text="alpha-bar (share of signal)", range=[-0.03, 1.08])
    return figure


def distance_curves(
    table: pd.DataFrame, means: pd.DataFrame, names: Sequence[str], *, mode: Mode
) -> go.Figure:
    """Each distance against the strength: a dot a seed, the mean with its interval, a panel each.

    ``table`` has a row a run, ``means`` a row a strength and measure (``img2img.by_strength``).
    """
    columns = max(1, len(names))
    figure = make_subplots(1, columns, subplot_titles=[MEASURES[name] for name in names])
    for column, name in enumerate(names, start=1):
        part = means[means["measure"] == name].sort_values("strength")
        color = SERIES[(column - 1) % len(SERIES)]
        figure.add_trace(_seeds(table, name, color), row=1, col=column)
        figure.add_trace(_mean(part, name, color), row=1, col=column)
    figure.update_xaxes(title_text="strength")
    figure.update_layout(
        template=house_template(mode), height=400, showlegend=False, dragmode=False
    )
    figure.update_annotations(font={"size": 14, "color": INK[mode]})
    return figure


def _seeds(table: pd.DataFrame, name: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=table["strength"],
        y=table[name],
        mode="markers",
        marker={"size": 10, "color": color, "opacity": 0.35},
        customdata=table["seed"],
        hovertemplate="seed %{customdata}, strength %{x:g}: %{y:.3f}<extra></extra>",
    )


def _mean(part: pd.DataFrame, name: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=part["strength"],
        y=part["mean"],
        error_y=error_bars(part),
        mode="lines+markers",
        line={"color": color, "width": 3},
        marker={"size": 11},
        customdata=part[["seeds", "low", "high"]],
        hovertemplate=f"{MEASURES[name]}<br>strength %{{x:g}}: %{{y:.3f}} over "
        "%{customdata[0]} seeds<br>95 % %{customdata[1]:.3f} to %{customdata[2]:.3f}"
        "<extra></extra>",
    )
