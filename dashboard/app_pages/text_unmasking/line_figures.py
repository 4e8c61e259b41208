"""Lines of one text run: a measure of every position over the steps that it was masked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.app_pages.text_unmasking.figures import CROWD, MEASURES, Measure, position_labels
from dashboard.figures.template import INK, SERIES, Mode, new_figure, step_axis, step_mark
from engine.chain.records import Floats
from engine.text.records import TextRun

NAMED = 16  # positions that a legend can tell apart


def measure_lines(run: TextRun, *, measure: Measure, step: int, mode: Mode) -> go.Figure:
    """A line a position over the steps it was masked, ending at a dot where it was revealed.

    Up to NAMED positions have a colour and a name each; of more, those that share a colour are
    one trace with gaps, which a browser draws much sooner, and hover names them. Of more than
    CROWD, all are faint behind their median and what the shown step reveals.
    """
    values = run.matrix(measure).round(4)
    figure = new_figure(mode=mode, title="", height=420)
    labels = position_labels(run)
    there = [i for i in range(run.length) if not np.isnan(values[:, i]).all()]
    if run.length <= NAMED:
        for i in there:
            figure.add_trace(_line([i], values, labels, labels[i], measure))
            figure.data[-1].meta = {"position": i}
        figure.update_layout(meta={"positions": "lines"})
    else:
        alike = [[i for i in there if i % len(SERIES) == c] for c in range(len(SERIES))]
        figure.add_traces([_line(some, values, labels, "", measure) for some in alike if some])
    figure.add_trace(_reveals(run, values, labels, measure))
    if run.length > CROWD:
        figure.update_traces(opacity=0.3, line_width=1, marker_size=6, showlegend=False)
        figure.add_traces(_above_the_crowd(run, values, labels, measure, step, mode))
    if step > 0:
        figure.update_layout(shapes=[step_mark(step, mode)])
    figure.update_xaxes(**step_axis(len(run.steps) - 1), range=[0.8, len(run.steps) - 0.8])
    top = {"range": [-0.02, 1.04]} if measure != "entropy_nats" else {"rangemode": "tozero"}
    figure.update_yaxes(title_text=MEASURES[measure], **top)
    named = run.length <= NAMED or run.length > CROWD
    figure.update_layout(hovermode="closest", showlegend=named)
    return figure


def _line(
    positions: Sequence[int], values: Floats, labels: Sequence[str], name: str, measure: Measure
) -> go.Scatter:
    """The lines of some positions as one trace, with a gap wherever one was not masked."""
    parts = [(i, rows) for i in positions for rows in _unbroken(values[:, i])]
    gap = np.full(1, np.nan, np.float32)
    first = positions[0]
    return go.Scatter(
        x=np.concatenate([p for _, rows in parts for p in (rows + 1, gap)]).astype(np.float32),
        y=np.concatenate([p for i, rows in parts for p in (values[rows, i], gap)]),
        mode="lines+markers",  # unseen marks: Plotly selects no point of a line
        marker={"size": 9, "opacity": 0},
        line={
            "color": SERIES[first % len(SERIES)],
            "width": 2.5 if name else 1.5,
            "dash": _dash(first) if name else "solid",
        },
        name=name,
        text=[labels[i] for i, rows in parts for _ in range(len(rows) + 1)],
        hovertemplate=f"%{{text}}<br>{MEASURES[measure]} %{{y:.3f}}<br>step %{{x}}<extra></extra>",
    )


def _unbroken(values: Floats) -> list[np.ndarray]:
    """The rows of a position's values that are numbers, in unbroken parts."""
    rows = np.flatnonzero(~np.isnan(values))
    return np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []


def _above_the_crowd(
    run: TextRun, values: Floats, labels: Sequence[str], measure: Measure, step: int, mode: Mode
) -> list[go.Scatter]:
    """The median over the masked positions, and the lines of those that a step reveals."""
    there = np.flatnonzero(~np.isnan(values).all(axis=1))
    middle = go.Scatter(
        x=there + 1,
        y=np.nanmedian(values[there], axis=1),
        mode="lines",
        line={"color": INK[mode], "width": 3},
        name="median of the masked positions",
        hovertemplate=f"median of {MEASURES[measure]} %{{y:.3f}}<br>step %{{x}}<extra></extra>",
    )
    revealed = run.steps[step].revealed.tolist() if step > 0 else []
    if not revealed:
        return [middle]
    line = _line(revealed, values, labels, "revealed by this step", measure)
    line.line.update(color=SERIES[1], width=3, dash="solid")
    return [middle, line]


def _reveals(run: TextRun, values: Floats, labels: Sequence[str], measure: Measure) -> go.Scatter:
    """A dot where each position was revealed, as often as it was."""
    reveals = run.reveals()
    template = f"%{{text}}<br>{MEASURES[measure]} %{{y:.3f}}<br>revealed by step %{{x}}"
    return go.Scatter(
        x=[s for s, _ in reveals],
        y=[float(values[s - 1, i]) for s, i in reveals],
        mode="markers",
        marker={
            "size": 10,
            "color": [SERIES[i % len(SERIES)] for _, i in reveals],
            # a line may be but this dot: it tells its dash, too
            "symbol": [_symbol(i) if run.length <= NAMED else "circle" for _, i in reveals],
        },
        text=[labels[i] for _, i in reveals],
        hovertemplate=template + "<extra></extra>",
        showlegend=False,
    )


def _symbol(position: int) -> str:
    return ("circle", "diamond", "square", "triangle-up")[(position // len(SERIES)) % 4]


def _dash(position: int) -> str:
    return ("solid", "dash", "dot", "dashdot")[(position // len(SERIES)) % 4]
