"""Which outcomes belong together? Average linkage over a table of distances. Arrays in and out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def average_linkage(distance: NDArray[np.floating], *, cut: float) -> NDArray[np.int64]:
    """[n] the cluster of every item, 0 the largest; ties by their first item.

    Items begin alone; the two clusters with the least mean distance between their items are joined
    as long as that is below ``cut`` (UPGMA, Sokal and Michener 1958). ``distance`` is [n, n] and
    symmetric. Raises ValueError otherwise.
    """
    known = np.asarray(distance, np.float64)
    if known.ndim != 2 or known.shape[0] != known.shape[1] or not np.allclose(known, known.T):
        raise ValueError(f"distance must be square and symmetric, got {known.shape}")
    clusters = [[item] for item in range(len(known))]
    between = known.copy()
    np.fill_diagonal(between, np.inf)
    while len(clusters) > 1:
        first, second = sorted(divmod(int(between.argmin()), len(clusters)))
        if not between[first, second] < cut:
            break
        sizes = len(clusters[first]), len(clusters[second])
        joined = (between[first] * sizes[0] + between[second] * sizes[1]) / sum(sizes)
        between[first], between[:, first] = joined, joined
        between[first, first] = np.inf
        between = np.delete(np.delete(between, second, axis=0), second, axis=1)
        clusters[first] += clusters.pop(second)
    clusters.sort(key=lambda items: (-len(items), min(items)))
    labels = np.zeros(len(known), np.int64)
    for number, items in enumerate(clusters):
        labels[items] = number
    return labels


def medoid(distance: NDArray[np.floating], items: NDArray[np.integer]) -> int:
    """The item of a cluster with the least mean distance to the others of it."""
    inside = np.asarray(distance, np.float64)[np.ix_(items, items)]
    return int(items[inside.mean(axis=1).argmin()])
