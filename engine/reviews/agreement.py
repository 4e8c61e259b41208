"""Krippendorff's alpha: how far judges agree beyond what chance would give. No torch.

Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability". 1 is agreement, 0 what judges who
draw from the same pool of answers would reach, below 0 disagreement. Answers may be missing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Level = Literal["nominal", "ordinal", "interval"]
Floats = NDArray[np.float64]
RESAMPLES = 1000
FEWEST_UNITS = 3  # that two judged, for an interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Alpha over ``units`` things that two judges or more answered; nan where it is not defined."""

    alpha: float
    low: float
    high: float
    units: int
    judges: int
    level: Level


def krippendorff_alpha(
    answers: Mapping[Hashable, Mapping[Hashable, float]],
    *,
    level: Level,
    mirrored: tuple[float, float] | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Agreement:
    """Alpha of answers by thing and judge, with a percentile interval over things.

    Answers are numbers; nominal ones stand for categories, ordinal ones for ranks. Things with one
    answer tell nothing and are left out. Where all answers are the same alpha is nan: nothing
    varied, so nothing could be agreed on. ``mirrored`` are two answers that would change places if
    the thing were put the other way round, as the two of a pair: chance then means either alike.
    """
    units = [list(by_judge.values()) for by_judge in answers.values() if len(by_judge) > 1]
    judges = {judge for by_judge in answers.values() if len(by_judge) > 1 for judge in by_judge}
    values = sorted({value for unit in units for value in unit} | set(mirrored or ()))
    tables = np.array([_coincidences(unit, values) for unit in units])
    if mirrored is not None and units:
        swap = dict(zip(mirrored, reversed(mirrored), strict=True))
        order = [values.index(swap.get(value, value)) for value in values]
        tables = (tables + tables[:, order][:, :, order]) / 2
    nan = float("nan")
    if not units:
        return Agreement(nan, nan, nan, 0, 0, level)
    alpha = _alpha(tables.sum(axis=0), values, level)
    low = high = nan
    if len(units) >= FEWEST_UNITS and not np.isnan(alpha):
        draws = np.random.default_rng(seed).integers(0, len(units), (resamples, len(units)))
        drawn = [_alpha(tables[row].sum(axis=0), values, level) for row in draws]
        known = [value for value in drawn if not np.isnan(value)]
        if known:
            low, high = (float(bound) for bound in np.quantile(known, [0.025, 0.975]))
    return Agreement(alpha, low, high, len(units), len(judges), level)


def _coincidences(unit: Sequence[float], values: Sequence[float]) -> Floats:
    """How often two answers to one thing met, [value, value], each pair weighed by 1 / (m - 1)."""
    counts = np.array([unit.count(value) for value in values], np.float64)
    table = np.outer(counts, counts) - np.diag(counts)
    return table / (len(unit) - 1)


def _alpha(table: Floats, values: Sequence[float], level: Level) -> float:
    """1 - observed / expected disagreement, of a table of coincidences."""
    totals = table.sum(axis=1)
    n = totals.sum()
    distance = _distance(totals, values, level)
    expected = float((np.outer(totals, totals) * distance).sum())
    if expected == 0:
        return float("nan")
    return 1 - float((n - 1) * (table * distance).sum()) / expected


def _distance(totals: Floats, values: Sequence[float], level: Level) -> Floats:
    """The squared difference of two values, [value, value]."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "interval":
        return np.subtract.outer(values, values) ** 2
    # ranks: how many answers lie between the two, half of each end counted
    upto = np.concatenate([[0.0], np.cumsum(totals)])
    middle = upto[:-1] + totals / 2
    ranks: Floats = np.subtract.outer(middle, middle) ** 2
    return ranks
