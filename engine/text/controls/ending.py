"""How the last word ends: on letters, or so that it rhymes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cache.errors import InvalidInput
from engine.chain.axis_values import shown
from engine.chain.records import Bools, Floats, Ints
from engine.text.controls.control import Text, Vocabulary

RHYMING = re.compile(r"(?:[aeiouy]+[^aeiouy]+e|[aeiouy]+[^aeiouy]*)$")


@dataclass(frozen=True)
class LastWord:
    """1 for words that end as wanted, -1 for other words, where the last word may stand.

    That is the last position, and the one before it once a mark stands last.
    """

    wanted: Bools  # [V]
    word: Bools  # [V]

    @classmethod
    def ending(cls, given: str, known: Vocabulary) -> LastWord:
        """``ends:ing``. Raises InvalidInput for letters that no word ends on."""
        return _that("ends", given, known, lambda word: word.endswith(given.lower()))

    @classmethod
    def rhyming(cls, given: str, known: Vocabulary) -> LastWord:
        """``rhyme:sea``: another word with its letters from the last sounded vowel on."""
        sound = RHYMING.search(given.lower())
        if sound is None:
            raise InvalidInput(f"controls rhyme must have a vowel, got {shown(given)}")
        tail = sound.group()
        return _that(
            "rhyme", given, known, lambda word: word.endswith(tail) and word != given.lower()
        )

    def energy(self, text: Text) -> Floats:
        out = np.zeros((len(text.asked), len(self.word)), np.float32)
        here = [position for position in self._places(text) if position in text.asked]
        for row in np.searchsorted(text.asked, here):
            out[row] = np.where(self.wanted, 1, np.where(self.word, -1, 0))
        return out

    def _places(self, text: Text) -> list[int]:
        places = [len(text.tokens) - 1]
        if places[0] in text.standing and not self.word[text.tokens[places[0]]]:
            places.append(places[0] - 1)
        return places

    def satisfied(self, tokens: Ints) -> float:
        words = np.flatnonzero(self.word[tokens])
        return float(len(words) > 0 and self.wanted[tokens[words[-1]]])


def _that(name: str, given: str, known: Vocabulary, fits: Callable[[str], bool]) -> LastWord:
    words = [known.letters(i) for i in range(len(known.pieces))]
    wanted = np.array([bool(word) and fits(word) for word in words])
    if not wanted.any():
        raise InvalidInput(f"controls {name}: no word of {known.model} does so, got {shown(given)}")
    return LastWord(wanted, np.array([bool(word) for word in words]))
