"""What control costs: groups of runs that differ in seed and strength, and their measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cache.errors import InvalidInput
from cache.store import Store
from dashboard.data.groups import Group, groups
from engine.chain.axis_values import parse_values
from engine.chain.records import Floats, Manifest
from engine.metrics.bootstrap import bootstrap_mean
from engine.requests.sweeps import expand, parse_seeds
from engine.text import stored as text_stored
from engine.text.records import TextRun
from engine.text.spec import TextSpec

VARYING = ("seed", "control_strength")
COLUMNS = ("strength", "measure", "mean", "low", "high", "seeds")
MOST_RUNS = 512
USUAL = float(TextSpec.model_fields["control_strength"].default)


@dataclass(frozen=True, slots=True)
class Controlled:
    """A finished text: how far it meets its controls, how likely the plain model finds it."""

    run: str
    strength: float
    seed: int
    text: str
    met: float  # mean over the controls that say how far, 0 to 1
    fluency: float  # nats a token: mean log-probability when it was written, nothing added


def comparisons(runs: Iterable[Manifest]) -> list[Group]:
    """The groups that hold two strengths or more, newest first."""
    controlled = (m for m in runs if m.spec.get("controls") and not m.spec.get("changes"))
    found = groups(controlled, varying=VARYING)
    return [each for each in found if len({strength_of(run.spec) for run in each.runs}) > 1]


def strength_of(spec: Mapping[str, Any]) -> float:
    """The strength of a stored spec, which leaves the usual one out."""
    return float(spec.get("control_strength", USUAL))


def load_controlled(store: Store, manifest: Manifest) -> Controlled | None:
    """What a run came to; None while a step is missing. Raises PayloadDamaged."""
    run = text_stored.load_text_run(store, manifest.run)
    if not run.complete:
        return None
    met = [step.satisfied for step in run.steps if len(step.satisfied)]
    known = met[-1][~np.isnan(met[-1])] if met else np.zeros(0)
    return Controlled(
        run=manifest.run,
        strength=strength_of(manifest.spec),
        seed=int(manifest.spec["seed"]),
        text=run.text(),
        met=float(known.mean()) if len(known) else float("nan"),
        fluency=float(np.mean(_plain(run))) if len(_plain(run)) else float("nan"),
    )


def _plain(run: TextRun) -> Floats:
    """The plain model's log-probability of each token that stands, when it was last written.

    Of the uniform kernel at the last step.
    """
    values = np.full(run.length, np.nan, np.float32)
    for step in run.steps[1:]:
        if not len(step.plain):
            continue
        rows = np.isin(step.masked, step.revealed) if run.masked_kernel else slice(None)
        values[step.masked[rows]] = step.plain[rows]
    there: Floats = values[~np.isnan(values)]
    return there


def measures(texts: Iterable[Controlled]) -> pd.DataFrame:
    """One row a strength and measure (met, fluency): mean with its 95 % bootstrap over seeds.

    Over the seeds that every strength has.
    """
    by: dict[float, dict[int, Controlled]] = {}
    for text in texts:
        by.setdefault(text.strength, {})[text.seed] = text
    seeds = sorted(set.intersection(*(set(each) for each in by.values()))) if by else []
    rows = []
    for strength in sorted(by):
        for name in ("met", "fluency"):
            found = bootstrap_mean([getattr(by[strength][seed], name) for seed in seeds])
            rows.append((strength, name, found.mean, found.low, found.high, len(seeds)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def sentence_table(texts: Iterable[Controlled]) -> pd.DataFrame:
    """One row a text: its strength, seed, words, and measures."""
    ordered = sorted(texts, key=lambda text: (text.strength, text.seed))
    return pd.DataFrame(
        {
            "strength": [text.strength for text in ordered],
            "seed": [text.seed for text in ordered],
            "text": [text.text for text in ordered],
            "controls met": [text.met for text in ordered],
            "log-probability (nats)": [text.fluency for text in ordered],
            "run": [text.run[:12] for text in ordered],
        }
    )


def control_specs(fields: Mapping[str, Any], strengths: str, seeds: str) -> list[TextSpec]:
    """A run for each strength and seed. Raises InvalidInput."""
    scales = [
        float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for value in parse_values(strengths.replace(" ", ""), name="control_strength")
    ]
    axes: dict[str, list[Any]] = {
        "control_strength": list(dict.fromkeys(scales)),
        "seed": parse_seeds(seeds),
    }
    count = len(axes["control_strength"]) * len(axes["seed"])
    if count > MOST_RUNS:
        raise InvalidInput(f"texts must be at most {MOST_RUNS}, got {count}")
    if not fields.get("controls"):
        raise InvalidInput("controls must be one or more, one a line as in must:sea, got none")
    return list(expand(TextSpec(**fields), axes))
