"""Where seeds part: states of a group of runs at every step, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cache.store import Store
from dashboard.data.groups import Group, groups
from engine import stored_images, stored_runs
from engine.metrics import divergence
from engine.metrics.clusters import average_linkage, medoid
from engine.plans import AnySpec, parse_spec
from engine.records import Manifest

VARYING = ("seed",)
MOST_RUNS = 64
Measure = Literal["agreement", "cosine", "rms"]
MEASURES: Mapping[str, tuple[Measure, ...]] = {"text": ("agreement",), "image": ("cosine", "rms")}


@dataclass(frozen=True, slots=True, eq=False)
class Parting:
    """Every pair of some runs at every step; the runs are in the order of their seeds."""

    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    pairs: Mapping[str, NDArray[np.float64]]  # measure: [step, run, run]
    parted: NDArray[np.int64]  # [run, run] the first step that differs; -1: none does

    @property
    def last(self) -> int:
        """The last step."""
        return len(next(iter(self.pairs.values()))) - 1

    def distance(self) -> NDArray[np.float64]:
        """[run, run] 1 - likeness at the end: of tokens, or by the cosine of the latents."""
        likeness = self.pairs["agreement" if "agreement" in self.pairs else "cosine"][-1]
        found: NDArray[np.float64] = 1.0 - likeness
        np.fill_diagonal(found, 0.0)
        return found


def seed_groups(found: Iterable[Manifest]) -> list[Group]:
    """The groups of two seeds or more of one spec, in the order of their newest runs."""
    return [each for each in groups(found, varying=VARYING) if len(each.runs) > 1]


def finished(store: Store, group: Group) -> list[Manifest]:
    """The complete runs of a group by seed, at most MOST_RUNS of them."""
    there = store.present([m.step_keys[-1] for m in group.runs])
    whole = [m for m, ends in zip(group.runs, there, strict=True) if ends]
    return sorted(whole, key=lambda m: int(m.spec["seed"]))[:MOST_RUNS]


def load_parting(store: Store, runs: Sequence[Manifest]) -> Parting:
    """Where complete runs of one group part. Raises PayloadDamaged, MissingFromStore."""
    if runs[0].kind == "text":
        tokens = divergence.tokens_over_steps(
            [stored_runs.load_text_run(store, m.run) for m in runs]
        )
        pairs = {"agreement": divergence.token_agreement(tokens)}
        parted = divergence.first_divergence(tokens)
    else:
        latents = _latents(store, runs)
        pairs = {
            "cosine": divergence.latent_cosine(latents),
            "rms": divergence.latent_rms(latents),
        }
        parted = divergence.first_divergence(latents)
    return Parting(
        tuple(m.run for m in runs), tuple(int(m.spec["seed"]) for m in runs), pairs, parted
    )


def _latents(store: Store, runs: Sequence[Manifest]) -> NDArray[np.float32]:
    """[run, step, C, h, w]; the runs of a group have equally many steps of one size."""
    found: NDArray[np.float32] | None = None
    for i, manifest in enumerate(runs):
        for k, key in enumerate(manifest.step_keys):
            step = stored_images.image_step(store.get(key))
            if found is None:
                shape = (len(runs), len(manifest.step_keys), *step.latents.shape)
                found = np.empty(shape, np.float32)
            found[i, k] = step.latents.astype(np.float32) * np.float32(step.latents_scale)
    if found is None:
        raise ValueError("runs must be at least 1, got 0")
    return found


def curve(parting: Parting, measure: str) -> pd.DataFrame:
    """One row a step: mean, lowest and highest over pairs of runs."""
    one, other = np.triu_indices(len(parting.runs), k=1)
    values = parting.pairs[measure][:, one, other]
    return pd.DataFrame(
        {
            "step": np.arange(len(values)),
            "mean": np.nanmean(values, axis=1),
            "lowest": np.nanmin(values, axis=1),
            "highest": np.nanmax(values, axis=1),
            "pairs": len(one),
        }
    )


def partings(parting: Parting) -> pd.DataFrame:
    """How many pairs part at each step: step (-1: never), pairs."""
    one, other = np.triu_indices(len(parting.runs), k=1)
    steps, counts = np.unique(parting.parted[one, other], return_counts=True)
    return pd.DataFrame({"step": steps, "pairs": counts})


def pair_table(parting: Parting, measure: str, step: int) -> pd.DataFrame:
    """One row a pair of seeds: how alike at a step, and where they first differ."""
    one, other = np.triu_indices(len(parting.runs), k=1)
    seeds = np.array(parting.seeds)
    return pd.DataFrame(
        {
            "first_seed": seeds[one],
            "second_seed": seeds[other],
            "step": step,
            measure: parting.pairs[measure][step, one, other],
            "first_divergence": parting.parted[one, other],
        }
    )


def outcomes(parting: Parting, *, alike: float) -> list[tuple[int, ...]]:
    """Clusters of outcomes as places of runs, the most typical run of each first.

    Clusters are joined while their runs are on average at least ``alike`` (average linkage).
    """
    distance = parting.distance()
    # a hair above: runs that are exactly so alike belong together
    labels = average_linkage(distance, cut=1.0 - alike + 1e-9)
    found = []
    for label in range(int(labels.max()) + 1):
        items = np.flatnonzero(labels == label)
        middle = medoid(distance, items)
        found.append((middle, *(int(i) for i in items if i != middle)))
    return found


def more_seeds(shared: Mapping[str, Any], count: int) -> list[AnySpec]:
    """The specs of a group's seeds 0 to ``count`` - 1. Raises InvalidInput."""
    return [parse_spec({**shared, "seed": seed}) for seed in range(count)]
