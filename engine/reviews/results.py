"""What the verdicts on an item add up to. No torch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.metrics.bootstrap import Interval, bootstrap_mean
from engine.reviews.agreement import Agreement, Level, krippendorff_alpha
from engine.reviews.boards import Placed
from engine.reviews.preferences import (
    FEWEST,
    Setting,
    Share,
    Strength,
    Vote,
    settings_that_win,
    strengths,
    wilson,
)
from engine.reviews.records import Verdict
from engine.reviews.voices import counted

NUMBERED = ("stars", "scale")
YES_NO = {"yes": 1.0, "no": 0.0}


@dataclass(frozen=True, slots=True)
class Consistency:
    """Of the pairs a judge was asked twice, how often the answer was the same."""

    judge: str
    same: int
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    """The verdicts of one item; what its kind of question has no use for is empty."""

    votes: int
    judges: int
    counts: Mapping[str, int]  # by answer
    mean: Interval | None  # of stars and scales
    shares: Mapping[str, Share]  # of yes, or of each option
    strengths: tuple[Strength, ...]  # of pairs
    settings: tuple[Setting, ...]
    agreement: Agreement | None
    consistency: tuple[Consistency, ...]
    texts: tuple[Verdict, ...]

    @property
    def too_few(self) -> bool:
        """Whether the votes are too few to tell anything of."""
        return self.votes < FEWEST

    def told(self, low: float, high: float) -> tuple[float, float]:
        """The bounds of an interval as they are shown: nan where the votes are too few for one."""
        return (math.nan, math.nan) if self.too_few else (low, high)


def results_of(
    item: Placed, given: Sequence[Verdict], specs: Mapping[str, Mapping[str, Any]] | None = None
) -> Results:
    """What the verdicts on an item add up to; ``specs`` of its runs tell the settings that win."""
    own = [v for v in given if v.item == item.id]
    counts_for = counted(own)
    kind = item.question.kind
    votes = votes_of(counts_for)
    said = Counter(str(v.answer) for v in counts_for) if kind != "text" else Counter()
    number = [float(v.answer) for v in counts_for if kind in NUMBERED and isinstance(v.answer, int)]
    options = {"yes_no": ("yes", "no"), "choice": item.question.options}.get(kind, ())
    return Results(
        votes=len(counts_for),
        judges=len({v.by.judge for v in counts_for}),
        counts=_in_order(said, item),
        mean=bootstrap_mean(number) if number else None,
        shares={o: wilson(said[o], len(counts_for)) for o in options},
        strengths=tuple(strengths(votes)) if kind == "pair" else (),
        settings=tuple(settings_that_win(votes, specs or {})) if kind == "pair" else (),
        agreement=agreement_of([item], counts_for),
        consistency=tuple(_consistency(own)),
        texts=tuple(v for v in counts_for if kind == "text"),
    )


def votes_of(given: Sequence[Verdict]) -> list[Vote]:
    """The verdicts on pairs, as votes."""
    return [
        Vote(v.pair.left, v.pair.right, v.preferred, v.by.judge)
        for v in given
        if v.pair is not None
    ]


def agreement_of(items: Sequence[Placed], given: Sequence[Verdict]) -> Agreement | None:
    """How far judges agree over items that are asked the same kind of question.

    Stars and scales are ranks; pairs, choices and yes or no are categories. None where the kinds
    differ or nothing can be agreed on.
    """
    kinds = {item.question.kind for item in items}
    if len(kinds) != 1 or kinds & {"none", "text"}:
        return None
    (kind,) = kinds
    level: Level = "ordinal" if kind in NUMBERED else "nominal"
    answers: dict[Hashable, dict[Hashable, float]] = {}
    of = {item.id: item for item in items}
    for verdict in counted(v for v in given if v.item in of):
        thing = (verdict.item, frozenset(verdict.runs) if verdict.pair else verdict.runs)
        answers.setdefault(thing, {})[verdict.by.judge] = _number(verdict, of[verdict.item])
    mirrored = (1.0, 2.0) if kind == "pair" else None
    return krippendorff_alpha(answers, level=level, mirrored=mirrored)


def _number(verdict: Verdict, item: Placed) -> float:
    """An answer as a number: a rank, or a category's."""
    if verdict.pair is not None:
        preferred = verdict.preferred
        return 0.0 if preferred is None else 1.0 + float(preferred == min(verdict.runs))
    if isinstance(verdict.answer, int):
        return float(verdict.answer)
    if verdict.answer in YES_NO:
        return YES_NO[verdict.answer]
    options = item.question.options
    return float(options.index(verdict.answer)) if verdict.answer in options else -1.0


def _consistency(given: Sequence[Verdict]) -> list[Consistency]:
    first: dict[tuple[str, frozenset[str]], Verdict] = {}
    same: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for verdict in given:
        if verdict.pair is None:
            continue
        about = (verdict.by.judge, frozenset(verdict.runs))
        if verdict.pair.repeat and about in first:
            asked[verdict.by.shown] += 1
            same[verdict.by.shown] += verdict.preferred == first[about].preferred
        first.setdefault(about, verdict)
    return [Consistency(judge, same[judge], count) for judge, count in asked.items()]


def _in_order(said: Mapping[str, int], item: Placed) -> dict[str, int]:
    kind = item.question.kind
    order: Sequence[str] = {
        "stars": ["1", "2", "3", "4", "5"],
        "scale": ["1", "2", "3", "4", "5"],
        "yes_no": ["yes", "no"],
        "choice": list(item.question.options),
    }.get(kind, [])
    return {answer: said.get(answer, 0) for answer in order}
