"""Paths of many runs on one map: the two directions in which their states differ most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.chain.records import Floats, Ints

Gram = NDArray[np.float64]  # [n, n] inner products of n states
CHUNK = 4096  # numbers of each state that are in float64 at once


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalMap:
    """Where n states lie on their first principal axes, and how much of their variance those hold.

    A point is in the units of the states; the larger end of each axis is positive.
    """

    points: NDArray[np.float64]  # [n, axis]
    shares: NDArray[np.float64]  # [axis] of the variance, 0 to 1; 0 where nothing varies


def principal_map(gram: Gram, *, axes: int = 2) -> PrincipalMap:
    """The principal components (PCA) of n states given by their inner products [n, n].

    The singular value decomposition of the centred products: their singular values are the squares
    of the states', their vectors the states' left ones, so that no large state is needed twice.
    Fewer states than axes leave the rest at 0. Raises ValueError for a table that is not square.
    """
    if gram.ndim != 2 or gram.shape[0] != gram.shape[1] or not len(gram):
        raise ValueError(f"inner products must be a square table, got shape {gram.shape}")
    means = gram.mean(axis=0)
    centred = gram - means - means[:, None] + means.mean()
    left, squares, _ = np.linalg.svd(centred, hermitian=True)
    # what centring leaves of rounding is nothing
    known = np.where(squares > 1e-12 * max(float(np.abs(gram).max()), 1e-300), squares, 0.0)
    count = min(axes, len(gram))
    points, shares = np.zeros((len(gram), axes)), np.zeros(axes)
    points[:, :count] = left[:, :count] * np.sqrt(known[:count])
    ends = np.take_along_axis(points, np.abs(points).argmax(axis=0)[None], axis=0)
    total = float(known.sum())
    shares[:count] = known[:count] / total if total else 0.0
    return PrincipalMap(points * np.where(ends < 0, -1.0, 1.0), shares)


def products_of(states: Floats) -> Gram:
    """[n, n] inner products of states [n, ...], summed in float64 a part of each at a time."""
    rows = states.reshape(len(states), -1)
    gram = np.zeros((len(rows), len(rows)))
    # about their mean: centred once more afterwards, but large common parts would cost precision
    middle = rows.mean(axis=0, dtype=np.float64)
    for start in range(0, rows.shape[1], CHUNK):
        part = rows[:, start : start + CHUNK] - middle[start : start + CHUNK]
        gram += part @ part.T
    return gram


def products_of_tokens(tokens: Ints) -> Gram:
    """[n, n] inner products of one-hot texts [n, position]: at how many positions two are equal."""
    rows: list[NDArray[Any]] = [(tokens == text).sum(axis=1) for text in tokens]
    return np.stack(rows).astype(np.float64)
