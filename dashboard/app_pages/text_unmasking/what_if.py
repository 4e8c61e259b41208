"""What would other scales have held at a step? From its stored predictions, without the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.boxes import Box, boxes_figure
from dashboard.figures.sentence import MASK_WIDTH, colours
from dashboard.figures.template import BLANK, INK, Mode, as_text
from engine.chain.records import Floats, Ints
from engine.text.records import TextRun, TextStep
from engine.text.spec import TextSpec


def guided(step: TextStep) -> bool:
    """Whether a step has both predictions of guidance."""
    return len(step.unconditional) > 0


def controlled(step: TextStep) -> bool:
    """Whether a step has its controls' energies."""
    return len(step.energy) > 0


def likeliest(step: TextStep, *, guidance: float, strength: float) -> tuple[Ints, Floats]:
    """([m] tokens, [m] their share) that are likeliest at these scales, of a step's choices.

    The scores are l + w (l - l_u) + s E, untempered; the shares are among the stored choices, the
    best of each distribution, so they are a little too high.
    """
    scores = step.conditional.astype(np.float64)
    if guided(step):
        scores = scores + guidance * (step.conditional - step.unconditional)
    if controlled(step):
        scores = scores + strength * step.energy
    first = np.zeros(scores.shape, bool)  # a token may be among the best of several distributions
    for row, tokens in enumerate(step.choices):
        first[row, np.unique(tokens, return_index=True)[1]] = True
    scores = np.where(first, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    best = scores.argmax(axis=1)
    rows = np.arange(len(best))
    return step.choices[rows, best], weights[rows, best] / weights.sum(axis=1)


def what_if_table(run: TextRun, step: int, *, guidance: float, strength: float) -> pd.DataFrame:
    """One row a position of a step: what it held, what is likeliest there at these scales."""
    taken = run.steps[step]
    tokens, shares = likeliest(taken, guidance=guidance, strength=strength)
    return pd.DataFrame(
        {
            "position": taken.masked,
            "held": [run.pieces[token] for token in taken.proposed],
            "likeliest at these scales": [run.pieces[token] for token in tokens],
            "its share": shares.round(4),
            "other than at its own scales": tokens != _own(run, step),
        }
    )


def _own(run: TextRun, step: int) -> Ints:
    """[m] the tokens that are likeliest at the step's own scales."""
    spec = TextSpec.parse(run.manifest.spec).at_step(step)
    scales = {"guidance": spec.guidance_at(step), "strength": spec.control_strength}
    return likeliest(run.steps[step], **scales)[0]


def what_if_sentence(
    run: TextRun, step: int, *, guidance: float, strength: float, mode: Mode
) -> go.Figure:
    """The sentence before a step with the likeliest words at these scales in its open places.

    Colour is their share of the stored choices; framed is what is not likeliest at the step's own
    scales. (What the step held was drawn, and may be less likely at any.)
    """
    taken, before = run.steps[step], run.steps[step - 1]
    tokens, shares = likeliest(taken, guidance=guidance, strength=strength)
    own = _own(run, step)
    there = dict(zip(taken.masked.tolist(), range(len(tokens)), strict=True))
    boxes = []
    for position, token in enumerate(before.tokens.tolist()):
        row = there.get(position)
        if row is None:
            word = run.pieces[token]
            boxes.append(Box(word, BLANK[mode], INK[mode], False, as_text(word), MASK_WIDTH))
            continue
        word, held = run.pieces[tokens[row]], run.pieces[taken.proposed[row]]
        fill, ink = colours(float(shares[row]), mode)
        hover = f"position {position}: {as_text(word)} ({shares[row]:.2f})<br>held {as_text(held)}"
        boxes.append(Box(word, fill, ink, bool(tokens[row] != own[row]), hover))
    return boxes_figure(boxes, mode=mode)
