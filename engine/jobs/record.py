"""What is known of a job, and how its file is read back. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from cache.errors import JobError

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
ACTIVE: frozenset[str] = frozenset({"queued", "running"})
LATEST = 32_503_680_000.0  # seconds since the epoch at the year 3000: what a date can be made of
Seconds = Annotated[float, Field(ge=0, le=LATEST, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=2**53)]


@dataclass(frozen=True, slots=True)
class Job:
    """What is known of a job, as it is written to disk."""

    id: str  # the hash of its runs: the same request is the same job
    title: str
    specs: tuple[dict[str, Any], ...]
    runs: tuple[str, ...]
    steps: Count
    state: State
    submitted_by: str
    submitted_at: Seconds  # since the epoch
    started_at: Seconds | None = None
    ended_at: Seconds | None = None
    attempts: Count = 0
    error: str = ""
    model_calls: Count = 0
    stored_before: Count = 0  # its steps that were there when its present attempt began
    server: str = ""  # the lock of the server that submitted it

    @property
    def active(self) -> bool:
        """Whether it waits or is at work."""
        return self.state in ACTIVE


_READ = TypeAdapter(Job)  # what a newer version adds is passed over


def parse_job(data: bytes, job_id: str) -> Job:
    """The job of a file's bytes. Raises JobError when they are not that job's, whole and typed."""
    try:
        job = _READ.validate_json(data, strict=True)
    except (ValidationError, RecursionError) as error:
        raise JobError(f"the file of job {job_id} is damaged") from error
    if job.id != job_id:
        raise JobError(f"the file of job {job_id} is another job's, {job.id[:24]!r}")
    return job
