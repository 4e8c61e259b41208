"""What a rule buys: finished texts, what they cost in model calls, and how good they are. No torch.

Every measure is over texts of one way of writing (a rule with its steps, a temperature, a cut),
one a seed, with a 95 % bootstrap interval over the texts. Perplexity is a judge's
(``engine.judge``), and stands beside the entropy of the tokens: one alone misleads
(Zheng et al. 2024, 2409.02908).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.judge.records import Judgement
from engine.metrics.bootstrap import Interval, bootstrap_mean, bootstrap_ratio, half_sample_share
from engine.metrics.text_diversity import distinct_scorer
from engine.metrics.text_quality import agreement, repetition, token_entropy
from engine.text.keys import fields_read
from engine.text.records import TextRun
from engine.text.spec import READS_ORDER, TextSpec

LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)
MEASURES = (
    "calls", "tokens_per_call", "seconds", "perplexity", "entropy", "repetition", "distinct_2",
    "log_probability", "agreement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A finished text and what it took."""

    run: str
    seed: int
    tokens: tuple[int, ...]
    text: str
    calls: int
    tokens_per_call: float
    seconds: float  # of its steps as they were computed; forwards that were recalled cost nothing
    log_probability: float  # nats a revealed token, of the untempered model


@dataclass(frozen=True, order=True, slots=True)
class Way:
    """A way of writing: a rule with what it reads, and the steps it may take."""

    rule: str  # in words, as "threshold 0.9"
    steps: int

    @property
    def label(self) -> str:
        """The way in words."""
        return f"{self.rule}, {self.steps} steps"


def way_of(facts: Mapping[str, Any]) -> Way:
    """The way of a text run's spec, which may leave out what is as before."""
    spec = TextSpec.parse({**facts, "changes": ()})
    fields = [getattr(spec, name) for name in fields_read(spec)]
    told = [f"{f:g}" if isinstance(f, float) else str(f) for f in fields if f != "linear"]
    if spec.rule in READS_ORDER and spec.order != "confidence":
        told.append(spec.order)
    if spec.block is not None:
        told.append(f"blocks of {spec.block}")
    return Way(" ".join([spec.rule, *told]), spec.steps)


def written_of(run: TextRun) -> Written | None:
    """What is measured of a run; None while it is not whole, or wrote nothing."""
    if not run.complete or not run.model_calls:
        return None
    stands, nats = run.reveal_step(), []
    for step in run.steps[1:]:
        for position in step.revealed[stands[step.revealed] == step.index].tolist():
            row = step.row(position)
            if row is not None:
                nats.append(math.log(max(float(step.probability[row]), LEAST_PROBABILITY)))
    return Written(
        run=run.manifest.run,
        seed=int(run.manifest.spec["seed"]),
        tokens=tuple(run.steps[-1].tokens.tolist()),
        text=run.text(),
        calls=run.model_calls,
        tokens_per_call=run.tokens_per_call,
        seconds=sum(step.seconds for step in run.steps[1:]),
        log_probability=float(np.mean(nats)) if nats else float("nan"),
    )


def measured(
    texts: Sequence[Written],
    *,
    judged: Mapping[str, Judgement] | None = None,
    full: Mapping[int, Written] | None = None,
) -> dict[str, Interval]:
    """Every measure of some texts that can be told, by its name in MEASURES.

    ``judged`` are a judge's opinions by text: perplexity is left out unless it has all of them.
    ``full`` are the texts of the same seeds that took one step a token: agreement with them.
    """
    singles = {
        "calls": [float(each.calls) for each in texts],
        "tokens_per_call": [each.tokens_per_call for each in texts],
        "seconds": [each.seconds for each in texts],
        "entropy": [token_entropy(each.tokens) for each in texts],
        "repetition": [repetition(each.tokens) for each in texts],
        "log_probability": [each.log_probability for each in texts],
    }
    if full is not None and all(each.seed in full for each in texts):
        singles["agreement"] = [agreement(t.tokens, full[t.seed].tokens) for t in texts]
    found = {name: bootstrap_mean(values) for name, values in singles.items()}
    score = distinct_scorer([each.tokens for each in texts], 2)
    found["distinct_2"] = half_sample_share(score, len(texts))
    if judged is not None and texts and all(each.text in judged for each in texts):
        found["perplexity"] = _perplexity([judged[each.text] for each in texts])
    return {name: found[name] for name in MEASURES if name in found}


def pareto(points: Sequence[tuple[float, float]], *, larger_is_better: bool) -> list[int]:
    """The places of the points (cost, quality) that no other betters in both, cheapest first."""
    sign = 1.0 if larger_is_better else -1.0
    known = [i for i, point in enumerate(points) if not any(map(math.isnan, point))]
    order = sorted(known, key=lambda i: (points[i][0], -sign * points[i][1]))
    front, best = [], -math.inf
    for i in order:
        if sign * points[i][1] > best:
            front.append(i)
            best = sign * points[i][1]
    return front


def _perplexity(judgements: Sequence[Judgement]) -> Interval:
    """exp of minus the mean log-probability of all their tokens, larger texts counting more."""
    mean = bootstrap_ratio([j.nats for j in judgements], [j.tokens for j in judgements])
    return replace(
        mean, mean=math.exp(-mean.mean), low=math.exp(-mean.high), high=math.exp(-mean.low)
    )
