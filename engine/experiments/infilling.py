"""Infilling of known texts: which words are hidden, and whether the sampler found them. No torch.

A text is masked at a ratio, unmasked under an order rule, and every committed token is compared
with the word that stood there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cache.errors import InvalidInput
from engine.chain.axis_values import shown_number
from engine.text.records import TextRun
from engine.text.spec import MASK, Order, TextSpec

WORD = re.compile(r"[^\W_]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Hidden:
    """One known text with some of its words masked, as a spec that fills them in again."""

    text: str
    ratio: float
    spec: TextSpec
    words: tuple[str, ...]  # the hidden ones, in order of position


@dataclass(frozen=True, slots=True, eq=False)
class Commitments:
    """Every token that was committed in some runs, with what the text had there."""

    confidence: NDArray[np.floating]  # [n] the sampler's own, when it was revealed
    right: NDArray[np.bool_]  # [n]
    ratio: NDArray[np.floating]  # [n]


def hidden_texts(
    texts: Sequence[str],
    ratios: Sequence[float],
    known: frozenset[str],
    *,
    order: Order,
    model: str,
    steps: int = 24,
    seed: int = 0,
) -> Iterator[Hidden]:
    """Every text at every ratio, masked by chance (the same words for every order rule).

    Only words that are one piece of the model (``known``, lower case) are hidden; at least one
    is. Texts without such a word are left out. One position a step is revealed where ``steps``
    allow it. Raises InvalidInput for a ratio outside (0, 1].
    """
    for ratio in ratios:
        if not 0 < ratio <= 1:
            raise InvalidInput(f"ratio must be above 0 and at most 1, got {shown_number(ratio)}")
    for number, text in enumerate(texts):
        tokens = WORD.findall(text.lower())
        places = [i for i, token in enumerate(tokens) if token in known]
        if not places:
            continue
        random.Random(f"{seed} {number} {text}").shuffle(places)
        for ratio in ratios:
            chosen = sorted(places[: max(1, round(ratio * len(places)))])
            shown = [MASK if i in chosen else token for i, token in enumerate(tokens)]
            spec = TextSpec(
                model=model, template=" ".join(shown), order=order, steps=steps, seed=seed
            )
            yield Hidden(text, ratio, spec, tuple(tokens[i] for i in chosen))


def commitments(infilled: Sequence[tuple[Hidden, TextRun]]) -> Commitments:
    """What the runs of some hidden texts committed to, and whether it was what had stood there."""
    confidence: list[float] = []
    right: list[bool] = []
    ratio: list[float] = []
    for hidden, run in infilled:
        masked = np.flatnonzero(run.steps[0].tokens == run.mask_id).tolist()
        wanted = dict(zip(masked, hidden.words, strict=True))
        for step in run.steps[1:]:
            for position in step.revealed.tolist():
                row = step.row(position)
                if row is None:
                    continue
                confidence.append(float(step.confidence[row]))
                right.append(run.pieces[step.tokens[position]] == wanted[position])
                ratio.append(hidden.ratio)
    return Commitments(np.array(confidence), np.array(right, bool), np.array(ratio))
