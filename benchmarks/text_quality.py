"""Quality against model calls, by rule: what as-many-as-are-safe and taking back buy.

64 texts of 32 tokens by each rule at most 4, 8, 16 and 32 calls, drawn at temperature 1 from the
whole distribution of the built-in model. The judge is that same model by pseudo-likelihood (each
token given all others), for no other masked model lies in the repository: it says whether a text
holds together by what the model knows, not whether a person would like it. Perplexity stands
beside the entropy of the tokens. Every text is written anew in an empty store; its seconds are its
steps' share of the batch they were computed in.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from cache.store import Store
from engine.experiments.text_quality import Written, measured, way_of, written_of
from engine.judge.spec import JudgeSpec
from engine.judge.stored import judgements
from engine.metrics.bootstrap import Interval
from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.spec import TextSpec

LENGTH, CALLS, TEXTS = 32, (4, 8, 16, 32), 64
RULES: tuple[dict[str, Any], ...] = (
    {"rule": "quota"},
    {"rule": "quota", "schedule": "cosine"},
    {"rule": "threshold", "threshold": 0.9},
    {"rule": "entropy-bound", "entropy_bound": 0.1},
    {"rule": "ancestral"},
    {"rule": "remask", "remasking": "conf"},
    {"rule": "remask", "remasking": "rescale", "eta": 0.1},
)
SHOWN = ("calls", "tokens_per_call", "seconds", "perplexity", "entropy", "repetition", "agreement")
HEADER = (
    "calls", "tokens a call", "ms a text", "perplexity", "entropy, nats", "repeated pairs, %",
    "as one a call, %",
)  # fmt: skip
SCALES = {"seconds": 1000.0, "repetition": 100.0, "agreement": 100.0}


def ways(model: str, length: int) -> Iterator[TextSpec]:
    """The spec of every way, of seed 0."""
    for fields in RULES:
        for steps in CALLS:
            yield TextSpec(model=model, length=length, steps=steps, top_p=1.0, **fields)


def written(store: Store, spec: TextSpec, texts: int) -> list[Written]:
    """The texts of one way, written now."""
    runs = compute(store, [spec.but(seed=seed) for seed in range(texts)]).runs
    found = [written_of(text_stored.load_text_run(store, run)) for run in runs]
    return [each for each in found if each is not None]


def main() -> None:
    """Measure and print a table for docs/benchmarks.md, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="builtin-bert")
    parser.add_argument("--judge", default="builtin-bert")
    parser.add_argument("--texts", type=int, default=TEXTS)
    parser.add_argument("--length", type=int, default=LENGTH)
    asked = parser.parse_args()
    rows = measure(asked.model, asked.judge, asked.texts, asked.length)
    print(f"{asked.texts} texts of {asked.length} tokens each, torch {torch.__version__}, "
          f"{torch.get_num_threads()} thread(s)")  # fmt: skip
    print("| rule | at most | " + " | ".join(HEADER) + " |\n|" + "---|" * (len(HEADER) + 2))
    for rule, steps, found in rows:
        cells = (_cell(name, found.get(name)) for name in SHOWN)
        print(f"| {rule} | {steps} | {' | '.join(cells)} |")
    document = [
        {"rule": rule, "steps": steps} | {n: [i.mean, i.low, i.high] for n, i in found.items()}
        for rule, steps, found in rows
    ]
    print(json.dumps(document))


def measure(
    model: str, judge: str, texts: int, length: int
) -> list[tuple[str, int, dict[str, Interval]]]:
    """Every way with its measures."""
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "store") as store:
        by_spec = {spec: written(store, spec, texts) for spec in ways(model, length)}
        everything = sorted({each.text for found in by_spec.values() for each in found})
        for first in range(0, len(everything), 1024):
            chunk = tuple(everything[first : first + 1024])
            compute(store, [JudgeSpec(model=judge, texts=chunk)])
        judged = judgements(store, find_model(judge).fingerprint, everything)
    one_a_call = next(
        found
        for spec, found in by_spec.items()
        if spec.counted and spec.schedule == "linear" and spec.steps >= length
    )
    full = {each.seed: each for each in one_a_call}
    out = []
    for spec, found in by_spec.items():
        way = way_of(spec.facts())
        out.append((way.rule, way.steps, measured(found, judged=judged, full=full)))
    return out


def _cell(name: str, interval: Interval | None) -> str:
    if interval is None:
        return ""
    scale = SCALES.get(name, 1.0)
    values = [value * scale for value in (interval.mean, interval.low, interval.high)]
    digits = 0 if max(values) >= 100 else 1 if max(values) >= 10 else 2
    mean, low, high = (f"{value:.{digits}f}" for value in values)
    return mean if low == high else f"{mean} ({low}–{high})"


if __name__ == "__main__":
    main()
