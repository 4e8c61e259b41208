"""What the arrays of a payload from elsewhere must be, said once for every kind of run. No torch.

All of them raise ValueError in words that go on from the entry's name, as ``has no tokens``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def must(holds: bool, otherwise: str) -> None:
    """Raises ValueError with what is said otherwise."""
    if not holds:
        raise ValueError(otherwise)


def must_be_words(words: object) -> None:
    """A list of texts."""
    whole = isinstance(words, list) and all(isinstance(word, str) for word in words)
    must(whole, "has tokens that are no text")


def must_be_integers(array: np.ndarray[Any, Any], count: int, name: str) -> None:
    """So many integers in a row."""
    whole = array.shape == (count,) and array.dtype.kind in "iu"
    must(whole, f"must have {count} integers as {name}, got {array.dtype} {array.shape}")


def must_be_positions(array: np.ndarray[Any, Any], count: int, length: int, name: str) -> None:
    """So many integers from 0 to below ``length``."""
    must_be_integers(array, count, name)
    inside = not count or (array.min() >= 0 and array.max() < length)
    must(bool(inside), f"has {name} outside the text's {length} positions")


def must_be_floats(array: np.ndarray[Any, Any], shape: Sequence[int], name: str) -> None:
    """Floats of a shape."""
    whole = array.shape == tuple(shape) and array.dtype.kind == "f"
    must(whole, f"must have {name} of shape {tuple(shape)}, got {array.dtype} {array.shape}")
