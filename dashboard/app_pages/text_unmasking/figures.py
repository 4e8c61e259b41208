"""Figures of one text run over its steps: confidence, order, entropy, candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from dashboard.figures.template import (
    BAND,
    BLANK,
    SCALE,
    SERIES,
    WHOLE_CELLS,
    Mode,
    as_text,
    new_figure,
    step_axis,
    step_mark,
)
from engine.chain.records import Floats
from engine.text.records import TextRun

Measure = Literal["confidence", "probability", "entropy_nats"]
MEASURES: dict[Measure, str] = {
    "confidence": "sampler's confidence",
    "probability": "model's probability",
    "entropy_nats": "entropy (nats)",
}
CROWD = 48  # positions whose lines and words would hide one another
TALLEST = 900  # pixels of a heatmap's rows together
CLICKABLE = 400  # cells that a browser draws as squares of their own without anyone waiting
CANDIDATES = 16  # of a position, stored at every step
LEAST_SHARE = 0.1  # of a probability that an axis ends at


def position_labels(run: TextRun) -> list[str]:
    """``3 sea``: each position with its last token."""
    return [f"{i} {as_text(word)}" for i, word in enumerate(run.words(len(run.steps) - 1))]


def every_cell(run: TextRun) -> bool:
    """Whether every cell of a heatmap can be clicked."""
    return sum(len(step.masked) for step in run.steps) <= CLICKABLE


def measure_heatmap(
    run: TextRun,
    *,
    measure: Measure,
    step: int,
    mode: Mode,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """A measure of every masked position at every step; a dot marks each reveal.

    ``chosen`` is the (step, position) to frame.

    A cross marks a token that a step took back: its position is masked from the next step on.

    The invisible squares on top carry (step, position): clicks on a heatmap select nothing. Of
    more than CLICKABLE cells only the shown step's and the reveals' have one.
    """
    values = run.matrix(measure)
    steps, labels = list(range(1, len(run.steps))), position_labels(run)
    unit = {"zmin": 0, "zmax": 1} if measure != "entropy_nats" else {"zmin": 0}
    heat = go.Heatmap(
        z=values.T.round(4),
        x=steps,
        y=labels,
        colorscale=SCALE[mode],
        colorbar={"title": {"text": MEASURES[measure], "side": "right"}, "thickness": 14},
        hovertemplate=f"step %{{x}}, position %{{y}}<br>{MEASURES[measure]} %{{z:.3f}}"
        "<extra></extra>",
        xgap=1,
        ygap=1,
        **unit,
    )
    figure = new_figure(heat, mode=mode, title="", height=120 + min(30 * run.length, TALLEST))
    reveals = run.reveals()
    figure.add_trace(
        go.Scatter(
            x=[s for s, _ in reveals],
            y=[labels[i] for _, i in reveals],
            mode="markers",
            marker={"size": 11, "color": SERIES[1], "line": {"color": "#ffffff", "width": 1.5}},
            hoverinfo="skip",
            name="revealed",
        )
    )
    if run.takings_back():
        figure.add_trace(_takings_back(run, labels, name="taken back"))
    points = [(s, i) for s in steps for i in run.steps[s].masked.tolist()]
    if not every_cell(run):
        shown = set(reveals)
        points = [(s, i) for s, i in points if s == step or (s, i) in shown]
    figure.add_trace(
        go.Scatter(
            x=[s for s, _ in points],
            y=[labels[i] for _, i in points],
            mode="markers",
            marker={"symbol": "square", "size": 20, "opacity": 0},
            customdata=points,
            # not hoverinfo="skip": Plotly sends no clicks from a trace that skips hovering
            text=[_cell(run, values, measure, s, i) for s, i in points],
            hovertemplate="step %{x}, position %{y}<br>%{text}<extra></extra>",
            name="cells",
            showlegend=False,
        )
    )
    if step > 0:
        figure.update_layout(shapes=[step_mark(step, mode)])
    if chosen is not None:
        at, position = chosen
        figure.add_shape(
            type="rect", x0=at - 0.5, x1=at + 0.5, y0=position - 0.5, y1=position + 0.5,
            line={"color": SERIES[1], "width": 3},
        )  # fmt: skip
    figure.update_xaxes(**step_axis(len(steps)), range=[0.4, len(steps) + 0.6])
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_layout(showlegend=False, meta={"positions": "rows"})
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(showgrid=False)
    if every_cell(run):
        figure.update_layout(WHOLE_CELLS)
    return figure


def unmask_order(run: TextRun, *, step: int, mode: Mode) -> go.Figure:
    """Which position was revealed at which step, with its token; later steps are pale.

    A position that was taken back and revealed again has a dot for each, and a cross between;
    its words then stand beside the dots.
    """
    reveals, did = run.reveals(), "revealed" if run.masked_kernel else "changed"
    colours = [SERIES[0] if s <= max(step, 0) else BLANK[mode] for s, _ in reveals]
    crowd, back = run.length > CROWD, run.takings_back()
    often = bool(back or run.replacements())  # words of one position stand above one another
    bars = go.Scatter(
        x=[i for _, i in reveals],
        y=[s for s, _ in reveals],
        mode="markers" if crowd else "markers+text",  # hover has the words of a crowd
        marker={
            "size": 9 if crowd or often else 22,
            "color": colours,
            "line": {"color": SERIES[0], "width": 1.5},
        },
        text=[as_text(run.pieces[run.steps[s].tokens[i]]) for s, i in reveals],
        textposition="middle right" if often else "top center",
        hovertemplate=f"position %{{x}} {did} by step %{{y}}: %{{text}}<extra></extra>",
        name=did,
    )
    figure = new_figure(bars, mode=mode, title="", height=420)
    if often:
        tall = min(120 + 28 * len(run.steps), TALLEST)
        figure.update_layout(height=max(420, tall))
    if back:
        crosses = _takings_back(run, [str(i) for i in range(run.length)], name="taken back")
        crosses.update(x=[i for _, i in back], y=[s for s, _ in back])
        figure.add_trace(crosses)
        figure.update_layout(showlegend=True)
    figure.update_layout(meta={"positions": "columns"})
    figure.update_xaxes(title_text="position", range=[-0.7, run.length - (0.0 if often else 0.3)])
    figure.update_xaxes(dtick=1 if run.length <= 2 * CROWD // 3 else None)
    figure.update_yaxes(title_text="step", range=[len(run.steps) - 0.1, -0.3])
    return figure


def entropy_curve(run: TextRun, *, step: int, mode: Mode) -> go.Figure:
    """Mean entropy of the masked positions at every step, between the least and the most."""
    steps = list(range(1, len(run.steps)))
    steps = [s for s in steps if len(run.steps[s].masked)]  # a step may find nothing masked
    entropies = [run.steps[s].entropy_nats for s in steps]
    figure = new_figure(mode=mode, title="", height=340)
    low, high = [float(e.min()) for e in entropies], [float(e.max()) for e in entropies]
    figure.add_trace(
        go.Scatter(
            x=[*steps, *reversed(steps)],
            y=[*high, *reversed(low)],
            fill="toself",
            fillcolor=BAND[mode],
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            name="least to most",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=steps,
            y=[float(e.mean()) for e in entropies],
            mode="lines+markers",
            line={"color": SERIES[0], "width": 3},
            name="mean over masked positions" if run.masked_kernel else "mean over all positions",
            hovertemplate="step %{x}<br>mean entropy %{y:.2f} nats<extra></extra>",
        )
    )
    if step > 0:
        figure.update_layout(shapes=[step_mark(step, mode)])
    figure.update_xaxes(step_axis(len(steps)))
    figure.update_yaxes(title_text="entropy (nats)", rangemode="tozero")
    return figure


def candidate_bars(
    run: TextRun, *, step: int, position: int, mode: Mode, most: int = CANDIDATES
) -> go.Figure | None:
    """The best candidates of a masked position before a step; None when it was not masked."""
    if step < 1 or step >= len(run.steps):
        return None
    taken = run.steps[step]
    row = taken.row(position)
    if row is None:
        return None
    candidates, shares = taken.candidates[row][:most], taken.candidate_probability[row][:most]
    words = [as_text(run.pieces[i]) for i in candidates]
    held = int(taken.proposed[row])
    colours = [SERIES[1] if int(i) == held else SERIES[0] for i in candidates]
    bars = go.Bar(
        x=shares,
        y=[f"{rank + 1}  {word}" for rank, word in enumerate(words)],
        orientation="h",
        marker={"color": colours},
        text=[f"{p:.3f}" for p in shares],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: model probability %{x:.4f}<extra></extra>",
    )
    figure = new_figure(bars, mode=mode, title="", height=160 + 20 * len(words))
    largest = max(LEAST_SHARE, float(shares.max()))
    figure.update_xaxes(title_text="model's probability (untempered)", range=[0, 1.2 * largest])
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def _takings_back(run: TextRun, labels: Sequence[str], *, name: str) -> go.Scatter:
    """A cross where a step took a token back, with the token on hover."""
    back = run.takings_back()
    words = [as_text(run.pieces[run.steps[s - 1].tokens[i]]) for s, i in back]
    return go.Scatter(
        x=[s for s, _ in back],
        y=[labels[i] for _, i in back],
        mode="markers",
        marker={"symbol": "x", "size": 11, "color": SERIES[5]},
        text=words,
        hovertemplate="%{text} taken back<extra></extra>",
        name=name,
    )


def _cell(run: TextRun, values: Floats, measure: Measure, step: int, position: int) -> str:
    hover = f"{MEASURES[measure]} {values[step - 1, position]:.3f}"
    return hover + ("<br>revealed by this step" if position in run.steps[step].revealed else "")
