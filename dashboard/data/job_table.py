"""Jobs and workers as tables."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.data.library import age
from engine.jobs.work import Job
from engine.requests.estimates import duration


def ended_table(jobs: Sequence[Job]) -> pd.DataFrame:
    """One row a job that is over, in the same order."""
    return pd.DataFrame(
        {
            "job": [job.title for job in jobs],
            "state": [job.state for job in jobs],
            "by": [job.submitted_by for job in jobs],
            "ended": [age(job.ended_at or job.submitted_at) for job in jobs],
            "took": [_took(job) for job in jobs],
            "runs": [len(job.runs) for job in jobs],
            "steps": [job.steps for job in jobs],
            "reason": [job.error for job in jobs],
            "model calls": [job.model_calls if job.state == "done" else None for job in jobs],
        }
    )


def worker_table(workers: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """One row a worker, from what its scheduler says of it: where it is and what it does."""
    rows = []
    for address, each in workers.items():
        metrics, limit = each.get("metrics", {}), each.get("memory_limit", 0) / 2**30
        jobs = int(each.get("resources", {}).get("GPU", 0))
        rows.append(
            {
                "worker": address,
                "machine": str(each.get("host", "")),
                "memory": f"{metrics.get('memory', 0) / 2**30:.1f} of {limit:.0f} GiB",
                "jobs at once": str(jobs) if jobs else "none: it declares no GPU=1",
                "state": "at work" if metrics.get("executing") else "waits",
            }
        )
    return pd.DataFrame(rows)


def waiting_for(job: Job, queue: Sequence[Job], *, now: float | None = None) -> str:
    """What a queued job waits for, in words."""
    ahead = [other for other in queue if other.submitted_at < job.submitted_at]
    since = duration((time.time() if now is None else now) - job.submitted_at)
    if not ahead:
        return f"next in the queue, for {since}: it waits for a worker"
    return (
        f"number {len(ahead) + 1} in the queue, for {since}: it waits for {ahead[-1].title} "
        f"of {ahead[-1].submitted_by}"
    )


def _took(job: Job) -> str:
    if job.started_at is None or job.ended_at is None:
        return ""
    return duration(job.ended_at - job.started_at)
