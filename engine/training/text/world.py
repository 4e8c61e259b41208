"""A small world of plain sentences: the seeded grammar that the built-in text model learns from.

Notation of a frame: ``{class}`` is a word or phrase of that class, ``(one|other|)`` one of the
choices, and every "a" becomes "an" where the next word asks for it. Two slots of one class in
one frame never get the same entry.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

import numpy as np

from engine.training.landscape.captions import caption as landscape_caption
from engine.training.landscape.scene import draw_scene as draw_landscape
from engine.training.poster.captions import caption as poster_caption
from engine.training.poster.scene import draw_scene as draw_poster
from engine.training.text.everyday import EVERYDAY_CLASSES, everyday_frames
from engine.training.text.facts import facts
from engine.training.text.frames import EXTRA, FRAMES
from engine.training.text.pairs import pair_classes
from engine.training.text.plain import PLAIN_SENTENCES
from engine.training.text.verbs import verb_classes
from engine.training.text.words import classes, split_choices

POSTER_SHARE, LANDSCAPE_SHARE = 0.11, 0.03  # of the texts are captions
SECOND_SENTENCE = 0.12
LONGEST_FOR_TWO = 9  # words
_MARKS = re.compile(r"[{}()|]")
_ARTICLE = re.compile(r"\ba (?=[aeiou])")
# "quick and quick": the same words on both sides
_TWICE = re.compile(r"\b([a-z]+(?: [a-z]+){0,4}),? (?:and|or|but|than|so|when|while|before) \1\b")
_TOKEN = re.compile(r"[a-z]+|[0-9]+|[.,?!'\-:;()\"]")
_HELD_OUT = frozenset(PLAIN_SENTENCES)


class TextWorld:
    """An endless, seeded supply of lower-case texts of one or two sentences."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self._classes = _all_classes()
        families = [*FRAMES.values(), *everyday_frames().values()]
        self._families = [frames for _, frames in families]
        self._weights = list(accumulate(weight for weight, _ in families))

    def text(self) -> str:
        """One text: a caption of a picture, a sentence, or two short sentences."""
        share = self._random.random()
        if share < POSTER_SHARE + LANDSCAPE_SHARE:
            if share < POSTER_SHARE:
                words = poster_caption(draw_poster(self._numbers), self._numbers)
            else:
                words = landscape_caption(draw_landscape(self._numbers), self._numbers)
            return words + ("." if self._random.random() < 0.3 else "")
        first = self.sentence()
        if self._random.random() < SECOND_SENTENCE and len(first.split()) < LONGEST_FOR_TWO:
            second = self.sentence()
            if len(second.split()) < LONGEST_FOR_TWO:
                return f"{first} {second}"
        return first

    def sentence(self) -> str:
        """One sentence of a family drawn by weight; it ends with . ? or !"""
        while True:
            family = self._random.choices(self._families, cum_weights=self._weights)[0]
            sentence = self.fill(self._random.choice(family))
            if not says_twice(sentence) and sentence not in _HELD_OUT:
                return sentence

    def fill(self, frame: str) -> str:
        """A frame with every slot and choice decided."""
        words: list[str] = []
        self._say(parsed(frame), words, set())
        return _ARTICLE.sub("an ", " ".join("".join(words).split()).replace(" ,", ","))

    def _say(self, parts: tuple[Part, ...], words: list[str], used: set[str]) -> None:
        for part in parts:
            if isinstance(part, str):
                words.append(part)
            elif isinstance(part, Slot):
                self._say(parsed(self._entry(part.name, used)), words, used)
            else:
                self._say(self._random.choice(part.readings), words, used)

    def _entry(self, name: str, used: set[str]) -> str:
        """A word or phrase of a class that the frame has not had, where that can be told."""
        entries = self._classes[name]
        chosen = self._random.choice(entries)
        while chosen in used and len(entries) > 1 and "{" not in chosen:
            chosen = self._random.choice(entries)
        used.add(chosen)
        return chosen


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for an entry of a word class."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several readings."""

    readings: tuple[tuple[Part, ...], ...]


Part = str | Slot | Choice


@cache
def parsed(text: str) -> tuple[Part, ...]:
    """A frame or an entry taken apart, once for all."""
    parts: list[Part] = []
    begin = 0
    while match := _MARKS.search(text, begin):
        if match.start() > begin:
            parts.append(text[begin : match.start()])
        if match.group() == "{":
            end = text.index("}", match.start())
            parts.append(Slot(text[match.start() + 1 : end]))
        else:
            end = _closing(text, match.start())
            readings = split_choices(text[match.start() + 1 : end])
            parts.append(Choice(tuple(parsed(reading) for reading in readings)))
        begin = end + 1
    if begin < len(text):
        parts.append(text[begin:])
    return tuple(parts)


def _closing(text: str, opening: int) -> int:
    depth = 0
    for index in range(opening, len(text)):
        depth += (text[index] == "(") - (text[index] == ")")
        if depth == 0:
            return index
    raise ValueError(f"no closing bracket in {text!r}")


def says_twice(text: str) -> bool:
    """Whether the same words stand on both sides of a joining word: "quick and quick"."""
    return _TWICE.search(text) is not None


def tokenize(text: str) -> list[str]:
    """Lower-case words and punctuation marks, split as BERT's own tokenizer splits them."""
    return _TOKEN.findall(text.lower())


@lru_cache(maxsize=1)
def _all_classes() -> dict[str, list[str]]:
    extra = {name: split_choices(text) for name, text in EXTRA.items()}
    everyday = {name: split_choices(text) for name, text in EVERYDAY_CLASSES.items()}
    return classes() | extra | everyday | verb_classes() | pair_classes() | {"fact": facts()}
