"""Ways of writing compared: texts by rule, steps, temperature and cut, and what each came to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from cache.errors import InvalidInput
from cache.store import Store
from dashboard.data.groups import Group, groups
from dashboard.data.text_diversity import MOST_RUNS, Cut, cut_of, cuts_of, grids
from engine.chain.axis_values import parse_values, shown
from engine.chain.records import Manifest, short_id
from engine.experiments.text_quality import Way, Written, measured, pareto, way_of, written_of
from engine.judge.records import Judgement
from engine.requests.sweeps import expand, parse_seeds
from engine.text import stored as text_stored
from engine.text.keys import RULE_FIELDS
from engine.text.spec import Rule, TextSpec

# a rule and all that any of them reads; what else a spec says is the same in a whole group
OF_WAYS = ("rule", "block", *sorted({name for reads in RULE_FIELDS.values() for name in reads}))
VARYING = ("seed", "temperature", "top_k", "top_p", "order", "steps", *OF_WAYS)
COLUMNS = (
    "point",
    "rule",
    "steps",
    "temperature",
    "cut",
    "measure",
    "mean",
    "low",
    "high",
    "seeds",
)
LARGER_IS_BETTER = {
    "perplexity": False,
    "log_probability": True,
    "entropy": True,
    "repetition": False,
    "distinct_2": True,
    "agreement": True,
}


@dataclass(frozen=True, slots=True)
class Point:
    """What a point of the figure stands for: texts that differ in their seeds alone."""

    way: Way
    temperature: float
    cut: Cut

    @property
    def label(self) -> str:
        """The point in words, as links name it."""
        return f"{self.way.label}, temperature {self.temperature:g}, {self.cut.label}"


Texts = Mapping[Point, Mapping[int, Written]]  # by point, then by seed


def way_groups(runs: Iterable[Manifest]) -> list[Group]:
    """The groups of texts of two ways of writing or more, then those of temperatures and cuts."""
    drawn = [m for m in runs if not m.spec.get("changes") and TextSpec.parse(m.spec).stochastic]
    wide = [
        each
        for each in groups(drawn, varying=VARYING)
        if len({way_of(m.spec) for m in each.runs}) > 1
    ]
    return [*wide, *grids(drawn)]


def is_wide(group: Group) -> bool:
    """Whether the runs of a group differ in their ways of writing."""
    return "steps" not in group.shared


def points_of(group: Group) -> dict[Point, dict[int, Manifest]]:
    """The runs of a group by point and seed; points by rule, steps, temperature and cut."""
    points: dict[Point, dict[int, Manifest]] = {}
    for run in sorted(group.runs, key=lambda m: int(m.spec["seed"])):
        point = Point(way_of(run.spec), float(run.spec["temperature"]), cut_of(run.spec))
        points.setdefault(point, {})[int(run.spec["seed"])] = run
    return {
        point: points[point]
        for point in sorted(points, key=lambda p: (p.way, p.temperature, p.cut.openness))
    }


def load_written(store: Store, manifest: Manifest) -> Written | None:
    """A run's finished text and what it took; None while it is not whole. Raises PayloadDamaged."""
    return written_of(text_stored.load_text_run(store, manifest.run))


def texts_of(group: Group, finished: Mapping[str, Written]) -> dict[Point, dict[int, Written]]:
    """The finished texts of a group by point and seed."""
    return {
        point: {seed: finished[m.run] for seed, m in runs.items() if m.run in finished}
        for point, runs in points_of(group).items()
    }


def quality_table(
    texts: Texts, *, seeds: Sequence[int], judged: Mapping[str, Judgement] | None
) -> pd.DataFrame:
    """One row a point and measure (``text_quality.MEASURES``), over the same seeds in every point.

    Columns of COLUMNS; low and high are the 95 % interval. A point without all of the seeds is
    left out, and agreement where the group has no text of one token a call.
    """
    rows = []
    for point, by_seed in texts.items():
        if len(seeds) < 2 or not set(seeds) <= set(by_seed):
            continue
        chosen = [by_seed[seed] for seed in seeds]
        found = measured(chosen, judged=judged, full=_one_a_call(texts, point))
        for name, i in found.items():
            way = (point.label, point.way.rule, point.way.steps, point.temperature, point.cut.label)
            rows.append((*way, name, i.mean, i.low, i.high, i.count))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def front(table: pd.DataFrame, measure: str, *, cost: str = "calls") -> list[str]:
    """The points of a table that no other betters in a measure at the same cost or less."""
    wide = table.pivot_table(index="point", columns="measure", values="mean", sort=False)
    if measure not in wide or cost not in wide:
        return []
    both = list(wide[[cost, measure]].itertuples(index=False, name=None))
    places = pareto(both, larger_is_better=LARGER_IS_BETTER[measure])
    return [str(wide.index[place]) for place in places]


