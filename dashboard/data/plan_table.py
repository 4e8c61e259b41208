"""The plan of a request as a table: for each run what is cached, shared with whom, and new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from cache.store import Store
from dashboard.data.library import described
from dashboard.data.plans import Request, RunStanding
from engine.planner import Cell
from engine.plans import Plan


@dataclass(frozen=True, slots=True)
class Kin:
    """A stored run that begins as a planned one does: their first ``steps`` steps are the same."""

    run: str
    steps: int


def nearest_kin(store: Store, plans: Sequence[Plan]) -> list[Kin | None]:
    """For each plan the stored run that shares most of its first steps; None without any."""
    starts = {planned.chain.step_keys[0] for planned in plans}
    families: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for key in store.scan("run:"):
        keys = _step_keys(str(store.folder), store, key)
        if keys and keys[0] in starts:
            families.setdefault(keys[0], []).append((key.removeprefix("run:"), keys))
    return [_nearest(store, planned, families) for planned in plans]


def plan_table(
    asked: Request,
    standing: Sequence[RunStanding],
    kin: Sequence[Kin | None],
    cells: Sequence[Cell],
) -> pd.DataFrame:
    """One row a run of the request, in its order."""
    rows = []
    for planned, each, relative, cell in zip(asked.plans, standing, kin, cells, strict=True):
        rows.append(
            {
                "run": planned.chain.run[:8],
                "settings": described(planned.spec.facts()),
                "steps": planned.chain.step_count,
                "cached": each.cached,
                "shared": each.shared,
                "new": each.new,
                "shared with": _shared_with(each, relative, cell, asked),
            }
        )
    return pd.DataFrame(rows)


def _nearest(
    store: Store, planned: Plan, families: dict[str, list[tuple[str, tuple[str, ...]]]]
) -> Kin | None:
    keys, own = planned.chain.step_keys, planned.chain.run
    best: Kin | None = None
    for run, others in families.get(keys[0], ()):
        alike = next(
            (i for i, pair in enumerate(zip(keys, others, strict=False)) if pair[0] != pair[1]),
            min(len(keys), len(others)),
        )
        steps = _stored(store, keys[:alike])
        if run != own and steps > (best.steps if best is not None else 0):
            best = Kin(run, steps)
    return best


def _stored(store: Store, keys: Sequence[str]) -> int:
    """How many steps of a beginning are in the store."""
    present = store.present(keys)
    return max(0, next((i for i, there in enumerate(present) if not there), len(present)) - 1)


def _shared_with(each: RunStanding, kin: Kin | None, cell: Cell, asked: Request) -> str:
    told = []
    if kin is not None and each.shared:
        told.append(f"{kin.run[:8]} up to step {kin.steps}")
    if cell.shared_with is not None:
        other = asked.plans[cell.shared_with].chain.run[:8]
        told.append(f"{other} of this plan ({cell.shared} steps)")
    return ", ".join(told)


# a run is named by its chain: the keys under an id never change
@lru_cache(maxsize=4096)
def _step_keys(_folder: str, store: Store, key: str) -> tuple[str, ...]:
    payload = store.find(key)
    if payload is None or "step_keys" not in payload.meta:
        return ()
    manifest_keys: tuple[str, ...] = tuple(payload.meta["step_keys"])
    return manifest_keys
