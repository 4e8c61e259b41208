"""A sentence on its way: words that are there, empty boxes for those that are not."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import plotly.graph_objects as go

from dashboard.figures.boxes import Box, boxes_figure
from dashboard.figures.sentence import MASK_WIDTH, colours
from dashboard.figures.template import BLANK, INK, Mode, as_text


def emerging_sentence(
    words: Sequence[str | None],
    *,
    revealed: Collection[int],
    confidence: Sequence[float] = (),
    mode: Mode,
) -> go.Figure:
    """The words (None: still masked); what the last step revealed has a frame.

    Colour is ``confidence``, the sampler's when each word was revealed.
    """
    boxes = []
    sure = dict(enumerate(confidence))
    for position, word in enumerate(words):
        hover = f"position {position}: {'masked' if word is None else as_text(word)}"
        fill, ink = colours(sure.get(position, math.nan), mode)
        boxes.append(
            Box(
                word=word or "",
                fill=BLANK[mode] if word is None else fill,
                ink=INK[mode] if word is None else ink,
                framed=position in revealed,
                hover=hover,
                width_of=MASK_WIDTH if word is None else "",
            )
        )
    return boxes_figure(boxes, mode=mode)
