"""The jobs of a store on disk: one file each, and who is at work on them. No torch."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cache.errors import JobError
from cache.folder import named_errors
from cache.single_flight import exclusively
from engine.jobs.record import Job, parse_job
from engine.jobs.webhook import tell

LOCK = ".lock"
SERVER = re.compile(r"server-[0-9a-f]{12}\.lock")
ID = re.compile(r"[0-9a-f]{1,64}")
LARGEST_BYTES = 64 * 2**20  # of a job's file: what it asks for, run by run


class JobBook:
    """The jobs of a store, one file each, written whole or not at all.

    Reading works where nothing can be written. Writing raises StoreUnavailable or StoreFull.
    """

    def __init__(self, store_folder: Path) -> None:
        self.store_folder = store_folder
        self.folder = store_folder / "jobs"

    def write(self, job: Job) -> None:
        """Keep a job's present state."""
        path = self._path(job.id)
        partial = path.with_suffix(f".{time.monotonic_ns()}")
        with self._writing():
            try:
                partial.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf-8")
                partial.replace(path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise

    def read(self, job_id: str) -> Job:
        """A job by its id. Raises JobError when there is none or its file is damaged."""
        path = self._path(job_id)
        try:
            if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
                raise JobError(f"job {job_id} is not in this store")
            return parse_job(path.read_bytes(), job_id)
        except OSError as error:
            raise JobError(f"job {job_id} cannot be read: {error.strerror}") from error

    def find(self, job_id: str) -> Job | None:
        """A job by its id, None when there is none that can be read."""
        try:
            return self.read(job_id)
        except JobError:
            return None

    def all(self) -> list[Job]:
        """Every readable job, newest first."""
        return sorted(self._readable(), key=lambda job: -job.submitted_at)

    def queue(self) -> list[Job]:
        """The jobs that wait or are at work, in the order they were submitted."""
        return sorted((j for j in self._readable() if j.active), key=lambda job: job.submitted_at)

    def change(self, job_id: str, **fields: Any) -> Job:
        """Write a job with some fields replaced."""
        with self._alone():
            job = replace(self.read(job_id), **fields)
            self.write(job)
        return job

    def enqueue(self, job: Job) -> Job:
        """Write a waiting job, or give the one that a living server is at work on already."""
        with self._alone():
            known = self.find(job.id)
            if known is not None and known.active and self.is_served(known):
                return known
            self.stop_mark(job.id).unlink(missing_ok=True)
            self.write(job)
        return job

    def begin(self, job_id: str, *, stored: int) -> Job | None:
        """Mark a waiting job as running, with the steps it has; None when it is not to run."""
        with self._alone():
            job = self.read(job_id)
            if not job.active or self.stop_mark(job_id).exists():
                return None
            attempts, now = job.attempts + 1, time.time()
            job = replace(
                job, state="running", attempts=attempts, started_at=now, stored_before=stored
            )
            self.write(job)
        return job

    def end(self, job_id: str, *, server: str, **outcome: Any) -> None:
        """Write how a job ended, unless it has ended or another server took it up since."""
        with self._alone():
            job = self.find(job_id)
            if job is None or not job.active or job.server != server:
                return
            ended = replace(job, ended_at=time.time(), **outcome)
            self.write(ended)
            self.stop_mark(job_id).unlink(missing_ok=True)
        _tell(ended)

    def withdraw(self, job_id: str) -> bool:
        """Cancel a job that still waits; False when it does not wait (any more)."""
        with self._alone():
            job = self.read(job_id)
            if job.state != "queued":
                return False
            error = "cancelled before it began"
            ended = replace(job, state="cancelled", error=error, ended_at=time.time())
            self.write(ended)
        _tell(ended)
        return True

    def forget(self, job_id: str) -> None:
        """Remove a job that has ended; its runs stay."""
        with self._alone():
            job = self.find(job_id)
            if job is not None and job.active:
                raise JobError(f"job {job_id} is at work; cancel it first")
            self._path(job_id).unlink(missing_ok=True)
            self.stop_mark(job_id).unlink(missing_ok=True)

    def serve(self) -> Serving:
        """Say that this process is at work on the jobs it submits, until it ends or closes it."""
        with self._writing():
            return Serving(self.folder / f"server-{secrets.token_hex(6)}.lock")

    def is_served(self, job: Job) -> bool:
        """Whether the server that submitted a job still lives."""
        return SERVER.fullmatch(job.server) is not None and _is_held(self.folder / job.server)

    def ask_to_stop(self, job_id: str) -> None:
        """Leave the mark that a worker on this machine looks for after every step."""
        with self._writing():
            self.stop_mark(job_id).touch()

    def is_asked_to_stop(self, job_id: str) -> bool:
        """Whether somebody cancelled a job that has not stopped yet."""
        try:
            return self.stop_mark(job_id).exists()
        except OSError:
            return False

    def stop_mark(self, job_id: str) -> Path:
        """The file whose presence asks a job to stop."""
        return self._path(job_id).with_suffix(".stop")

    def _path(self, job_id: str) -> Path:
        if not ID.fullmatch(job_id):
            raise JobError(f"a job's id is hexadecimal, 1 to 64 digits, got {job_id[:80]!r}")
        return self.folder / f"{job_id}.json"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with named_errors(self.store_folder):
            # not its parents: a store that has gone is not made anew from here
            self.folder.mkdir(mode=0o700, exist_ok=True)
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._writing(), exclusively(self.folder / LOCK):
            yield

    def _readable(self) -> Iterator[Job]:
        try:
            paths = list(self.folder.glob("*.json"))
        except OSError:
            return
        for path in paths:
            job = self.find(path.stem)
            if job is not None:
                yield job


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
        with suppress(OSError):  # the folder has gone, or is read-only by now
            self.path.unlink(missing_ok=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _is_held(path: Path) -> bool:
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)  # its holder has died
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _tell(job: Job) -> None:
    facts = {"job": job.id, "title": job.title, "state": job.state, "error": job.error}
    tell("job", {**facts, "runs": len(job.runs), "by": job.submitted_by})
