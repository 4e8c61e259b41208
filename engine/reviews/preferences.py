"""Which of some runs is preferred: win rates, strengths, settings that win. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054  # of a 95 % interval
RESAMPLES = 500
FEWEST = 10  # votes below which nothing is said of who wins
PRIOR = 0.5  # of a win each way for every pair that was judged: nobody's strength is infinite
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer to one pair; ``won`` is one of the two, None for a tie."""

    first: str
    second: str
    won: str | None
    judge: str


@dataclass(frozen=True, slots=True)
class Share:
    """A share of ``count`` votes with its Wilson interval; a tie is half a win."""

    share: float
    low: float
    high: float
    wins: float
    count: int

    @property
    def tells(self) -> bool:
        """Whether the votes are enough to tell it from a coin: the interval leaves out a half."""
        return self.count >= FEWEST and not self.low <= 0.5 <= self.high


@dataclass(frozen=True, slots=True)
class Strength:
    """A run's strength: log odds against the mean run, with a bootstrap interval over votes."""

    name: str
    strength: float
    low: float
    high: float
    wins: Share


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of a setting against another, where pairs differed in it."""

    name: str
    better: Any
    worse: Any
    share: Share  # of the better one


def wilson(wins: float, count: int) -> Share:
    """A share with the interval of Wilson 1927; without a vote it is anything from 0 to 1."""
    if not count:
        return Share(float("nan"), 0.0, 1.0, 0.0, 0)
    share, z2 = wins / count, Z * Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return Share(share, max(0.0, middle - half), min(1.0, middle + half), wins, count)


def win_rates(votes: Iterable[Vote]) -> dict[str, Share]:
    """The share of its pairs that each run won, by run."""
    won: dict[str, float] = {}
    count: dict[str, int] = {}
    for vote in votes:
        for run in (vote.first, vote.second):
            count[run] = count.get(run, 0) + 1
            half = 0.5 if vote.won is None else float(vote.won == run)
            won[run] = won.get(run, 0.0) + half
    return {run: wilson(won[run], count[run]) for run in count}


def strengths(
    votes: Sequence[Vote], *, seed: int = 0, resamples: int = RESAMPLES
) -> list[Strength]:
    """Bradley-Terry strengths, the strongest first (Bradley and Terry 1952; fitted as Hunter 2004).

    The strengths sum to 0. A tie is half a win each way. Half a win each way is added to every pair
    that was judged, so that a run that never lost has a strength; the fewer the votes the nearer
    to 0 it is drawn. The interval is a percentile bootstrap over votes.
    """
    names = sorted({run for vote in votes for run in (vote.first, vote.second)})
    if not names:
        return []
    place = {name: i for i, name in enumerate(names)}
    each = np.array([_wins_of(vote, place) for vote in votes])  # [vote, winner, loser]
    judged = (each.sum(axis=0) + each.sum(axis=0).T > 0) * PRIOR
    fitted = _fit(each.sum(axis=0) + judged)
    draws = np.random.default_rng(seed).integers(0, len(votes), (resamples, len(votes)))
    spread = np.array([_fit(each[row].sum(axis=0) + judged) for row in draws])
    low, high = np.quantile(spread, [0.025, 0.975], axis=0)
    rates = win_rates(votes)
    rows = [
        Strength(name, float(fitted[i]), float(low[i]), float(high[i]), rates[name])
        for name, i in place.items()
    ]
    return sorted(rows, key=lambda row: -row.strength)


def settings_that_win(
    votes: Iterable[Vote], specs: Mapping[str, Mapping[str, Any]]
) -> list[Setting]:
    """For every setting in which alone the runs of a pair differed, how often each value won.

    Seeds count as no setting. The one that tells most comes first.
    """
    tally: dict[tuple[str, str, str], tuple[Any, Any, float, int]] = {}
    for vote in votes:
        first, second = specs.get(vote.first), specs.get(vote.second)
        if first is None or second is None:
            continue
        names = {n for n in {*first, *second} - {"seed"} if first.get(n) != second.get(n)}
        if len(names) != 1:
            continue
        (name,) = names
        a, b = first.get(name), second.get(name)
        share = 0.5 if vote.won is None else float(vote.won == vote.first)
        if repr(a) > repr(b):
            a, b, share = b, a, 1 - share
        _, _, wins, count = tally.get((name, repr(a), repr(b)), (a, b, 0.0, 0))
        tally[(name, repr(a), repr(b))] = (a, b, wins + share, count + 1)
    rows = []
    for (name, _, _), (a, b, wins, count) in tally.items():
        better, worse, best = (a, b, wins) if 2 * wins >= count else (b, a, count - wins)
        rows.append(Setting(name, better, worse, wilson(best, count)))
    return sorted(rows, key=lambda row: (not row.share.tells, -row.share.low, row.name))


def _wins_of(vote: Vote, place: Mapping[str, int]) -> Floats:
    table = np.zeros((len(place), len(place)))
    first, second = place[vote.first], place[vote.second]
    for a, b in ((first, second), (second, first)):
        won = vote.first if a == first else vote.second
        table[a, b] = 0.5 if vote.won is None else float(vote.won == won)
    return table


def _fit(wins: Floats) -> Floats:
    """Log strengths of a table [winner, loser] by minorisation-maximisation."""
    games, strength = wins + wins.T, np.ones(len(wins))
    total = wins.sum(axis=1)
    for _ in range(200):
        shared = games / np.add.outer(strength, strength)
        np.fill_diagonal(shared, 0)
        new = total / np.maximum(shared.sum(axis=1), 1e-300)
        new = np.maximum(new, 1e-12)
        new /= np.exp(np.log(new).mean())
        if np.abs(np.log(new) - np.log(strength)).max() < 1e-6:
            strength = new
            break
        strength = new
    fitted: Floats = np.log(strength)
    return fitted
