"""How two text runs compare on their way: unmask orders and where they part."""

from __future__ import annotations

import math

import numpy as np

from engine.chain.records import Ints
from engine.text.records import TextRun


def kendall_tau(first: Ints, second: Ints) -> float:
    """Kendall's tau-b between two unmask orders given as the reveal step of each position.

    1 for the same order, -1 for the reverse, near 0 for unrelated ones; ties (positions revealed
    by the same step) are accounted for. nan when either order has no two positions apart. Raises
    ValueError for different lengths.
    """
    a, b = np.asarray(first, np.int64), np.asarray(second, np.int64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"orders must have one length, got {a.shape} and {b.shape}")
    upper = np.triu_indices(len(a), k=1)
    left = np.sign(a[:, None] - a[None, :])[upper]
    right = np.sign(b[:, None] - b[None, :])[upper]
    scale = math.sqrt(float((left != 0).sum()) * float((right != 0).sum()))
    return float((left * right).sum()) / scale if scale else float("nan")


def first_divergence(first: TextRun, second: TextRun) -> int | None:
    """The first step after which two runs' tokens differ; None when they never do.

    A run that ended earlier is compared by its last tokens. Raises ValueError for different
    lengths.
    """
    if first.length != second.length:
        raise ValueError(
            f"runs must have one length, got {first.length} and {second.length} positions"
        )
    for index in range(max(len(first.steps), len(second.steps))):
        left = first.steps[min(index, len(first.steps) - 1)].tokens
        right = second.steps[min(index, len(second.steps) - 1)].tokens
        if not np.array_equal(left, right):
            return index
    return None


def agreement(first: TextRun, second: TextRun) -> np.ndarray:
    """[steps + 1] the fraction of positions on which two runs agree after each step."""
    count = min(len(first.steps), len(second.steps))
    return np.array(
        [float((first.steps[i].tokens == second.steps[i].tokens).mean()) for i in range(count)]
    )
