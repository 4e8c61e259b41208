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
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.metrics import divergence
from engine.metrics.clusters import average_linkage, medoid
from engine.requests.plans import AnySpec, parse_spec
from engine.text import stored as text_stored

VARYING = ("seed",)
MOST_RUNS = 64
Measure = Literal["agreement", "predicted x0", "cosine", "rms"]
MEASURES: Mapping[str, tuple[Measure, ...]] = {
    "text": ("agreement",),
    "image": ("predicted x0", "cosine", "rms"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Parting:
    """Every pair of some runs at every step; the runs are in the order of their seeds."""

    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    pairs: Mapping[str, NDArray[np.float64]]  # measure: [step, run, run]; nan: not known there
    differ: NDArray[np.int64] | None  # texts: [run, run] the first step that differs; -1: none

    @property
    def last(self) -> int:
        """The last step."""
        return len(next(iter(self.pairs.values()))) - 1

    def parted(self, alike: float) -> NDArray[np.int64]:
        """[run, run] where two runs part; -1: they never do.

        Texts: the first step with another token. Images, whose starts are noise of their own: the
        step from which on their predicted x0 stay less than ``alike``, by the cosine.
        """
        if self.differ is not None:
            return self.differ
        return divergence.parting_steps(self.pairs["predicted x0"], alike)

    def distance(self) -> NDArray[np.float64]:
        """[run, run] 1 - likeness at the end: of tokens, or by the cosine of the latents."""
        likeness = self.pairs["agreement" if "agreement" in self.pairs else "cosine"][-1]
        distances: NDArray[np.float64] = 1.0 - likeness
        np.fill_diagonal(distances, 0.0)
        return distances


def seed_groups(runs: Iterable[Manifest]) -> list[Group]:
    """The groups of two seeds or more of one spec, in the order of their newest runs."""
    return [each for each in groups(runs, varying=VARYING) if len(each.runs) > 1]


def finished(store: Store, group: Group) -> list[Manifest]:
    """The complete runs of a group by seed, at most MOST_RUNS of them."""
    there = store.present([m.step_keys[-1] for m in group.runs])
    whole = [m for m, ends in zip(group.runs, there, strict=True) if ends]
    return sorted(whole, key=lambda m: int(m.spec["seed"]))[:MOST_RUNS]


def load_parting(store: Store, runs: Sequence[Manifest]) -> Parting:
    """Where complete runs of one group part. Raises PayloadDamaged, MissingFromStore."""
    named = tuple(m.run for m in runs), tuple(int(m.spec["seed"]) for m in runs)
    if runs[0].kind == "image":
        return Parting(*named, _image_pairs(store, runs), None)
    tokens = divergence.tokens_over_steps([text_stored.load_text_run(store, m.run) for m in runs])
    agreement = divergence.token_agreement(tokens)
    return Parting(*named, {"agreement": agreement}, divergence.first_divergence(tokens))


def _image_pairs(store: Store, runs: Sequence[Manifest]) -> dict[str, NDArray[np.float64]]:
    """Every measure of images [step, run, run], one step in memory at a time."""
    measured: dict[str, list[NDArray[np.float64]]] = {name: [] for name in MEASURES["image"]}
    for k in range(len(runs[0].step_keys)):
        steps = [image_stored.image_step(store.get(m.step_keys[k])) for m in runs]
        scaled = [s.unit_latents() for s in steps]
        latents = np.stack(scaled)[:, None]
        measured["cosine"].append(divergence.latent_cosine(latents)[0])
        measured["rms"].append(divergence.latent_rms(latents)[0])
        clean = [s.predicted_x0.astype(np.float32) for s in steps if s.predicted_x0 is not None]
        known = len(clean) == len(runs)  # the start predicts nothing
        unknown = np.full((len(runs), len(runs)), np.nan)
        measured["predicted x0"].append(
            divergence.latent_cosine(np.stack(clean)[:, None])[0] if known else unknown
        )
    return {name: np.stack(tables) for name, tables in measured.items()}


def curve(parting: Parting, measure: str) -> pd.DataFrame:
    """One row a step where the measure is known: mean, lowest and highest over pairs of runs."""
    one, other = np.triu_indices(len(parting.runs), k=1)
    values = parting.pairs[measure][:, one, other]
    known = np.flatnonzero(~np.isnan(values).all(axis=1))
    values = values[known]
    return pd.DataFrame(
        {
            "step": known,
            "mean": np.nanmean(values, axis=1),
            "lowest": np.nanmin(values, axis=1),
            "highest": np.nanmax(values, axis=1),
            "pairs": len(one),
        }
    )


def partings(parting: Parting, alike: float) -> pd.DataFrame:
    """How many pairs part at each step, as ``Parting.parted`` has it: step (-1: never), pairs."""
    one, other = np.triu_indices(len(parting.runs), k=1)
    steps, counts = np.unique(parting.parted(alike)[one, other], return_counts=True)
    return pd.DataFrame({"step": steps, "pairs": counts})


def pair_table(parting: Parting, measure: str, step: int, alike: float) -> pd.DataFrame:
    """One row a pair of seeds: how alike at a step, and where they part (-1: nowhere)."""
    one, other = np.triu_indices(len(parting.runs), k=1)
    seeds = np.array(parting.seeds)
    return pd.DataFrame(
        {
            "first_seed": seeds[one],
            "second_seed": seeds[other],
            "step": step,
            measure: parting.pairs[measure][step, one, other],
            "parted_at": parting.parted(alike)[one, other],
        }
    )


def outcomes(parting: Parting, *, alike: float) -> list[tuple[int, ...]]:
    """Clusters of outcomes as places of runs, the most typical run of each first.

    Clusters are joined while their runs are on average at least ``alike`` (average linkage).
    """
    distance = parting.distance()
    # a hair above: runs that are exactly so alike belong together
    labels = average_linkage(distance, cut=1.0 - alike + 1e-9)
    clusters = []
    for label in range(int(labels.max()) + 1):
        items = np.flatnonzero(labels == label)
        middle = medoid(distance, items)
        clusters.append((middle, *(int(i) for i in items if i != middle)))
    return clusters


def more_seeds(shared: Mapping[str, Any], count: int) -> list[AnySpec]:
    """The specs of a group's seeds 0 to ``count`` - 1. Raises InvalidInput."""
    return [parse_spec({**shared, "seed": seed}) for seed in range(count)]
