"""What temperature buys: grids of texts by temperature and cut, and how different they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cache.errors import InvalidInput
from cache.store import Store
from dashboard.data.groups import Group, groups
from engine.chain.axis_values import shown, whole_number
from engine.chain.records import Manifest, short_id
from engine.metrics.bootstrap import (
    Interval,
    bootstrap_mean,
    bootstrap_vendi,
    half_sample_share,
)
from engine.metrics.text_diversity import distinct_scorer, ngram_similarity, self_bleu_scores
from engine.text import stored as text_stored
from engine.text.spec import TextSpec

VARYING = ("seed", "temperature", "top_k", "top_p")
COLUMNS = ("temperature", "cut", "measure", "mean", "low", "high", "seeds")
FEW = 8  # seeds below which intervals say little
MOST_RUNS = 1024
ALL_TOKENS = "all"  # what a form calls drawing from the whole distribution
LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, slots=True)
class Cut:
    """Which tokens may be drawn: the k best, a nucleus, both, or (neither) the best alone."""

    top_k: int | None
    top_p: float | None

    @property
    def label(self) -> str:
        """The cut in words."""
        if self.top_k is None and self.top_p is None:
            return "greedy"
        if self.top_k is None and self.top_p == 1:
            return "all tokens"
        parts = [] if self.top_k is None else [f"top-k {self.top_k}"]
        parts += [] if self.top_p is None else [f"top-p {self.top_p:g}"]
        return ", ".join(parts)

    @property
    def openness(self) -> tuple[float, float]:
        """How much it lets through, to sort by: greedy first, all tokens last."""
        if self.top_k is None and self.top_p is None:
            return 0.0, 0.0
        return self.top_k or math.inf, self.top_p or 1.0


Cell = tuple[float, Cut]  # a temperature and what is cut off


@dataclass(frozen=True, slots=True)
class Sample:
    """A finished text: its pieces, and what the model thought of them when they were revealed."""

    run: str
    pieces: tuple[str, ...]
    text: str
    confidence: float  # mean of the sampler's probability of the revealed tokens
    log_probability: float  # nats a revealed token, of the untempered model


Samples = Mapping[Cell, Mapping[int, Sample]]  # by cell, then by seed


def grids(runs: Iterable[Manifest]) -> list[Group]:
    """The groups with two temperatures or cuts or more, newest first; no forks, nothing fixed."""
    drawn = (m for m in runs if not m.spec.get("changes") and _drawn(m.spec))
    return [each for each in groups(drawn, varying=VARYING) if len(cells_of(each)) > 1]


def cell_of(spec: Mapping[str, Any]) -> Cell:
    """The temperature and the cut of a text run's spec."""
    return float(spec["temperature"]), cut_of(spec)


def cut_of(spec: Mapping[str, Any]) -> Cut:
    """The cut of a text run's spec."""
    return Cut(spec["top_k"], spec["top_p"])


def cells_of(group: Group) -> dict[Cell, dict[int, Manifest]]:
    """The runs of a group by cell and seed, colder first, then by how much the cut lets through."""
    cells: dict[Cell, dict[int, Manifest]] = {}
    for run in sorted(group.runs, key=lambda m: int(m.spec["seed"])):
        cells.setdefault(cell_of(run.spec), {})[int(run.spec["seed"])] = run
    return {cell: cells[cell] for cell in sorted(cells, key=lambda c: (c[0], c[1].openness))}


def load_sample(store: Store, manifest: Manifest) -> Sample | None:
    """A run's finished text; None while a step is missing. Raises PayloadDamaged."""
    run = text_stored.load_text_run(store, manifest.run)
    if not run.complete:
        return None
    confidence, log_probability = [], []
    stands = run.reveal_step()
    for step in run.steps[1:]:
        for position in step.revealed[stands[step.revealed] == step.index].tolist():
            row = step.row(position)
            if row is not None:
                confidence.append(float(step.confidence[row]))
                log_probability.append(math.log(max(step.probability[row], LEAST_PROBABILITY)))
    return Sample(
        run=manifest.run,
        pieces=tuple(run.words(-1)),
        text=run.text(),
        confidence=float(np.mean(confidence)),
        log_probability=float(np.mean(log_probability)),
    )


def samples_of(group: Group, finished: Mapping[str, Sample]) -> dict[Cell, dict[int, Sample]]:
    """The finished texts of a group by cell and seed; a cell without any is there and empty."""
    return {
        cell: {seed: finished[m.run] for seed, m in runs.items() if m.run in finished}
        for cell, runs in cells_of(group).items()
    }


