"""What the sweep commands of every kind share: their options, and the plan they print first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import typer

from cache.errors import StepscopeError
from cache.store import Store
from engine.chain.records import short_id
from engine.chain.wording import counted
from engine.cli.console import FAILED, print_json, stderr, stdout, step_progress
from engine.experiments.forks import described_change
from engine.requests.computing import Computed, compute_surviving
from engine.requests.estimates import duration, estimate
from engine.requests.lost_words import lost_lines
from engine.requests.planner import Cell, Prediction, predict_plans
from engine.requests.plans import AnySpec, Plan, plan_each

Skips = Annotated[
    list[str] | None,
    typer.Option("--skip", help='Leave out cells, as in "guidance=1 sampler=euler,heun".'),
]
OnlyPlan = Annotated[bool, typer.Option("--plan", help="Say what it would cost, and stop.")]


SomeSpec = TypeVar("SomeSpec", bound=AnySpec)


@dataclass(frozen=True, slots=True)
class Cells(Generic[SomeSpec]):
    """What a command was asked for, planned once: each cell's plan or its error, by place."""

    specs: Sequence[SomeSpec]
    plans: Mapping[int, Plan]
    failed: Mapping[int, StepscopeError]


@dataclass(frozen=True, slots=True)
class Failure:
    """A run of a request that failed, and why; its short id, or its model without a plan."""

    spec: AnySpec
    error: str
    name: str


def plan_cells(specs: Sequence[SomeSpec]) -> Cells[SomeSpec]:
    """Cells planned as far as they can be. Raises StoreError."""
    return Cells(specs, *plan_each(specs))


def tell_plan(store: Store, cells: Cells[Any], *, only_plan: bool, as_json: bool) -> bool:
    """Print what a sweep will cost; whether it is to be computed now. Raises where none can be."""
    if not cells.plans:
        raise cells.failed[0]
    prediction = predict_plans(store, list(cells.plans.values()))
    seconds = estimate(store, ((cell.planned, cell.new) for cell in prediction.cells))
    if only_plan and as_json:
        print_json(plan_document(prediction, seconds))
        return False
    if only_plan:
        for line in cell_lines(prediction):
            stdout.print(line, markup=False, soft_wrap=True)
    stderr.print(plan_line(prediction, seconds), markup=False, soft_wrap=True)
    if only_plan:
        for error in dict.fromkeys(map(str, cells.failed.values())):
            stderr.print(f"would fail: {error}", markup=False, soft_wrap=True)
    return not only_plan


def compute_cells(store: Store, cells: Cells[Any], what: str) -> tuple[Computed, list[Failure]]:
    """Compute cells with a bar; one that fails does not stop the rest.

    Raises the first one's error when none is left, and StoreError.
    """
    if not cells.plans:
        raise cells.failed[0]
    total = sum(planned.chain.step_count for planned in cells.plans.values())
    with step_progress(total, what) as on_step:
        computed, later = compute_surviving(store, cells.plans, on_step)
    failed = {**cells.failed, **later}
    if len(failed) == len(cells.specs):
        raise failed[0]
    return computed, [_failure(cells, place, failed[place]) for place in sorted(failed)]


def _failure(cells: Cells[Any], place: int, error: StepscopeError) -> Failure:
    spec, planned = cells.specs[place], cells.plans.get(place)
    name = spec.model if planned is None else short_id(planned.chain.run)
    return Failure(spec, str(error), name)


def tell_lost(specs: Sequence[AnySpec]) -> None:
    """Say on stderr what of some specs their models will not hear."""
    for line in lost_lines(specs):
        stderr.print(line, markup=False, soft_wrap=True)


def tell_failures(failures: Sequence[Failure], asked: int) -> None:
    """Say what failed, and end with the exit code of a failure; nothing where all went well."""
    if not failures:
        return
    for each in failures:
        stderr.print(f"failed: {each.name}: {each.error}", markup=False, soft_wrap=True)
    stderr.print(f"{len(failures)} of {counted(asked, 'run')} failed, the rest is done")
    raise typer.Exit(FAILED)


def computed_document(computed: Computed, failures: Sequence[Failure]) -> dict[str, Any]:
    """What a request cost as JSON, and which of its runs failed."""
    return {
        "model_calls": computed.model_calls,
        "steps_computed": computed.steps_computed,
        "steps_cached": computed.steps_cached,
        "failed": [{"spec": each.spec.facts(), "error": each.error} for each in failures],
    }


def cost_line(computed: Computed) -> str:
    """What a request cost, in the same words whatever the numbers: scripts look for them."""
    return (
        f"{computed.model_calls} model calls, {computed.steps_computed} steps computed, "
        f"{computed.steps_cached} read from the store"
    )


def plan_line(prediction: Prediction, seconds: float | None) -> str:
    """``12 cells: 4 cached, 6 shared, 2 new; 30 steps to compute, 60 model calls, 5 s``."""
    kinds = Counter(cell.standing for cell in prediction.cells)
    standings = ", ".join(f"{kinds[name]} {name}" for name in ("cached", "shared", "new"))
    count = len(prediction.cells)
    time = "no like step was timed yet" if seconds is None else duration(seconds)
    return (
        f"{counted(count, 'cell')}: {standings}; {counted(prediction.steps_computed, 'step')} to "
        f"compute, {prediction.calls_in_words}" + (f", {time}" if prediction.steps_computed else "")
    )


def cell_lines(prediction: Prediction) -> list[str]:
    """Every cell in a line: its run, what sets it apart from the others, and its standing."""
    facts = [cell.planned.spec.facts() for cell in prediction.cells]
    varying = [name for name in facts[0] if any(each[name] != facts[0][name] for each in facts)]
    lines = []
    for cell, values in zip(prediction.cells, facts, strict=True):
        axes = "  ".join(f"{name} {_axis_value(name, values[name])}" for name in varying)
        standing = _standing_in_words(prediction, cell)
        lines.append(f"{short_id(cell.planned.chain.run)}  {axes}  {standing}")
    return lines


def _axis_value(name: str, value: Any) -> str:
    if name != "changes":
        return "none" if value is None else str(value)
    return "; ".join(map(described_change, value)) or "none"


def _standing_in_words(prediction: Prediction, cell: Cell) -> str:
    if cell.standing == "cached":
        return "cached"
    if cell.standing == "new":
        return f"new: {counted(cell.new, 'step')}"
    other = "" if cell.shared_with is None else prediction.cells[cell.shared_with].planned.chain.run
    source = f" with {short_id(other)}" if other else ""
    return f"shared up to step {cell.cached + cell.shared}{source}; {cell.new} new"


def plan_document(prediction: Prediction, seconds: float | None) -> dict[str, Any]:
    """A plan as JSON, cell by cell."""
    return {
        "model_calls": prediction.model_calls,
        "seconds": seconds,
        "exact": prediction.exact,
        "steps_computed": prediction.steps_computed,
        "steps_cached": prediction.steps_cached,
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
            for cell in prediction.cells
        ],
    }
