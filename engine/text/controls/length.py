"""How many words a text has: the rest of its positions are marks and parts of words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.chain.records import Bools, Floats, Ints
from engine.text.controls.control import Text, Vocabulary


@dataclass(frozen=True)
class Words:
    """``words:9``: log of the share of open positions that must begin words, or must not.

    With r words wanted and m positions open, a word counts log(r / m) and anything else
    log(1 - r / m), neither below -3: the odds of a text that gets there by chance.
    """

    wanted: int
    begins: Bools  # [V] whether a token begins a word

    @classmethod
    def of(cls, given: str, known: Vocabulary) -> Words:
        begins = np.array([bool(known.letters(i)) for i in range(len(known.pieces))])
        return cls(int(given), begins)

    def energy(self, text: Text) -> Floats:
        there = int(self.begins[text.tokens[text.standing]].sum())
        share = min(1.0, max(0.0, (self.wanted - there) / max(1, len(text.open))))
        with np.errstate(divide="ignore"):
            word, other = np.maximum(np.log([share, 1 - share]), -3)
        out: Floats = np.where(self.begins, word, other).astype(np.float32)[None]
        return out

    def satisfied(self, tokens: Ints) -> float:
        return float(self.begins[tokens].sum() == self.wanted)
