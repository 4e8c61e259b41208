"""Where jobs are computed: a worker beside the server, or the workers of a scheduler. No torch."""

from __future__ import annotations

import operator
import os
import pkgutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cache.errors import JobError
from engine.chain.packages import PACKAGES
from engine.jobs.channel import Channel
from engine.jobs.connection import VARIABLE, Connection, checked_address, local_scheduler
from engine.jobs.entry import ELSEWHERE, run_here
from engine.jobs.local_worker import LocalWorker
from engine.jobs.record import Job

if TYPE_CHECKING:
    from distributed import Future, LocalCluster

ONE_JOB = {"GPU": 1}  # the resource a worker declares: it computes one job at a time


class Workplace:
    """Started by the first job; its owner sees to it that one thread at a time changes it."""

    def __init__(self, scheduler: str | None, folder: Path) -> None:
        self.scheduler = (scheduler or os.environ.get(VARIABLE) or "").strip() or None
        self.folder = folder
        self.connection: Connection | None = None
        self.local: tuple[LocalCluster, LocalWorker] | None = None

    def connected(self, timeout: str) -> Connection:
        """The connection, made anew where it was lost. Raises InvalidInput, JobError."""
        if self.connection is not None and self.connection.closed:
            self.drop()
        if self.scheduler is None:
            address = self._local_address()
        else:
            address = checked_address(self.scheduler)
            if self.connection is not None and not self.connection.answers():
                raise JobError(f"the scheduler at {address} does not answer")
        if self.connection is None:
            self.connection = Connection(address, timeout)
        return self.connection

    def run_here(self, connection: Connection, job: Job, store: Path, key: str) -> Future[Any]:
        """Have the worker beside this server compute a job."""
        return connection.client.submit(
            run_here, job.id, str(store), key=key, resources=ONE_JOB, pure=False
        )

    def run_elsewhere(
        self, connection: Connection, job: Job, known: Mapping[str, bytes], channel: Channel
    ) -> Future[Any]:
        """Have a worker of the scheduler compute a job and send its steps through a channel."""
        key, submit = channel.name, connection.client.submit
        entry = submit(
            pkgutil.resolve_name, ELSEWHERE, key=f"entry-{key}", resources=ONE_JOB, pure=False
        )
        return submit(
            operator.call,
            entry,
            key,
            job.specs,
            known,
            runs=job.runs,
            versions={name: version(name) for name in PACKAGES},
            key=key,
            resources=ONE_JOB,
            pure=False,
        )

    def new_local_worker(self) -> None:
        """End the worker beside this server and start another."""
        if self.local is not None:
            scheduler, worker = self.local
            worker.close()
            self.local = scheduler, LocalWorker(scheduler.scheduler_address, self.folder)

    def local_end(self) -> str:
        """Why the worker beside this server ended; '' while it runs or none was started."""
        if self.local is None or self.local[1].alive:
            return ""
        return f"its worker ended: {self.local[1].last_words()}"

    def drop(self) -> None:
        """Let go of a scheduler that was lost."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End what was started here."""
        self.drop()
        local, self.local = self.local, None
        if local is not None:
            local[1].close()
            local[0].close()

    def _local_address(self) -> str:
        """The address of this server's own scheduler, with a worker that runs."""
        if self.local is None:
            scheduler = local_scheduler()
            self.local = scheduler, LocalWorker(scheduler.scheduler_address, self.folder)
        elif not self.local[1].alive:
            self.new_local_worker()
        return str(self.local[0].scheduler_address)
