"""What a control sees of a step, and what it answers. No torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.chain.records import Floats, Ints

MARKS = "ĠĊ▁"  # how tokenizers write that a word begins


@dataclass(frozen=True)
class Vocabulary:
    """What is known of a model's tokens: their pieces, and how words become tokens."""

    model: str
    pieces: list[str]
    mask_id: int
    special: frozenset[int]
    encode: Callable[[str], Ints]
    embeddings: Callable[[], np.ndarray]  # [V, d] the model's own, of its input

    def letters(self, token: int) -> str:
        """The letters of a token, lower case; "" for marks, special tokens and parts of words."""
        piece = self.pieces[token].lstrip(MARKS).lower() if token not in self.special else ""
        return piece if piece.isalpha() else ""


@dataclass(frozen=True)
class Text:
    """A text of L positions at a step, before it writes anything."""

    tokens: Ints  # [L]
    asked: Ints  # [n] the positions that may be written, ascending
    open: Ints  # [m] of ``asked``, the rows that hold nothing yet to be relied on
    log_p: np.ndarray  # [n, V] log-probabilities of the model for ``asked``

    @property
    def standing(self) -> Ints:
        """[k] the positions whose token stands, ascending."""
        return np.setdiff1d(np.arange(len(self.tokens)), self.asked[self.open]).astype(np.int32)


class Control(Protocol):
    """One constraint: what it adds to the log-probabilities of proposals, and whether it is met.

    Gradient-free reweighting: with strength s, p(token) becomes proportional to p(token) exp(s E),
    as FUDGE (Yang and Klein 2021, 2104.05218) multiplies by a classifier's probability, here with
    an energy that is written down, not learnt.
    """

    def energy(self, text: Text) -> Floats:
        """[n, V], or [1, V] for all positions alike: about 1 for what is wanted."""

    def satisfied(self, tokens: Ints) -> float:
        """How far a text [L] meets it, 0 to 1; nan where that is no question."""
