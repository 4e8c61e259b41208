"""A request on a page: the job that it is, and what it will be in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cache.errors import InvalidInput
from engine.chain.wording import counted
from engine.jobs.budget import check_budget
from engine.jobs.work import job_id
from engine.models.registry import find_model
from engine.requests.planner import Prediction
from engine.requests.plans import AnySpec, Plan, plan


@dataclass(frozen=True, slots=True)
class Request:
    """Some specs with their chains: the job that they are."""

    job_id: str
    plans: tuple[Plan, ...]


def request(specs: Sequence[AnySpec]) -> Request:
    """The job of some specs, found again without planning them anew.

    Raises InvalidInput (nothing asked for, too large), ModelMissing, ModelDamaged.
    """
    if not specs:
        raise InvalidInput("a job must have at least one run, got none")
    check_budget(specs)
    names = sorted({spec.model for spec in specs})
    return _request(tuple(specs), tuple(find_model(name).fingerprint for name in names))


@lru_cache(maxsize=64)
def _request(specs: tuple[AnySpec, ...], _fingerprints: tuple[str, ...]) -> Request:
    plans = tuple(plan(spec) for spec in specs)
    return Request(job_id([p.chain.run for p in plans]), plans)


RUNS = {"text", "image", "corruption"}  # the kinds whose specs are runs


def plan_line(prediction: Prediction) -> str:
    """One line: ``12 runs: 30 steps cached, 12 shared with other runs, 6 new``.

    Cached is what its own run has made before; shared, what other runs made, or make in it.
    """
    shared = sum(cell.of_others for cell in prediction.cells)
    cached = prediction.steps - shared - prediction.new
    counts = (
        f"{counted(cached, 'step')} cached, {shared} shared with other runs, {prediction.new} new"
    )
    return f"{_run_count(prediction)}: {counts}"


def size_line(prediction: Prediction) -> str:
    """A request's size in words: ``12 runs of 4 steps, 48 in all``."""
    each = {cell.planned.chain.step_count for cell in prediction.cells}
    if len(each) > 1:
        return f"{_run_count(prediction)}, {prediction.steps} steps"
    (steps,) = each
    every = f", {prediction.steps} in all" if len(prediction.cells) > 1 else ""
    return f"{_run_count(prediction)} of {steps} step{'' if steps == 1 else 's'}{every}"


def _run_count(prediction: Prediction) -> str:
    """Of what asks for work on runs, as to decode their pictures: requests."""
    kinds = {cell.planned.spec.kind for cell in prediction.cells}
    return counted(len(prediction.cells), "run" if kinds <= RUNS else "request")
