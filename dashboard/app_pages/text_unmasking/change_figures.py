"""What the sampler held for every position at every step, and where it changed its mind."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.app_pages.text_unmasking.figures import TALLEST, position_labels
from dashboard.figures.template import (
    INK,
    SCALE,
    SERIES,
    Mode,
    as_text,
    new_figure,
    step_axis,
    step_mark,
)
from engine.chain.records import Bools
from engine.metrics.changes_of_mind import ChangesOfMind
from engine.text.records import TextRun

WORDED = 20_000  # cells whose words a browser holds without anyone waiting
LABELLED = 60  # positions whose labels have room beside one another
ROOM = 0.47  # of a cell, from its middle to its outline


def held_heatmap(run: TextRun, found: ChangesOfMind, *, step: int, mode: Mode) -> go.Figure:
    """How sure the sampler was of the token it held, for every masked position at every step.

    Cells that hold their final token are framed, a diamond marks a token other than the one held
    at the step before, a ring a token that was drawn in vain; what is revealed is blank. Hover has
    the words.
    """
    labels = position_labels(run)
    steps = list(range(1, len(run.steps)))
    worded = found.held.size <= WORDED
    heat = go.Heatmap(
        z=found.confidence.T.round(4),
        x=steps,
        y=list(range(run.length)),
        text=_words(run, found) if worded else None,
        customdata=np.broadcast_to(np.array(labels)[:, None], found.held.T.shape)
        if worded
        else None,
        hovertemplate="step %{x}, position %{customdata}<br>%{text}<extra></extra>"
        if worded
        else "step %{x}, position %{y}: %{z:.3f}<extra></extra>",
        colorscale=SCALE[mode],
        zmin=0,
        zmax=1,
        colorbar={"title": {"text": "confidence in the held token", "side": "right"}},
        hoverongaps=False,
        xgap=1,
        ygap=1,
    )
    figure = new_figure(heat, mode=mode, title="", height=150 + min(30 * run.length, TALLEST))
    figure.add_trace(_frames(found.holds_final, mode))
    figure.add_trace(_changes(found))
    if found.stood.any():
        figure.add_trace(_in_vain(run, found, labels, mode))
    shapes = [step_mark(step, mode)] if step > 0 else []
    figure.update_layout(
        meta={"positions": "rows", "steps": True},
        shapes=shapes,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    last = len(run.steps) - 1
    figure.update_xaxes(**step_axis(last), range=[0.4, last + 0.6], showgrid=False)
    every = max(1, -(-run.length // LABELLED))
    ticks = list(range(0, run.length, every))
    figure.update_yaxes(
        range=[run.length - 0.5, -0.5],
        tickmode="array",
        tickvals=ticks,
        ticktext=[labels[i] for i in ticks],
        showgrid=False,
        zeroline=False,
    )
    return figure


def _words(run: TextRun, found: ChangesOfMind) -> list[list[str]]:
    """[position][step] what a cell holds, how surely, and what it held before."""
    pieces = {token: as_text(run.pieces[token]) for token in np.unique(found.held).tolist()}
    rows = []
    for position in range(run.length):
        words = []
        for row, token in enumerate(found.held[:, position].tolist()):
            word = f"holds {pieces[token]} ({found.confidence[row, position]:.3f})"
            if found.changed[row, position]:
                word += f"<br>held {pieces[int(found.held[row - 1, position])]} before"
            if found.holds_final[row, position]:
                word += "<br>its final token"
            words.append(word)
        rows.append(words)
    return rows


def _frames(cells: Bools, mode: Mode) -> go.Scatter:
    """A frame around every unbroken row of cells [step, position], as one line with gaps."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for position in range(cells.shape[1]):
        edges = np.flatnonzero(np.diff(cells[:, position].astype(np.int8), prepend=0, append=0))
        for first, after in edges.reshape(-1, 2).tolist():
            left, right = first + 1 - ROOM, after + ROOM
            low, high = position - ROOM, position + ROOM
            xs += [left, right, right, left, left, None]
            ys += [low, low, high, high, low, None]
    return go.Scatter(
        x=xs,
        y=ys,
        mode="lines",
        line={"color": INK[mode], "width": 1.5},
        hoverinfo="skip",
        name="holds its final token",
    )


def _in_vain(run: TextRun, found: ChangesOfMind, labels: list[str], mode: Mode) -> go.Scatter:
    """A ring where a token was drawn and the one that stood there was kept."""
    rows, positions = np.nonzero(found.stood)
    words = [
        f"step {row + 1}, position {labels[position]}<br>drew "
        f"{as_text(run.pieces[int(found.drawn[row, position])])}, not sure enough: "
        f"{as_text(run.pieces[int(found.held[row, position])])} stood"
        for row, position in zip(rows.tolist(), positions.tolist(), strict=True)
    ]
    return go.Scatter(
        x=rows + 1,
        y=positions,
        mode="markers",
        marker={"symbol": "circle-open", "size": 8, "color": INK[mode], "line": {"width": 1.2}},
        text=words,
        hovertemplate="%{text}<extra></extra>",
        name="another was drawn, not surely enough: the word stood",
    )


def _changes(found: ChangesOfMind) -> go.Scatter:
    rows, positions = np.nonzero(found.changed & ~np.isnan(found.confidence))
    return go.Scatter(
        x=rows + 1,
        y=positions,
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 9,
            "color": SERIES[1],
            "line": {"color": "#ffffff", "width": 1},
        },
        hoverinfo="skip",
        name="another token than before",
    )
