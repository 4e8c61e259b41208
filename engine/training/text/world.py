"""A small world of plain sentences: the seeded grammar that the built-in text model learns from.

Notation of a frame: ``{class}`` is a word or phrase of that class, ``(one|other|)`` one of the
choices, and every "a" becomes "an" where the next word asks for it. Two slots of one class in
one frame never get the same entry.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache

import numpy as np

from engine.training.landscape.captions import caption
from engine.training.landscape.scene import draw_scene
from engine.training.text.facts import facts
from engine.training.text.frames import EXTRA, FRAMES
from engine.training.text.words import classes, split_choices

CAPTION_SHARE = 0.12
SECOND_SENTENCE = 0.12
LONGEST_FOR_TWO = 9  # words
_SLOT = re.compile(r"\{(\w+)\}|\(([^()]*)\)")
_ARTICLE = re.compile(r"\ba (?=[aeiou])")
_TOKEN = re.compile(r"[a-z]+|[0-9]+|[.,?!'\-:;()\"]")


class TextWorld:
    """An endless, seeded supply of lower-case texts of one or two sentences."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self._classes = _all_classes()
        self._families = [frames for _, frames in FRAMES.values()]
        self._weights = [weight for weight, _ in FRAMES.values()]

    def text(self) -> str:
        """One text: a caption of a landscape, a sentence, or two short sentences."""
        if self._random.random() < CAPTION_SHARE:
            words = caption(draw_scene(self._numbers), self._numbers)
            return words + ("." if self._random.random() < 0.3 else "")
        first = self.sentence()
        if self._random.random() < SECOND_SENTENCE and len(first.split()) < LONGEST_FOR_TWO:
            second = self.sentence()
            if len(second.split()) < LONGEST_FOR_TWO:
                return f"{first} {second}"
        return first

    def sentence(self) -> str:
        """One sentence of a family drawn by weight; it ends with . ? or !"""
        family = self._random.choices(self._families, self._weights)[0]
        return self.fill(self._random.choice(family))

    def fill(self, frame: str) -> str:
        """A frame with every slot and choice decided."""
        used: set[str] = set()
        while match := _SLOT.search(frame):
            name, choices = match.groups()
            if name is None:
                chosen = self._random.choice(choices.split("|"))
            else:
                entries = self._classes[name]
                chosen = self._random.choice(entries)
                while chosen in used and len(entries) > 1 and "{" not in chosen:
                    chosen = self._random.choice(entries)
                used.add(chosen)
            frame = frame[: match.start()] + chosen + frame[match.end() :]
        return _ARTICLE.sub("an ", " ".join(frame.split()).replace(" ,", ","))


def tokenize(text: str) -> list[str]:
    """Lower-case words and punctuation marks, split as BERT's own tokenizer splits them."""
    return _TOKEN.findall(text.lower())


@lru_cache(maxsize=1)
def _all_classes() -> dict[str, list[str]]:
    extra = {name: split_choices(text) for name, text in EXTRA.items()}
    return classes() | extra | {"fact": facts()}
