"""The ways of several seeds on one map: their states at every step, reduced to two numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cache.store import Store
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.metrics.changes_of_mind import changes_of_mind
from engine.metrics.principal_axes import Gram, principal_map, products_of, products_of_tokens
from engine.text import stored as text_stored

MOST_PATHS = 16
MOST_POINTS = 51  # steps of a path, the start among them; of more these are evenly spread


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """One row a seed and step, ``first`` and ``second`` its place, and the axes' shares."""

    table: pd.DataFrame  # run, seed, step, first, second
    shares: tuple[float, float]  # of the variance of all these states, 0 to 1


def load_paths(store: Store, runs: Sequence[Manifest]) -> Paths:
    """The paths of complete runs of one spec, at most MOST_PATHS of them.

    Images by their latents in unit variance; texts by the tokens they held, one-hot: two texts lie
    as far apart as they differ in positions. Raises PayloadDamaged, MissingFromStore.
    """
    shown = runs[:MOST_PATHS]
    steps = [_spread(len(manifest.step_keys)) for manifest in shown]
    gram = (_of_latents if shown[0].kind == "image" else _of_tokens)(store, shown, steps)
    found = principal_map(gram)
    rows = [(m, int(step)) for m, some in zip(shown, steps, strict=True) for step in some]
    table = pd.DataFrame(
        {
            "run": [manifest.run for manifest, _ in rows],
            "seed": [int(manifest.spec["seed"]) for manifest, _ in rows],
            "step": [step for _, step in rows],
            "first": found.points[:, 0],
            "second": found.points[:, 1],
        }
    )
    return Paths(table, (float(found.shares[0]), float(found.shares[1])))


def _spread(count: int) -> NDArray[np.int64]:
    """At most MOST_POINTS of ``count`` steps, the first and the last among them."""
    steps = np.linspace(0, count - 1, min(count, MOST_POINTS))
    return np.unique(steps.round().astype(np.int64))


def _of_latents(store: Store, runs: Sequence[Manifest], steps: Sequence[NDArray[np.int64]]) -> Gram:
    """Every state is read into its row of one table, and nothing else is kept."""
    keys = [m.step_keys[k] for m, some in zip(runs, steps, strict=True) for k in some]
    states: NDArray[np.float32] | None = None
    for row, key in enumerate(keys):
        latents = image_stored.image_step(store.get(key)).unit_latents()
        if states is None:
            states = np.empty((len(keys), latents.size), np.float32)
        states[row] = latents.ravel()
    assert states is not None  # a run has a start
    return products_of(states)


def _of_tokens(store: Store, runs: Sequence[Manifest], steps: Sequence[NDArray[np.int64]]) -> Gram:
    states = []
    for manifest, some in zip(runs, steps, strict=True):
        run = text_stored.load_text_run(store, manifest.run)
        held = np.concatenate([run.steps[0].tokens[None], changes_of_mind(run).held])
        states.append(held[np.minimum(some, len(held) - 1)])  # a text may be done before its steps
    return products_of_tokens(np.concatenate(states))
