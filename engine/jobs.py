"""Jobs: runs being computed by a worker, over one interface for one process or a cluster.

The submit side imports neither torch nor a model. A job is a small JSON file in the store's
``jobs`` folder, so that a page that was reloaded, or a server that was started again, finds it;
its progress is the steps that are in the store.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from cache.errors import InvalidInput, JobError, ModelError
from cache.keys import key
from cache.single_flight import exclusively
from cache.store import Store
from engine import image_keys
from engine.image_specs import DecodeSpec, EmbedSpec
from engine.job_budget import check_budget
from engine.plans import AnySpec, Plan, parse_spec, plan

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
ACTIVE: frozenset[str] = frozenset({"queued", "running"})
LOCK = ".lock"
SERVER = re.compile(r"server-[0-9a-f]{12}\.lock")
MOST_PLANNED = 64
_planned: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Job:
    """What is known of a job, as it is written to disk."""

    id: str  # the hash of its runs: the same request is the same job
    title: str
    specs: tuple[dict[str, Any], ...]
    runs: tuple[str, ...]
    steps: int
    state: State
    submitted_by: str
    submitted_at: float  # seconds since the epoch
    started_at: float | None = None
    ended_at: float | None = None
    attempts: int = 0
    error: str = ""
    model_calls: int = 0
    stored_before: int = 0  # its steps that were there when its present attempt began
    server: str = ""  # the lock of the server that submitted it

    @property
    def active(self) -> bool:
        """Whether it waits or is at work."""
        return self.state in ACTIVE


def new_job(
    specs: Sequence[AnySpec], *, title: str, submitted_by: str | None = None, server: str = ""
) -> Job:
    """A job for some specs, checked against the budget before any model is loaded.

    Raises InvalidInput (too large, or nothing asked for) and ModelMissing.
    """
    if not specs:
        raise InvalidInput("a job must have at least one run, got none")
    check_budget(specs)
    plans = [plan(spec) for spec in specs]
    runs = tuple(p.chain.run for p in plans)
    return Job(
        id=job_id(runs),
        title=title,
        specs=tuple(spec.facts() for spec in specs),
        runs=runs,
        steps=sum(len(work_keys(p)) for p in plans),
        state="queued",
        submitted_by=submitted_by or _person(),
        submitted_at=time.time(),
        server=server,
    )


class JobBook:
    """The jobs of a store, one file each, written whole or not at all."""

    def __init__(self, store_folder: Path) -> None:
        self.folder = store_folder / "jobs"
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def write(self, job: Job) -> None:
        """Keep a job's present state."""
        path = self._path(job.id)
        partial = path.with_suffix(f".{time.monotonic_ns()}")
        partial.write_text(json.dumps(asdict(job), ensure_ascii=False))
        partial.replace(path)

    def read(self, job_id: str) -> Job:
        """A job by its id. Raises JobError when there is none or its file is damaged."""
        try:
            fields = json.loads(self._path(job_id).read_text())
            fields["specs"], fields["runs"] = tuple(fields["specs"]), tuple(fields["runs"])
            return Job(**fields)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise JobError(f"job {job_id} is not in this store") from error

    def find(self, job_id: str) -> Job | None:
        """A job by its id, None when there is none."""
        return self.read(job_id) if self._path(job_id).exists() else None

    def all(self) -> list[Job]:
        """Every readable job, newest first."""
        return sorted(self._readable(), key=lambda job: -job.submitted_at)

    def queue(self) -> list[Job]:
        """The jobs that wait or are at work, in the order they were submitted."""
        return sorted((j for j in self._readable() if j.active), key=lambda job: job.submitted_at)

    def change(self, job_id: str, **fields: Any) -> Job:
        """Write a job with some fields replaced."""
        with exclusively(self.folder / LOCK):
            job = replace(self.read(job_id), **fields)
            self.write(job)
        return job

    def begin(self, job_id: str, *, stored: int) -> Job | None:
        """Mark a waiting job as running, with the steps it has; None when it is not to run."""
        with exclusively(self.folder / LOCK):
            job = self.read(job_id)
            if not job.active or self.stop_mark(job_id).exists():
                return None
            attempts, now = job.attempts + 1, time.time()
            job = replace(
                job, state="running", attempts=attempts, started_at=now, stored_before=stored
            )
            self.write(job)
        return job

    def withdraw(self, job_id: str) -> bool:
        """Cancel a job that still waits; False when it does not wait (any more)."""
        with exclusively(self.folder / LOCK):
            job = self.read(job_id)
            if job.state != "queued":
                return False
            error = "cancelled before it began"
            self.write(replace(job, state="cancelled", error=error, ended_at=time.time()))
        return True

    def forget(self, job_id: str) -> None:
        """Remove a job that has ended; its runs stay."""
        if self.read(job_id).active:
            raise JobError(f"job {job_id} is at work; cancel it first")
        self._path(job_id).unlink(missing_ok=True)

    def serve(self) -> Serving:
        """Say that this process is at work on the jobs it submits, until it ends or closes it."""
        return Serving(self.folder / f"server-{secrets.token_hex(6)}.lock")

    def is_served(self, job: Job) -> bool:
        """Whether the server that submitted a job still lives."""
        return SERVER.fullmatch(job.server) is not None and _is_held(self.folder / job.server)

    def ask_to_stop(self, job_id: str) -> None:
        """Leave the mark that a worker on this machine looks for after every step."""
        self.stop_mark(job_id).touch()

    def stop_mark(self, job_id: str) -> Path:
        """The file whose presence asks a job to stop."""
        return self._path(job_id).with_suffix(".stop")

    def _path(self, job_id: str) -> Path:
        if not job_id or set(job_id) - set("0123456789abcdef"):
            raise JobError(f"a job's id is hexadecimal, got {job_id!r}")
        return self.folder / f"{job_id}.json"

    def _readable(self) -> Iterator[Job]:
        for path in self.folder.glob("*.json"):
            try:
                yield self.read(path.stem)
            except JobError:
                continue


