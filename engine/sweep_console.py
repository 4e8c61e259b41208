"""What the sweep commands of every kind share: their options, and the plan they print first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cache.store import Store
from engine.console import print_json, stderr
from engine.planner import Prediction, predict
from engine.plans import AnySpec

Skips = Annotated[
    list[str] | None,
    typer.Option("--skip", help='Leave out cells, as in "guidance=1 sampler=euler,heun".'),
]
OnlyPlan = Annotated[bool, typer.Option("--plan", help="Say what it would cost, and stop.")]


def tell_plan(store: Store, specs: Sequence[AnySpec], *, only_plan: bool, as_json: bool) -> bool:
    """Print what a sweep will cost; whether it is to be computed now."""
    found = predict(store, specs)
    if only_plan and as_json:
        print_json(plan_document(found))
    else:
        stderr.print(plan_line(found), markup=False, soft_wrap=True)
    return not only_plan


def plan_line(found: Prediction) -> str:
    """``12 cells: 4 cached, 6 shared, 2 new; 30 steps to compute, 60 model calls``."""
    kinds = Counter(cell.standing for cell in found.cells)
    told = ", ".join(f"{kinds[name]} {name}" for name in ("cached", "shared", "new"))
    count = len(found.cells)
    return (
        f"{count} cell{'' if count == 1 else 's'}: {told}; {found.steps_computed} steps to "
        f"compute, {found.calls_told}"
    )


def plan_document(found: Prediction) -> dict[str, Any]:
    """A plan as JSON, cell by cell."""
    return {
        "model_calls": found.model_calls,
        "exact": found.exact,
        "steps_computed": found.steps_computed,
        "steps_cached": found.steps_cached,
        "cells": [
            {
                "run": cell.planned.chain.run,
                "spec": cell.planned.spec.facts(),
                "standing": cell.standing,
                "cached": cell.cached,
                "shared": cell.shared,
                "shared_with": cell.shared_with,
                "new": cell.new,
            }
            for cell in found.cells
        ],
    }
