"""Sentences about things that no world here has.

CLIP sees them as texts that fit no picture, so that a text from outside the world lies far from
texts about it. Nothing here is drawn, and none of these words counts as known.
"""

from __future__ import annotations

import numpy as np

THINGS = (
    "dog", "horse", "fish", "cow", "mouse", "rabbit", "lion", "baby", "man", "woman",
    "child", "doctor", "teacher", "king", "robot", "chair", "table", "lamp", "sofa", "bed", "cup",
    "bottle", "pizza", "bread", "cake", "apple", "banana", "soup", "coffee", "guitar", "piano",
    "drum", "book", "letter", "newspaper", "computer", "keyboard", "phone", "camera", "engine",
    "bicycle", "car", "truck", "airplane", "rocket", "train", "shoe", "hat", "shirt", "dress",
    "ring", "clock", "key", "door", "mirror", "kitchen", "office", "hospital", "school", "theory",
    "equation", "spreadsheet", "map", "logo", "font", "chess board", "football match",
    "contract", "password", "database", "algorithm", "tax form", "recipe", "molecule", "circuit",
    "toothbrush", "umbrella", "portrait", "face", "hand", "spoon", "carpet", "wallet", "magazine",
)  # fmt: skip
DOINGS = (
    "on a table", "in a kitchen", "playing music", "wearing glasses", "made of plastic",
    "eating lunch", "reading a book", "for sale", "next to a chair", "talking to a friend",
    "under a desk", "with two buttons", "explained simply", "version three", "in a box",
    "running fast", "sleeping", "looking at the camera", "on a plate", "in a meeting", "isolated",
    "close up", "how it works", "step by step", "for beginners", "with labels",
)  # fmt: skip
MANNERS = (
    "red", "old", "new", "small", "big", "beautiful", "happy", "angry", "broken", "expensive",
    "white", "black", "round", "electric", "funny", "modern", "simple", "famous", "lovely", "green",
)  # fmt: skip
LETTERS = "aaabcdeeefghiiijklmnnooopqrrssttuuvwxyz"


def unrelated_text(rng: np.random.Generator) -> str:
    """A sentence about something else, sometimes with invented words in it."""
    thing = _invented(rng) if rng.random() < 0.35 else _one(rng, THINGS)
    words = [_one(rng, MANNERS)] if rng.random() < 0.5 else []
    words.append(thing)
    if rng.random() < 0.6:
        words.append(_one(rng, DOINGS))
    elif rng.random() < 0.4:
        words += ["and", "a", _invented(rng) if rng.random() < 0.5 else _one(rng, THINGS)]
    article = "" if rng.random() < 0.3 else _one(rng, ("a ", "the ", "a photo of a ", "my ", "an "))
    return article + " ".join(words)


def _invented(rng: np.random.Generator) -> str:
    lengths = rng.integers(3, 10, int(rng.integers(1, 3)))
    drawn = [rng.integers(len(LETTERS), size=length) for length in lengths]
    return " ".join("".join(LETTERS[k] for k in word) for word in drawn)


def _one(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
