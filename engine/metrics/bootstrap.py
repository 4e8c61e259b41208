"""How sure is a mean over seeds? Percentile bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.metrics.vendi import effective_number, vendi_score

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over ``count`` things and the bounds it has in ``level`` of the resamples."""

    mean: float
    low: float
    high: float
    count: int
    level: float = 0.95


def bootstrap_mean(values: Sequence[float], *, level: float = 0.95, seed: int = 0) -> Interval:
    """The mean of independent values with its percentile interval (Efron 1979).

    Drawn from a generator of its own, so that the same values give the same bounds. One value
    gives nan bounds, none a nan mean.
    """
    known = np.asarray(values, np.float64)
    if len(known) < 2:
        mean = float(known[0]) if len(known) else float("nan")
        return Interval(mean, float("nan"), float("nan"), len(known), level)
    draws = np.random.default_rng(seed).integers(0, len(known), (RESAMPLES, len(known)))
    low, high = np.quantile(known[draws].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(known.mean()), float(low), float(high), len(known), level)


def bootstrap_ratio(
    above: Sequence[float], below: Sequence[float], *, level: float = 0.95, seed: int = 0
) -> Interval:
    """The sum of one value of each thing over the sum of another, with its percentile interval.

    Things are drawn with both of their values. Fewer than two give nan bounds, none a nan ratio.
    """
    top, bottom = np.asarray(above, np.float64), np.asarray(below, np.float64)
    ratio = float(top.sum() / bottom.sum()) if bottom.sum() else float("nan")
    if len(top) < 2 or np.isnan(ratio):
        return Interval(ratio, float("nan"), float("nan"), len(top), level)
    draws = np.random.default_rng(seed).integers(0, len(top), (RESAMPLES, len(top)))
    ratios = top[draws].sum(axis=1) / bottom[draws].sum(axis=1)
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return Interval(ratio, float(low), float(high), len(top), level)


def bootstrap_pairs(table: NDArray[np.floating], *, level: float = 0.95, seed: int = 0) -> Interval:
    """The mean of a symmetric table [n, n] off its diagonal, with its percentile interval.

    Pairs share items and are not independent, so items are drawn, and an item drawn twice is no
    pair. Fewer than three items give nan bounds, fewer than two a nan mean.
    """
    known = np.asarray(table, np.float64)
    n = len(known)
    pairs = known[np.triu_indices(n, k=1)]
    mean = float(pairs.mean()) if len(pairs) else float("nan")
    if n < 3:
        return Interval(mean, float("nan"), float("nan"), n, level)
    generator = np.random.default_rng(seed)
    means = []
    for _ in range(RESAMPLES):
        drawn = generator.integers(0, n, n)
        apart = drawn[:, None] != drawn[None, :]
        if apart.any():
            means.append(known[np.ix_(drawn, drawn)][apart].mean())
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean, float(low), float(high), n, level)


def bootstrap_vendi(
    similarity: NDArray[np.floating], *, level: float = 0.95, seed: int = 0
) -> Interval:
    """The Vendi score of a similarity matrix [n, n] with an interval over its items.

    An item drawn twice adds nothing new, so the scores of draws lie lower than that of the whole;
    the interval is their spread, moved to the whole's score and kept within 1 to n. Fewer than
    three items give nan bounds. Raises as ``vendi_score`` does.
    """
    known = np.asarray(similarity, np.float64)
    n, score = len(known), vendi_score(known)

    if n < 3:
        return Interval(score, float("nan"), float("nan"), n, level)
    drawn = np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))
    scores = np.array([effective_number(known[np.ix_(row, row)]) for row in drawn])
    low, high = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2]) - scores.mean() + score
    return Interval(score, max(1.0, float(low)), min(float(n), float(high)), n, level)


def half_sample_share(
    score: Callable[[NDArray[np.int64]], float], count: int, *, level: float = 0.95, seed: int = 0
) -> Interval:
    """A share (0 to 1) of a set of ``count`` items, as distinct-n, with an interval over its items.

    ``score`` takes the places of some items. An item drawn twice would lower such a share, so
    halves are drawn without one (subsampling, Politis and Romano 1994), and their spread is moved
    to the whole's score. For scores that do not grow with the set as Vendi does; in simulated sets
    its width is about right from 5 items on. Fewer than three give nan bounds, none a nan mean.
    """
    whole = score(np.arange(count)) if count else float("nan")
    if count < 3 or np.isnan(whole):
        return Interval(whole, float("nan"), float("nan"), count, level)
    half = count // 2
    generator = np.random.default_rng(seed)
    scores = np.array([score(generator.permutation(count)[:half]) for _ in range(RESAMPLES)])
    spread = (scores - scores.mean()) * np.sqrt(half / (count - half))
    low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2]) + whole
    return Interval(whole, max(0.0, float(low)), min(1.0, float(high)), count, level)