def seeds_of(texts: Texts) -> list[int]:
    """The seeds that points are compared on; of no texts none.

    Some point has just these, and with them the most texts are compared: a point of few seeds is
    left out rather than have all others be of as few.
    """
    held = [frozenset(by_seed) for by_seed in texts.values() if by_seed]
    both = {one & other for one in held for other in held}
    compared = {seeds: len(seeds) * sum(seeds <= each for each in held) for seeds in both}
    best = max(compared, key=lambda s: (compared[s], len(s), sorted(s)), default=frozenset())
    return sorted(best)


def sentence_table(by_seed: Mapping[int, Written], judged: Mapping[str, Judgement]) -> pd.DataFrame:
    """The texts of a point: one row a seed, and what the judge thought of each, if of any."""
    texts = list(by_seed.values())
    nats = [judged[t.text].nats_a_token if t.text in judged else None for t in texts]
    table = pd.DataFrame(
        {
            "seed": [t.seed for t in texts],
            "text": [t.text for t in texts],
            "calls": [t.calls for t in texts],
            "own": [t.log_probability for t in texts],
            "judge": pd.Series(nats, dtype="float64"),
            "run": [short_id(t.run) for t in texts],
        }
    )
    return table if any(value is not None for value in nats) else table.drop(columns="judge")


def way_specs(
    fields: Mapping[str, Any], temperatures: str, cuts: str, seeds: str, rules: str, steps: str
) -> list[TextSpec]:
    """The specs of a grid as typed, rules as ``quota, threshold 0.8``. Raises InvalidInput."""
    heats = [float(value) for value in _numbers(temperatures, "temperatures")]
    counts = _numbers(steps, "steps")
    numbers = list(dict.fromkeys(parse_seeds(seeds.replace(" ", ""))))
    ways = list(itertools.product(rule_fields(rules), counts, cuts_of(cuts)))
    count = len(heats) * len(numbers) * len(ways)
    if not 1 <= count <= MOST_RUNS:
        raise InvalidInput(f"runs must be 1 to {MOST_RUNS}, got {count}")
    specs: list[TextSpec] = []
    for rule, most, cut in ways:
        base = TextSpec(**{**fields, **rule, "steps": most}, top_k=cut.top_k, top_p=cut.top_p)
        specs += expand(base, {"temperature": heats, "seed": numbers})
    return list(dict.fromkeys(specs))


def rule_fields(typed: str) -> list[dict[str, Any]]:
    """What rules set, each a name and what it reads in any order: ``remask rescale 0.2``.

    Raises InvalidInput for an unknown rule or a word that it does not read.
    """
    found = []
    for part in typed.split(","):
        name, *words = part.split()[:8] or [""]
        if name not in RULE_FIELDS:
            raise InvalidInput(f"rules must be among {', '.join(RULE_FIELDS)}, got {shown(name)}")
        reads = RULE_FIELDS[cast(Rule, name)]
        chosen: dict[str, Any] = {"rule": name}
        for word in words:
            field = _field_of(word, [each for each in reads if each not in chosen])
            if field is None:
                raise InvalidInput(f"the rule {name} reads {', '.join(reads)}, got {shown(word)}")
            chosen[field] = _as_number(word) if field in NUMBERS else word
        found.append(chosen)
    return found


NUMBERS = (  # several of one rule are read in this order
    "threshold", "edit_threshold", "factor", "entropy_bound", "eta", "t_on", "t_off", "alpha_on",
)  # fmt: skip
WORDS = {
    "schedule": ("linear", "cosine", "geometric"),
    "remasking": ("cap", "rescale", "conf"),
}


def _field_of(word: str, reads: Sequence[str]) -> str | None:
    if _as_number(word) is not None:
        return next((name for name in reads if name in NUMBERS), None)
    return next((name for name in reads if word in WORDS.get(name, ())), None)


def _as_number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _one_a_call(texts: Texts, point: Point) -> Mapping[int, Written] | None:
    """The texts of a point's temperature and cut that a quota wrote one token a call."""
    for other, by_seed in texts.items():
        alike = (other.temperature, other.cut) == (point.temperature, point.cut)
        slow = by_seed and all(each.tokens_per_call == 1 for each in by_seed.values())
        if alike and slow and other.way.rule == "quota":
            return by_seed
    return None


def _numbers(text: str, name: str) -> list[float | int]:
    values = parse_values(text.replace(" ", ""), name=name)
    numbers = [value for value in values if type(value) in (int, float)]
    if len(numbers) < len(values):
        raise InvalidInput(f"{name} must be numbers as in 0.5, 1, 1.5, got {shown(text)}")
    return list(dict.fromkeys(numbers))
