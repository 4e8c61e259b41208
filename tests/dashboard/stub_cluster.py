"""A cluster whose jobs move only when a test says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cache.errors import JobError
from cache.store import Store
from engine.jobs.work import Job, JobBook, new_job
from engine.requests.plans import AnySpec, parse_spec


class StubCluster:
    """Takes jobs into a real book and computes nothing."""

    scheduler: str | None = None

    def __init__(self, store: Store) -> None:
        self.book = JobBook(store.folder)
        self.cancelled: list[str] = []
        self.refuses = ""

    def submit(
        self, specs: Sequence[AnySpec], *, title: str, submitted_by: str | None = None
    ) -> Job:
        if self.refuses:
            raise JobError(self.refuses)
        job = new_job(specs, title=title, submitted_by=submitted_by)
        self.book.write(job)
        return job

    def find(self, job_id: str) -> Job | None:
        return self.book.find(job_id)

    def resume(self, job_id: str) -> Job:
        job = self.book.read(job_id)
        return self.submit([parse_spec(s) for s in job.specs], title=job.title)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def workers(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        pass
