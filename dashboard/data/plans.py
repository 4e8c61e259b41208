"""What a request will be before it is computed: what is cached, what is shared, what is new."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cache.errors import InvalidInput
from cache.store import Store
from engine import stored_runs
from engine.image_specs import DecodeSpec, EmbedSpec, ImageSpec
from engine.job_budget import check_budget
from engine.jobs import job_id, work_keys
from engine.models.registry import find_model
from engine.plans import AnySpec, Plan, plan
from engine.records import Manifest
from engine.specs import CorruptionSpec, TextSpec

LOOKED_AT = 200  # runs of the store that are asked for like steps
TIMED = 5  # of them that are timed


@dataclass(frozen=True, slots=True)
class Request:
    """Some specs with their chains: the job that they are."""

    job_id: str
    plans: tuple[Plan, ...]
    work: tuple[tuple[str, ...], ...]  # for each run the keys whose presence is its progress

    @property
    def steps(self) -> int:
        """How many steps (or pictures, or embeddings) it has in all."""
        return sum(len(keys) for keys in self.work)


@dataclass(frozen=True, slots=True)
class RunStanding:
    """How much of one run of a request is there; the three add up to its steps."""

    cached: int  # it was begun or finished before
    shared: int  # another run made them, or makes them in this request
    new: int


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
    work = tuple(work_keys(planned) for planned in plans)
    return Request(job_id([p.chain.run for p in plans]), plans, work)


def standings(store: Store, asked: Request) -> list[RunStanding]:
    """How much of every run is in the store."""
    wanted = list(dict.fromkeys(key for keys in asked.work for key in keys))
    there = dict(zip(wanted, store.present(wanted), strict=True))
    run_keys = [stored_runs.run_key(p.chain.run) for p in asked.plans]
    found: list[RunStanding] = []
    claimed: set[str] = set()
    for planned, keys, listed in zip(asked.plans, asked.work, store.present(run_keys), strict=True):
        if isinstance(planned.spec, EmbedSpec) and there[keys[-1]]:
            found.append(RunStanding(cached=len(keys), shared=0, new=0))
            continue
        stored = sum(there[key] for key in keys)
        fresh = {key for key in keys if not there[key]} - claimed
        claimed |= fresh
        own = listed or isinstance(planned.spec, DecodeSpec | EmbedSpec)
        twice = len(keys) - stored - len(fresh)
        found.append(
            RunStanding(
                cached=stored if own else 0,
                shared=(0 if own else stored) + twice,
                new=len(fresh),
            )
        )
    return found


def estimate(store: Store, asked: Request, standing: Sequence[RunStanding]) -> float | None:
    """About how many seconds the new steps take; None when no like step was ever timed here."""
    seconds: dict[tuple[Any, ...], float | None] = {}
    total = 0.0
    for planned, each in zip(asked.plans, standing, strict=True):
        if each.new == 0 or isinstance(planned.spec, CorruptionSpec):
            continue  # a level of corruption needs no model
        like = _like(planned.spec.facts(), planned.found.fingerprint)
        if like not in seconds:
            seconds[like] = seconds_a_step(store, planned)
        one = seconds[like]
        if one is None:
            return None
        total += one * each.new
    return total


def seconds_a_step(store: Store, planned: Plan) -> float | None:
    """The median of what like steps took, scaled to this one's size; None without any.

    Like steps are of the same model and precision; time is taken to grow with tokens, or with
    pixels times U-Net calls.
    """
    spec, fingerprint = planned.spec, planned.found.fingerprint
    if not isinstance(spec, TextSpec | ImageSpec):
        return None
    size = _size(spec.facts())
    timed: list[float] = []
    for manifest, _ in zip(
        stored_runs.manifests(store, kind=spec.kind), range(LOOKED_AT), strict=False
    ):
        if _like(manifest.spec, manifest.fingerprint)[:4] == _like(spec.facts(), fingerprint)[:4]:
            found = _seconds(store, manifest)
            if found is not None:
                timed.append(found * size / _size(manifest.spec))
        if len(timed) == TIMED:
            break
    return statistics.median(timed) if timed else None


def plan_line(asked: Request, standing: Sequence[RunStanding]) -> str:
    """One line: ``12 runs: 30 steps cached, 12 shared with other runs, 6 new``."""
    cached, shared, new = totals(standing)
    runs = _runs_told(asked)
    return f"{runs}: {cached} steps cached, {shared} shared with other runs, {new} new"


def size_told(asked: Request) -> str:
    """A request's size in words: ``12 runs, 48 steps``."""
    return f"{_runs_told(asked)}, {asked.steps} steps"


def _runs_told(asked: Request) -> str:
    runs = len(asked.plans)
    return f"{runs} run{'' if runs == 1 else 's'}"


def totals(standing: Sequence[RunStanding]) -> tuple[int, int, int]:
    """(cached, shared, new) of all runs together."""
    return (
        sum(each.cached for each in standing),
        sum(each.shared for each in standing),
        sum(each.new for each in standing),
    )


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _seconds(store: Store, manifest: Manifest) -> float | None:
    """What the middle one of a run's stored steps took; the first one may have loaded things."""
    stored = stored_runs.stored_steps(store, manifest)
    if stored < 2:
        return None
    payload = store.find(manifest.step_keys[(stored + 3) // 2 if stored > 2 else 2])
    seconds = float(payload.meta.get("seconds", 0.0)) if payload is not None else 0.0
    return seconds or None


def _like(spec: Mapping[str, Any], fingerprint: str) -> tuple[Any, ...]:
    """What makes two steps cost alike; the last one is their size."""
    names = ("precision", "accelerator", "exact")
    return (fingerprint, *(spec.get(name) for name in names), _size(spec))


def _size(spec: Mapping[str, Any]) -> float:
    """Tokens of a text step; pixels times U-Net calls of an image step."""
    if spec["kind"] == "text":
        return float(spec.get("length") or len(str(spec["template"]).split()))
    guidance = spec.get("guidance", 1.0)
    guided = max(guidance) > 1 if isinstance(guidance, list | tuple) else guidance > 1
    pixels = (spec.get("width") or 512) * (spec.get("height") or 512)
    return float(pixels * (2 if guided else 1))
