"""Is the sampler as right as it is sure? Reliability and expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Commitments of one range of confidence: how many, how sure, how often right."""

    low: float
    high: float
    count: int
    confidence: float  # mean; nan without any
    accuracy: float  # share that was right; nan without any


def reliability(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], *, bins: int = BINS
) -> tuple[Bin, ...]:
    """The reliability diagram of commitments [n] in equal bins of confidence (Guo et al. 2017)."""
    known = np.asarray(confidence, np.float64)
    place = np.minimum((known * bins).astype(int), bins - 1)
    diagram = []
    for i in range(bins):
        inside = place == i
        count = int(inside.sum())
        mean = float(known[inside].mean()) if count else float("nan")
        share = float(np.asarray(right)[inside].mean()) if count else float("nan")
        diagram.append(Bin(i / bins, (i + 1) / bins, count, mean, share))
    return tuple(diagram)


def expected_calibration_error(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], *, bins: int = BINS
) -> float:
    """ECE = sum over bins of n_b / n |accuracy - confidence| (Guo et al. 2017, eq. 3); nan for 0.

    Small samples make it larger than it is: with n commitments each bin is off by chance.
    """
    filled = [b for b in reliability(confidence, right, bins=bins) if b.count]
    total = sum(b.count for b in filled)
    if not total:
        return float("nan")
    return sum(b.count * abs(b.accuracy - b.confidence) for b in filled) / total
