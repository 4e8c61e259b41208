"""Where jobs go: a dask cluster of one local worker, or a scheduler by address.

The web process holds a ``JobCluster``; nothing here imports torch. dask moves its own messages
between its processes; what Stepscope keeps or shares is never pickled.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import dask
from distributed import Client, Event, LocalCluster, Queue

from cache.errors import JobError
from cache.payload import from_bytes, to_bytes
from cache.store import Store
from engine.job_entry import run_elsewhere, run_here
from engine.jobs import Job, JobBook, new_job
from engine.plans import AnySpec, parse_spec, plan, shared_keys

VARIABLE = "STEPSCOPE_SCHEDULER"
CONNECT_TIMEOUT = "15s"
SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,  # a dead worker's job is retried once
    "distributed.worker.daemon": True,
    "distributed.comm.timeouts.connect": "10s",
}


class JobCluster:
    """Submits jobs of one store, watches them, and keeps their book. Threads may share it."""

    def __init__(self, store: Store, scheduler: str | None = None) -> None:
        self.store = store
        self.book = JobBook(store.folder)
        self.scheduler = scheduler or os.environ.get(VARIABLE) or None
        self._client: Client | None = None
        self._futures: dict[str, Any] = {}
        self._queues: dict[str, Any] = {}  # of jobs whose steps travel home
        self._lock = threading.Lock()
        for job in self.book.queue():  # nobody is at work on them: their server is gone
            self.book.change(job.id, state="interrupted", ended_at=time.time())

    def submit(
        self, specs: Sequence[AnySpec], *, title: str, submitted_by: str | None = None
    ) -> Job:
        """Queue a job, or give the one that is at work on the same runs already.

        Raises InvalidInput (bounds, budget), ModelMissing, JobError (no scheduler there).
        """
        job = new_job(specs, title=title, submitted_by=submitted_by)
        with self._lock:
            known = self.book.find(job.id)
            if known is not None and known.active:
                return known
            self.book.stop_mark(job.id).unlink(missing_ok=True)
            self.book.write(job)
            try:
                self._start(job)
            except JobError as error:
                self._close_with(job.id, {"state": "failed", "error": str(error)})
                raise
        return job

    def resume(self, job_id: str) -> Job:
        """Submit an ended job again; it goes on at its first missing step."""
        job = self.book.read(job_id)
        specs = [parse_spec(fields) for fields in job.specs]
        return self.submit(specs, title=job.title, submitted_by=job.submitted_by)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; it does within one step, and keeps the steps it has."""
        self.book.ask_to_stop(job_id)
        if self.scheduler is not None and self._client is not None:
            Event(f"stop-{job_id}", client=self._client).set()
        job = self.book.read(job_id)
        future = self._futures.get(job_id)
        if job.state == "queued" and future is not None:
            future.cancel()
            self._close_with(job_id, {"state": "cancelled", "error": "cancelled before it began"})

    def close(self) -> None:
        """Stop the local worker; what is stored stays."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            cluster = client.cluster
            client.close()
            if cluster is not None:
                cluster.close()

    def workers(self) -> dict[str, Any]:
        """The workers by address; empty before the first job."""
        if self._client is None:
            return {}
        found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def _start(self, job: Job) -> None:
        client = self._connected()
        key = f"job-{job.id}-{time.monotonic_ns()}"
        options = {"key": key, "resources": {"GPU": 1}, "pure": False}
        if self.scheduler is None:
            future = client.submit(run_here, job.id, str(self.store.folder), **options)
        else:
            Event(f"stop-{job.id}", client=client).clear()
            known = {k: to_bytes(self.store.get(k)) for k in self._known(job)}
            future = client.submit(run_elsewhere, job.id, job.specs, known, **options)
            queue = Queue(f"steps-{job.id}", client=client)
            self._queues[job.id] = queue
            threading.Thread(target=self._receive, args=(job.id, queue), daemon=True).start()
        self._futures[job.id] = future
        future.add_done_callback(lambda done: self._ended(job.id, done))

    def _connected(self) -> Client:
        if self._client is None:
            with dask.config.set(SETTINGS):
                try:
                    address = self.scheduler or _local_cluster()
                    self._client = Client(address, timeout=CONNECT_TIMEOUT)
                except (OSError, TimeoutError) as error:
                    raise JobError(f"no scheduler answers at {self.scheduler}: {error}") from error
        return self._client

    def _known(self, job: Job) -> list[str]:
        """The keys of a job's chains that the store has."""
        plans = [plan(parse_spec(fields)) for fields in job.specs]
        keys = [k for p in plans for k in (*p.chain.step_keys, *shared_keys(p))]
        wanted = list(dict.fromkeys(keys))
        return [k for k, there in zip(wanted, self.store.present(wanted), strict=True) if there]

    def _receive(self, job_id: str, queue: Any) -> None:
        """Write what a remote worker sends into the store, until ``_ended`` says it is over."""
        while True:
            what, key, data = queue.get()
            if what == "ended":
                self._close_with(job_id, json.loads(data))
                return
            if what == "started":
                attempts = self.book.read(job_id).attempts + 1
                now = time.time()
                self.book.change(job_id, state="running", started_at=now, attempts=attempts)
            else:
                self.store.put(key, from_bytes(data))

    def _ended(self, job_id: str, future: Any) -> None:
        if future.status == "finished":
            outcome = future.result()
        elif future.status == "error":
            reason = f"{type(future.exception()).__name__}: {future.exception()}"
            outcome = {"state": "failed", "error": _plain(reason)}
        else:  # cancelled before it began: ``cancel`` has said so
            outcome = {}
        future.release()
        queue = self._queues.pop(job_id, None)
        if queue is None:
            self._close_with(job_id, outcome)
        else:  # behind every step the worker sent
            queue.put(("ended", "", json.dumps(outcome).encode()))

    def _close_with(self, job_id: str, outcome: Mapping[str, Any]) -> None:
        self._futures.pop(job_id, None)
        if outcome:
            self.book.change(job_id, ended_at=time.time(), **outcome)
        self.book.stop_mark(job_id).unlink(missing_ok=True)


def _local_cluster() -> LocalCluster:
    return LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        resources={"GPU": 1},
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        silence_logs=40,
    )


def _plain(reason: str) -> str:
    if reason.startswith("KilledWorker"):
        return "its worker died twice (killed, or out of memory); the steps it stored are kept"
    return reason
