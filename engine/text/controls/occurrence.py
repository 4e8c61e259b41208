"""Words that must occur, and words that must not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cache.errors import InvalidInput
from engine.chain.records import Floats, Ints
from engine.text.controls.control import Text, Vocabulary


@dataclass(frozen=True)
class Must:
    """``must:sea``: until the word stands somewhere, 1 for it at the position it fits best."""

    token: int
    size: int

    @classmethod
    def of(cls, given: str, known: Vocabulary) -> Must:
        """Raises InvalidInput for what is not one token."""
        return cls(one_token("must", given, known), len(known.pieces))

    def energy(self, text: Text) -> Floats:
        out = np.zeros((len(text.asked), self.size), np.float32)
        if len(text.open) and not (text.tokens[text.standing] == self.token).any():
            best = text.open[np.argmax(text.log_p[text.open, self.token])]
            out[best, self.token] = 1
        return out

    def satisfied(self, tokens: Ints) -> float:
        return float((tokens == self.token).any())


@dataclass(frozen=True)
class Avoid:
    """``avoid:sea``: -1 for the word everywhere."""

    token: int
    size: int

    @classmethod
    def of(cls, given: str, known: Vocabulary) -> Avoid:
        """Raises InvalidInput for what is not one token."""
        return cls(one_token("avoid", given, known), len(known.pieces))

    def energy(self, text: Text) -> Floats:
        out = np.zeros((1, self.size), np.float32)
        out[0, self.token] = -1
        return out

    def satisfied(self, tokens: Ints) -> float:
        return float(not (tokens == self.token).any())


def one_token(name: str, given: str, known: Vocabulary) -> int:
    """The token that a word is. Raises InvalidInput for what is several, or not known."""
    ids = known.encode(given)
    if len(ids) != 1 or int(ids[0]) in known.special:
        pieces = " ".join(known.pieces[i] for i in ids)
        raise InvalidInput(f"controls {name} must be one token of {known.model}, got {pieces}")
    return int(ids[0])
