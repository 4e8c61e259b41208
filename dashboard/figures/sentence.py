"""The sentence of a text run as coloured tokens, one box a position.

A figure, not markup: tokens are shown as text whatever they contain, and it exports like the rest.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from dashboard.figures.template import (
    BLANK,
    GRID,
    INK,
    SCALE,
    SERIES,
    Mode,
    as_text,
    new_figure,
)
from engine.records import TextRun

ROW_UNITS = 78  # characters' widths before a line breaks
PAD = 1.6


def sentence_figure(run: TextRun, *, step: int, mode: Mode) -> go.Figure:
    """The tokens after a step; colour is the sampler's confidence when each was revealed.

    Masked positions are empty boxes; the template's own tokens have no colour; what this step
    revealed has a frame.
    """
    words = run.words(step)
    boxes = layout_boxes([_shown(run, step, i, word) for i, word in enumerate(words)])
    rows = int(boxes[-1][0]) + 1 if boxes else 1
    confidence = reveal_confidence(run, step)
    figure = new_figure(mode=mode, title="", height=34 + 62 * rows)
    for position, (row, left, width) in enumerate(boxes):
        fill, ink = _colours(confidence[position], mode)
        revealed_now = step > 0 and position in run.steps[step].revealed
        masked = run.steps[step].tokens[position] == run.mask_id
        figure.add_shape(
            type="rect",
            x0=left,
            x1=left + width,
            y0=-row - 0.38,
            y1=-row + 0.38,
            fillcolor=BLANK[mode] if masked else fill,
            line={
                "color": SERIES[1] if revealed_now else GRID[mode],
                "width": 4 if revealed_now else 1,
            },
        )
        figure.add_annotation(
            x=left + width / 2,
            y=-row,
            text="" if masked else as_text(_shown(run, step, position, words[position])),
            showarrow=False,
            font={"size": 20, "color": INK[mode] if masked else ink},
        )
    _add_hover(figure, run, step, boxes, confidence)
    figure.update_xaxes(visible=False, range=[-0.5, ROW_UNITS + 0.5], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-rows + 0.4, 0.6], fixedrange=True)
    figure.update_layout(margin={"l": 4, "r": 4, "t": 6, "b": 6}, showlegend=False)
    return figure


def layout_boxes(words: list[str]) -> list[tuple[int, float, float]]:
    """(row, left, width) of each word's box, lines broken at ROW_UNITS."""
    boxes = []
    row, left = 0, 0.0
    for word in words:
        width = max(3.2, 1.25 * len(word) + PAD)
        if left + width > ROW_UNITS and left > 0:
            row, left = row + 1, 0.0
        boxes.append((row, left, width))
        left += width + 0.6
    return boxes


def reveal_confidence(run: TextRun, step: int) -> np.ndarray:
    """[L] the sampler's confidence in each token when it was revealed; nan for others."""
    found = np.full(run.length, np.nan)
    for taken in run.steps[1 : step + 1]:
        for position in taken.revealed:
            row = taken.row(int(position))
            if row is not None:
                found[position] = taken.confidence[row]
    return found


def _shown(run: TextRun, step: int, position: int, word: str) -> str:
    masked = run.steps[step].tokens[position] == run.mask_id
    return "    " if masked else word


def _colours(confidence: float, mode: Mode) -> tuple[str, str]:
    if np.isnan(confidence):
        return "rgba(0,0,0,0)", INK[mode]
    fill = sample_colorscale(SCALE[mode], [float(confidence)])[0]
    strong = confidence > 0.6
    return fill, ("#ffffff" if strong else INK[mode]) if mode == "light" else (
        "#0f171c" if strong else INK[mode]
    )


def _add_hover(
    figure: go.Figure,
    run: TextRun,
    step: int,
    boxes: list[tuple[int, float, float]],
    confidence: np.ndarray,
) -> None:
    """Invisible markers that carry the hover text and the clicked position."""
    labels = []
    for position, word in enumerate(run.words(step)):
        told = f"position {position}: {as_text(word)}"
        if not np.isnan(confidence[position]):
            told += f"<br>confidence {confidence[position]:.2f} when revealed"
        labels.append(told)
    figure.add_trace(
        go.Scatter(
            x=[left + width / 2 for _, left, width in boxes],
            y=[-row for row, _, _ in boxes],
            mode="markers",
            marker={"symbol": "square", "size": 34, "opacity": 0},
            customdata=list(range(len(boxes))),
            hovertemplate="%{text}<extra></extra>",
            text=labels,
        )
    )
