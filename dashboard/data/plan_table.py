"""The plan of a request as a table: for each run what is cached, shared with whom, and new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cache.store import Store
from dashboard.data.kin import same_first_step
from dashboard.data.library import described
from dashboard.data.shelf import shelf_of
from engine.chain.chains import steps_stored
from engine.chain.records import Manifest
from engine.requests.planner import Cell
from engine.requests.plans import Plan


@dataclass(frozen=True, slots=True)
class Kin:
    """A stored run that begins as a planned one does: their first ``steps`` steps are the same."""

    run: str
    steps: int


def nearest_kin(store: Store, plans: Sequence[Plan]) -> list[Kin | None]:
    """For each plan the stored run that shares most of its first steps; None without any."""
    families = same_first_step(store, shelf_of(store))
    return [_nearest(store, planned, families) for planned in plans]


def plan_table(cells: Sequence[Cell], kin: Sequence[Kin | None]) -> pd.DataFrame:
    """One row a run of the request, in its order."""
    rows = []
    for cell, relative in zip(cells, kin, strict=True):
        planned = cell.planned
        rows.append(
            {
                "run": planned.chain.run[:8],
                "settings": described(planned.spec.facts()),
                "steps": planned.chain.step_count,
                "cached": cell.cached if cell.begun else 0,
                "shared": cell.of_others,
                "new": cell.new,
                "shared with": _shared_with(cell, relative, cells),
            }
        )
    return pd.DataFrame(rows)


def _nearest(store: Store, planned: Plan, families: Mapping[str, Sequence[Manifest]]) -> Kin | None:
    keys, own = planned.chain.step_keys, planned.chain.run
    alike = [
        (_alike(keys, other.step_keys), other.run)
        for other in families.get(keys[1] if len(keys) > 1 else "", ())
        if other.run != own
    ]
    # the longest beginning first: it need not be stored whole, and a shorter one may be
    best: Kin | None = None
    for length, run in sorted(alike, key=lambda each: -each[0]):
        if best is not None and length - 1 <= best.steps:
            break
        steps = steps_stored(store, keys[:length])
        if steps > (best.steps if best is not None else 0):
            best = Kin(run, steps)
        if steps < length - 1:  # nobody can share more of it than is stored
            break
    return best


def _alike(first: Sequence[str], second: Sequence[str]) -> int:
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _shared_with(cell: Cell, kin: Kin | None, cells: Sequence[Cell]) -> str:
    parts = []
    if kin is not None and cell.of_others:
        parts.append(f"{kin.run[:8]} up to step {kin.steps}")
    if cell.shared_with is not None:
        other = cells[cell.shared_with].planned.chain.run[:8]
        parts.append(f"{other} of this plan ({cell.shared} steps)")
    return ", ".join(parts)
