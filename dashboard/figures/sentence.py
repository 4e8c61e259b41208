"""The sentence of a text run as coloured tokens, one box a position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from dashboard.figures.boxes import Box, boxes_figure
from dashboard.figures.template import BLANK, INK, PAPER, SCALE, Mode, as_text, ink_on
from engine.text.records import TextRun, TextStep

MASK_WIDTH = "    "


def sentence_figure(run: TextRun, *, step: int, mode: Mode) -> go.Figure:
    """The tokens after a step; colour is the sampler's confidence when each was revealed.

    Masked positions are empty boxes; the template's own tokens have no colour; what this step
    revealed or changed has a frame. Hover says what it took back. Of the uniform kernel colour is
    the confidence at this step: noise is pale.
    """
    return boxes_figure(text_boxes(run, step=step, mode=mode), mode=mode)


def text_boxes(run: TextRun, *, step: int, mode: Mode) -> list[Box]:
    """The boxes of ``sentence_figure``."""
    confidence = reveal_confidence(
        run.steps[1 : step + 1], run.length, masked_kernel=run.masked_kernel
    )
    revealed = set(run.steps[step].revealed.tolist()) if step > 0 else set()
    back, before = set(run.steps[step].taken_back.tolist()), run.steps[max(0, step - 1)].tokens
    replaced = {p for s, p in run.replacements() if s == step}
    when = "when revealed" if run.masked_kernel else "that this is the word"
    boxes = []
    for position, word in enumerate(run.words(step)):
        masked = run.steps[step].tokens[position] == run.mask_id
        fill, ink = (BLANK[mode], INK[mode]) if masked else colours(confidence[position], mode)
        hover = f"position {position}: {as_text(word)}"
        if not np.isnan(confidence[position]):
            hover += f"<br>confidence {confidence[position]:.2f} {when}"
        if position in replaced:
            hover += f"<br>{as_text(run.pieces[before[position]])} stood here before this step"
        if position in back:
            hover += f"<br>{as_text(run.pieces[before[position]])} was taken back by this step"
        framed = position in revealed
        shown = "" if masked else word
        boxes.append(Box(shown, fill, ink, framed, hover, MASK_WIDTH if masked else ""))
    return boxes


def reveal_confidence(
    steps: Sequence[TextStep], length: int, *, masked_kernel: bool = True
) -> np.ndarray:
    """[L] the sampler's confidence in each token when it was revealed; nan for others.

    ``steps`` are those taken, the start left out. Of the uniform kernel, which reveals nothing
    for good, that of the last of them.
    """
    confidence = np.full(length, np.nan)
    if not masked_kernel:
        for taken in steps[-1:]:
            confidence[taken.masked] = taken.confidence
        return confidence
    for taken in steps:
        for position in taken.revealed:
            row = taken.row(int(position))
            if row is not None:
                confidence[position] = taken.confidence[row]
        confidence[taken.taken_back] = np.nan
    return confidence


def colours(confidence: float, mode: Mode) -> tuple[str, str]:
    """(fill, ink) of a word that was revealed with a confidence; of one without, none."""
    if np.isnan(confidence):
        return "rgba(0,0,0,0)", INK[mode]
    fill = sample_colorscale(SCALE[mode], [float(confidence)])[0]
    return fill, ink_on(SCALE[mode], float(confidence), (PAPER[mode], INK[mode]))