class Serving:
    """A lock that a server holds while it lives; the kernel drops it however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    @property
    def name(self) -> str:
        """What a job names its server by."""
        return self.path.name

    def close(self) -> None:
        """Its jobs that have not ended are interrupted from now on."""
        self.path.unlink(missing_ok=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _is_held(path: Path) -> bool:
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    path.unlink(missing_ok=True)  # its holder has died
    return False


def job_id(runs: Sequence[str]) -> str:
    """The id of the job that computes some runs: asked for again, it is the same job."""
    return key("job", {"runs": list(runs)})[:24]


def work_keys(planned: Plan) -> tuple[str, ...]:
    """The keys whose presence in the store is a run's progress.

    A run's steps without its start; a request's pictures; every text and picture to embed, and
    last the set they make.
    """
    spec, chain = planned.spec, planned.chain
    if isinstance(spec, DecodeSpec):
        return chain.step_keys
    if isinstance(spec, EmbedSpec):
        facts = [{"text": text} for text in spec.texts]
        facts += [{"picture": digest} for digest in spec.pictures]
        fingerprint = planned.found.fingerprint
        return (*(image_keys.embedding_key(fingerprint, f) for f in facts), *chain.step_keys)
    return chain.step_keys[1:]


def steps_stored(store: Store, job: Job) -> int:
    """How many of a job's steps are in the store: its progress."""
    wanted = _job_keys(job.id, job.specs)
    unique = list(dict.fromkeys(wanted))
    there = dict(zip(unique, store.present(unique), strict=True))
    return sum(there[each] for each in wanted)


def _job_keys(job: str, specs: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The work keys of a job, planned once: they cannot change while its id is the same."""
    if job not in _planned:
        if len(_planned) >= MOST_PLANNED:
            _planned.pop(next(iter(_planned)))
        try:
            plans = [plan(parse_spec(fields)) for fields in specs]
        except (InvalidInput, ModelError):  # a model that has gone since: nothing can be added
            plans = []
        _planned[job] = tuple(k for p in plans for k in work_keys(p))
    return _planned[job]


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
