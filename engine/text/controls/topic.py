"""What a text is about, by example: near it in the model's own embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.chain.records import Floats, Ints
from engine.text.controls.control import Text, Vocabulary


@dataclass(frozen=True)
class Topic:
    """``topic:the boat sails. | waves on the sea.``: half the standard score of the cosine.

    The cosine is between a token's input embedding and the mean of those of the examples'
    words, both less the mean of all words; a score of 2 counts 1. Words like "the", which are in
    any text, count little in a mean over several examples and are not left out.
    """

    scores: Floats  # [V]
    cosines: Floats  # [V]
    word: np.ndarray  # [V]

    @classmethod
    def of(cls, given: str, known: Vocabulary) -> Topic:
        """Examples with | between; unknown words of theirs are left out."""
        word = np.array([bool(known.letters(i)) for i in range(len(known.pieces))])
        table = known.embeddings().astype(np.float32)
        table = table - table[word].mean(axis=0)
        table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
        examples = [known.encode(example) for example in given.split("|") if example.strip()]
        ids = np.unique(np.concatenate(examples))
        ids = ids[word[ids]] if word[ids].any() else ids
        centre = table[ids].mean(axis=0)
        cosines = table @ (centre / max(float(np.linalg.norm(centre)), 1e-6))
        spread = float(cosines[word].std()) or 1.0
        scores = np.where(word, (cosines - cosines[word].mean()) / (2 * spread), 0)
        return cls(scores.astype(np.float32), cosines, word)

    def energy(self, text: Text) -> Floats:
        return self.scores[None]

    def satisfied(self, tokens: Ints) -> float:
        """The mean cosine of the text's words, where it is above 0."""
        words = tokens[self.word[tokens]]
        return max(0.0, float(self.cosines[words].mean())) if len(words) else 0.0