def seed_order(samples: Samples) -> list[int]:
    """Every seed, those that most cells have first, then the smaller."""
    counts = Counter(seed for by_seed in samples.values() for seed in by_seed)
    return sorted(counts, key=lambda seed: (-counts[seed], seed))


def usual_count(samples: Samples) -> int:
    """How many seeds to measure at first: those that at least half of the cells have."""
    counts = Counter(seed for by_seed in samples.values() for seed in by_seed)
    return sum(2 * count >= len(samples) for count in counts.values())


def measures(samples: Samples, seeds: Sequence[int]) -> pd.DataFrame:
    """One row a cell and measure, over the same seeds in every cell.

    Columns temperature, cut, measure, mean, low, high (95 % over seeds), seeds. Measures
    of a set depend on its size, so a cell that has not all of the seeds is left out.
    """
    rows = []
    for (temperature, cut), by_seed in samples.items():
        if len(seeds) < 2 or not set(seeds) <= set(by_seed):
            continue
        for name, i in measured([by_seed[seed] for seed in seeds]).items():
            rows.append((temperature, cut.label, name, i.mean, i.low, i.high, i.count))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def measured(texts: Sequence[Sample]) -> dict[str, Interval]:
    """Every measure of a set of texts, with its interval over them."""
    pieces = [text.pieces for text in texts]
    count = len(texts)
    distinct = {
        f"distinct_{n}": half_sample_share(distinct_scorer(pieces, n), count) for n in (1, 2)
    }
    return {
        **distinct,
        "self_bleu": bootstrap_mean(self_bleu_scores([text.text for text in texts])),
        "vendi": bootstrap_vendi(ngram_similarity(pieces)),
        "confidence": bootstrap_mean([text.confidence for text in texts]),
        "log_probability": bootstrap_mean([text.log_probability for text in texts]),
    }


def missing(samples: Samples, seeds: Sequence[int]) -> dict[Cell, int]:
    """The cells that are not measured, and how many of the seeds each has."""
    counts = {cell: len(set(seeds) & set(by_seed)) for cell, by_seed in samples.items()}
    return {cell: count for cell, count in counts.items() if count < len(seeds)}


def sentences(samples: Samples, *, seed: int) -> pd.DataFrame:
    """The texts of one seed: a row a temperature, a column a cut; None where there is none."""
    cuts = sorted({cut for _, cut in samples}, key=lambda cut: cut.openness)
    return pd.DataFrame(
        {
            cut.label: [_text(samples, (t, cut), seed) for t in _temperatures(samples)]
            for cut in cuts
        },
        index=_temperature_index(samples),
    )


def sentences_of_cut(samples: Samples, *, cut: Cut) -> pd.DataFrame:
    """The texts of one cut: a row a temperature, a column a seed; None where there is none."""
    seeds = sorted(
        {seed for cell, by_seed in samples.items() if cell[1] == cut for seed in by_seed}
    )
    return pd.DataFrame(
        {
            f"seed {seed}": [_text(samples, (t, cut), seed) for t in _temperatures(samples)]
            for seed in seeds
        },
        index=_temperature_index(samples),
    )


def cell_table(by_seed: Mapping[int, Sample]) -> pd.DataFrame:
    """The texts of a cell: one row a seed."""
    return pd.DataFrame(
        {
            "seed": list(by_seed),
            "text": [sample.text for sample in by_seed.values()],
            "confidence": [sample.confidence for sample in by_seed.values()],
            "log_probability": [sample.log_probability for sample in by_seed.values()],
            "run": [short_id(sample.run) for sample in by_seed.values()],
        }
    )


def cuts_of(text: str) -> list[Cut]:
    """Cuts as they were typed: top-ks, or ``all``, with commas between. Raises InvalidInput."""
    return list(dict.fromkeys(_cut(part.strip()) for part in text.split(",")))


def _drawn(spec: Mapping[str, Any]) -> bool:
    return TextSpec.parse(spec).stochastic


def _temperatures(samples: Samples) -> list[float]:
    return sorted({temperature for temperature, _ in samples})


def _temperature_index(samples: Samples) -> pd.Index[Any]:
    return pd.Index([f"{t:g}" for t in _temperatures(samples)], name="temperature")


def _text(samples: Samples, cell: Cell, seed: int) -> str | None:
    sample = samples.get(cell, {}).get(seed)
    return None if sample is None else sample.text


def _cut(text: str) -> Cut:
    if text.lower() == ALL_TOKENS:
        return Cut(None, 1.0)
    number = whole_number(text)
    if number is None:
        raise InvalidInput(
            f"top-k must be whole numbers or {ALL_TOKENS}, as in 5, 50, all; got {shown(text)}"
        )
    return Cut(number, None)
