"""Jobs: runs being computed by a worker, over one interface for one process or a cluster.

The submit side imports neither torch nor a model. A job is a small JSON file in the store's
``jobs`` folder, so that a page that was reloaded, or a server that was started again, finds it;
its progress is the steps that are in the store.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cache.errors import InvalidInput, ModelDamaged, ModelError
from cache.keys import key
from cache.store import Store
from engine.chain.manifests import run_key
from engine.jobs.book import JobBook, Serving
from engine.jobs.budget import check_budget
from engine.jobs.record import ACTIVE, Job, State
from engine.requests.plans import AnySpec, Plan, parse_spec, plan
from engine.text.stored import vocabulary_key

__all__ = [
    "ACTIVE",
    "Job",
    "JobBook",
    "Serving",
    "State",
    "job_id",
    "needed_keys",
    "new_job",
    "refuse_other_runs",
    "seconds_left",
    "steps_stored",
]


def new_job(
    specs: Sequence[AnySpec], *, title: str, submitted_by: str | None = None, server: str = ""
) -> Job:
    """``planned_job`` without its plans."""
    return planned_job(specs, title=title, submitted_by=submitted_by, server=server)[0]


def planned_job(
    specs: Sequence[AnySpec], *, title: str, submitted_by: str | None = None, server: str = ""
) -> tuple[Job, list[Plan]]:
    """A job for some specs, checked against the budget before any model is loaded; its plans.

    Raises InvalidInput (too large, or nothing asked for) and ModelMissing.
    """
    if not specs:
        raise InvalidInput("a job must have at least one run, got none")
    check_budget(specs)
    plans = [plan(spec) for spec in specs]
    runs = tuple(p.chain.run for p in plans)
    job = Job(
        id=job_id(runs),
        title=title,
        specs=tuple(spec.facts() for spec in specs),
        runs=runs,
        steps=sum(len(p.work_keys) for p in plans),
        state="queued",
        submitted_by=submitted_by or _person(),
        submitted_at=time.time(),
        server=server,
    )
    return job, plans


def job_id(runs: Sequence[str]) -> str:
    """The id of the job that computes some runs: asked for again, it is the same job."""
    return key("job", {"runs": list(runs)})[:24]


def steps_stored(store: Store, job: Job) -> int:
    """How many of a job's steps are in the store: its progress; 0 while its model is not here."""
    try:
        wanted = _job_keys(_Asked(job.runs, job.specs))
    except (InvalidInput, ModelError):
        return 0
    unique = list(dict.fromkeys(wanted))
    there = dict(zip(unique, store.present(unique), strict=True))
    return sum(there[each] for each in wanted)


@dataclass(frozen=True)
class _Asked:
    """A job's specs, told from others by the runs that they were when it was submitted."""

    runs: tuple[str, ...]
    specs: tuple[dict[str, Any], ...] = field(compare=False)


@lru_cache(maxsize=64)
def _job_keys(asked: _Asked) -> tuple[str, ...]:
    """The work keys of some runs. An error is not remembered: a model may come back."""
    plans = [plan(parse_spec(fields)) for fields in asked.specs]
    refuse_other_runs(plans, asked.runs)
    return tuple(k for p in plans for k in p.work_keys)


def refuse_other_runs(plans: Sequence[Plan], runs: Sequence[str]) -> None:
    """Raise ModelDamaged when specs are not the runs here that they were where they were asked."""
    if len(plans) != len(runs):
        raise InvalidInput(f"a job must have one run a spec, got {len(plans)} and {len(runs)}")
    for planned, run in zip(plans, runs, strict=True):
        if planned.chain.run != run:
            model, fingerprint = planned.spec.model, planned.model.fingerprint
            raise ModelDamaged(
                f"{model} has other files here than when the job was submitted "
                f"(fingerprint {fingerprint[:12]}): it would compute other runs"
            )


def needed_keys(plans: Sequence[Plan]) -> tuple[str, ...]:
    """What must be in the store when runs are done: their steps, and what lists and reads them."""
    keys: list[str] = []
    for planned in plans:
        keys += planned.chain.step_keys
        if planned.kind.is_run:
            keys.append(run_key(planned.chain.run))
        if planned.kind.worded:
            keys.append(vocabulary_key(planned.model.fingerprint))
    return tuple(dict.fromkeys(keys))


def seconds_left(job: Job, seen: Sequence[tuple[float, int]]) -> float | None:
    """Seconds until a job is done at the pace that was seen; None before a pace can be told.

    ``seen`` are (seconds since the epoch, steps stored), as the steps came. Waiting for the model
    to be loaded is no pace: only what was seen after the first new step counts.
    """
    moving = [(at, stored) for at, stored in seen if stored > job.stored_before]
    if len(moving) < 3 or moving[-1][1] == moving[0][1]:
        return None
    pace = (moving[-1][0] - moving[0][0]) / (moving[-1][1] - moving[0][1])
    return pace * max(0, job.steps - moving[-1][1])


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
