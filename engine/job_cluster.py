"""Where jobs go: a dask cluster of one local worker, or a scheduler by address.

The web process holds a ``JobCluster``; nothing here imports torch. dask moves its own messages
between its processes; what Stepscope keeps or shares is never pickled.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cache.errors import JobError
from cache.payload import from_bytes, to_bytes
from cache.store import Store
from engine.job_entry import run_elsewhere, run_here
from engine.jobs import Job, JobBook, new_job, steps_stored
from engine.local_worker import LocalWorker
from engine.plans import AnySpec, parse_spec, plan, shared_keys

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

VARIABLE = "STEPSCOPE_SCHEDULER"
CONNECT_TIMEOUT = "15s"
SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,  # a dead worker's job is retried once
    "distributed.comm.timeouts.connect": "10s",
}


class JobCluster:
    """Submits jobs of one store, watches them, and keeps their book. Threads may share it.

    dask is imported, and the local worker started, by the first job.
    """

    def __init__(self, store: Store, scheduler: str | None = None) -> None:
        self.store = store
        self.book = JobBook(store.folder)
        self.scheduler = scheduler or os.environ.get(VARIABLE) or None
        self._serving = self.book.serve()
        self._client: Client | None = None
        self._local: tuple[LocalCluster, LocalWorker] | None = None
        self._futures: dict[str, Any] = {}
        self._channels: dict[str, str] = {}  # of jobs whose steps travel home
        self._lock = threading.RLock()
        for job in self.book.queue():
            self._interrupt_orphan(job)

    def submit(
        self, specs: Sequence[AnySpec], *, title: str, submitted_by: str | None = None
    ) -> Job:
        """Queue a job, or give the one that is at work on the same runs already.

        Raises InvalidInput (bounds, budget), ModelMissing, JobError (no scheduler there).
        """
        job = new_job(specs, title=title, submitted_by=submitted_by, server=self._serving.name)
        with self._lock:
            known = self.find(job.id)
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

    def find(self, job_id: str) -> Job | None:
        """A job by its id, None when there is none; what nobody is at work on has ended."""
        job = self.book.find(job_id)
        if job is None or not job.active:
            return job
        if self._local is not None and not self._local[1].alive and job_id in self._futures:
            reason = f"its worker ended: {self._local[1].last_words()}"
            self._close_with(job_id, {"state": "failed", "error": reason})
        else:
            self._interrupt_orphan(job)
        return self.book.find(job_id)

    def resume(self, job_id: str) -> Job:
        """Submit an ended job again; it goes on at its first missing step."""
        job = self.book.read(job_id)
        specs = [parse_spec(fields) for fields in job.specs]
        return self.submit(specs, title=job.title, submitted_by=job.submitted_by)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; it does within one step, and keeps the steps it has."""
        self.book.ask_to_stop(job_id)
        with self._lock:
            channel = self._channels.get(job_id)
            if channel is not None and self._client is not None:
                from distributed import Event

                Event(f"stop-{channel}", client=self._client).set()
            if self.book.withdraw(job_id):
                # the mark stays: a worker that has just taken the job up sees it
                future = self._futures.pop(job_id, None)
                if future is not None:
                    future.cancel()
                self._hang_up(job_id)

    def close(self) -> None:
        """Stop the local worker; what is stored stays, and jobs at work are interrupted."""
        with self._lock:
            client, self._client = self._client, None
            local, self._local = self._local, None
            self._futures.clear()
        if client is not None:
            client.close()
        if local is not None:
            local[1].close()
            local[0].close()
        self._serving.close()
        atexit.unregister(self._at_exit)

    def workers(self) -> dict[str, Any]:
        """The workers by address; empty before the first job."""
        if self._client is None:
            return {}
        found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def _at_exit(self) -> None:
        """Close without dask's complaints that its callbacks find no thread to run in."""
        for name in ("distributed", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.close()

    def _start(self, job: Job) -> None:
        client = self._connected()
        key = f"job-{job.id}-{time.monotonic_ns()}"
        options = {"key": key, "resources": {"GPU": 1}, "pure": False}
        if self.scheduler is None:
            future = client.submit(run_here, job.id, str(self.store.folder), **options)
        else:
            known = {k: to_bytes(self.store.get(k)) for k in self._known(job)}
            future = client.submit(run_elsewhere, key, job.specs, known, **options)
            self._channels[job.id] = key
            threading.Thread(target=self._receive, args=(job.id, key), daemon=True).start()
        self._futures[job.id] = future
        future.add_done_callback(lambda done: self._ended(job.id, done))

    def _connected(self) -> Client:
        import dask
        from distributed import Client

        address = self.scheduler or self._local_scheduler()
        if self._client is None:
            with dask.config.set(SETTINGS):
                try:
                    self._client = Client(address, timeout=CONNECT_TIMEOUT)
                    atexit.register(self._at_exit)  # now: it runs before dask's own
                except (OSError, TimeoutError) as error:
                    raise JobError(f"no scheduler answers at {address}: {error}") from error
        return self._client

    def _local_scheduler(self) -> str:
        """The address of this server's own scheduler, with a worker that runs."""
        if self._local is None:
            scheduler = _no_workers()
            self._local = scheduler, LocalWorker(scheduler.scheduler_address, self.book.folder)
        elif not self._local[1].alive:
            scheduler = self._local[0]
            self._local = scheduler, LocalWorker(scheduler.scheduler_address, self.book.folder)
        return str(self._local[0].scheduler_address)

    def _known(self, job: Job) -> list[str]:
        """The keys of a job's chains that the store has."""
        plans = [plan(parse_spec(fields)) for fields in job.specs]
        keys = [k for p in plans for k in (*p.chain.step_keys, *shared_keys(p))]
        wanted = list(dict.fromkeys(keys))
        return [k for k, there in zip(wanted, self.store.present(wanted), strict=True) if there]

    def _receive(self, job_id: str, channel: str) -> None:
        """Write what a remote worker sends into the store, until ``_ended`` says it is over."""
        from distributed import Queue

        queue = Queue(f"steps-{channel}", client=self._client)
        while True:
            what, key, data = queue.get()
            if what == "ended":
                if self._channels.get(job_id) == channel:
                    self._channels.pop(job_id)
                    self._close_with(job_id, json.loads(data))
                return
            if what == "started":
                self.book.begin(job_id, stored=steps_stored(self.store, self.book.read(job_id)))
            else:
                self.store.put(key, from_bytes(data))

    def _ended(self, job_id: str, future: Future[Any]) -> None:
        if future is not self._futures.get(job_id):
            return  # cancelled before it began, or this server is closing
        if future.status == "finished":
            outcome = future.result()
        elif future.status == "error":
            reason = f"{type(future.exception()).__name__}: {future.exception()}"
            outcome = {"state": "failed", "error": _plain(reason)}
        else:
            outcome = {"state": "interrupted", "error": "the scheduler was lost"}
        future.release()
        if job_id in self._channels:  # behind every step the worker sent
            self._hang_up(job_id, outcome)
        else:
            self._close_with(job_id, outcome)

    def _hang_up(self, job_id: str, outcome: Mapping[str, Any] | None = None) -> None:
        channel = self._channels.get(job_id)
        if channel is not None and self._client is not None:
            from distributed import Queue

            queue = Queue(f"steps-{channel}", client=self._client)
            queue.put(("ended", "", json.dumps(outcome or {}).encode()))

    def _close_with(self, job_id: str, outcome: Mapping[str, Any]) -> None:
        self._futures.pop(job_id, None)
        if outcome:
            self.book.change(job_id, ended_at=time.time(), **outcome)
            self.book.stop_mark(job_id).unlink(missing_ok=True)

    def _interrupt_orphan(self, job: Job) -> None:
        if not self.book.is_served(job):
            self.book.change(job.id, state="interrupted", ended_at=time.time())


def _no_workers() -> LocalCluster:
    """A scheduler for this machine only."""
    import dask
    from distributed import LocalCluster

    with dask.config.set(SETTINGS):
        return LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=40
        )


def _plain(reason: str) -> str:
    if reason.startswith("KilledWorker"):
        return "its worker died twice (killed, or out of memory); the steps it stored are kept"
    return reason
