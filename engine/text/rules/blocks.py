"""Blocks: the text is written from left to right, so many positions at a time, by any rule.

Semi-autoregressive sampling of LLaDA (Nie et al. 2025, 2502.09992, section 2.4) and BD3-LM
(Arriola et al. 2025, 2503.09573): within a block the rule decides, and the next block begins when
nothing of this one is masked any more.
"""

from __future__ import annotations

import numpy as np

from engine.chain.records import Ints
from engine.text.spec import TextSpec

FIRST, END, BEGAN, LAST, MASKS = range(5)  # of a window


def window(spec: TextSpec, masked: Ints, index: int, before: Ints, *, stays: bool = False) -> Ints:
    """[5] the positions FIRST to END that step ``index`` works on, in steps BEGAN to LAST.

    MASKS were masked when it began. A window stays (``before``) until its positions are revealed;
    one that ``stays``, for its tokens may change, stays to its last step. A new one is the leftmost
    block with a mask, and has an even share of the steps that are left; where there are fewer
    steps than blocks, one step has several blocks. Empty when nothing is masked.
    """
    length = spec.block or 1
    if len(before) and index <= before[LAST]:
        inside = ((masked >= before[FIRST]) & (masked < before[END])).any()
        if inside or stays:
            return before
    blocks = np.unique(masked // length)
    if not len(blocks):
        return np.zeros(0, np.int32)
    left = spec.steps - index + 1
    together = -(-len(blocks) // left)
    first, end = blocks[0] * length, (blocks[together - 1] + 1) * length
    last = index - 1 + max(1, left // len(blocks))
    masks = int(((masked >= first) & (masked < end)).sum())
    return np.array([first, end, index, last, masks], np.int32)
