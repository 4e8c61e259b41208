"""What a request will be before it is computed: what is cached, what is shared, what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain import manifests
from engine.embed.spec import EmbedSpec
from engine.image.spec import DecodeSpec
from engine.jobs.budget import check_budget
from engine.jobs.work import job_id, work_keys
from engine.models.registry import find_model
from engine.requests.plans import AnySpec, Plan, plan


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
    run_keys = [manifests.run_key(p.chain.run) for p in asked.plans]
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
