"""Where jobs go: a dask cluster of one local worker, or a scheduler by address.

The web process holds a ``JobCluster``; nothing here imports torch. dask moves its own messages
between its processes; what Stepscope keeps or shares is never pickled.

Every job ends. What is lost is noticed within LOST_S (a worker or a scheduler that says nothing),
what does not stop when it is asked to is given up after CANCEL_S.
"""

from __future__ import annotations

import atexit
import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cache.errors import JobError, StepscopeError, StoreError
from cache.payload import from_bytes, to_bytes
from cache.store import Store
from cache.writing import being_written
from engine.jobs.channel import LOST_S, Channel
from engine.jobs.connection import aside
from engine.jobs.endings import GONE, KEPT, NO_SCHEDULER, Endings, believed, named, plain
from engine.jobs.work import (
    Job,
    JobBook,
    Serving,
    needed_keys,
    planned_job,
    refuse_other_runs,
    steps_stored,
)
from engine.jobs.workplace import Workplace
from engine.requests.plans import AnySpec, Plan, parse_spec, plan, shared_keys

if TYPE_CHECKING:
    from distributed import Future

CONNECT_TIMEOUT = "15s"
CANCEL_S = 30.0  # after which a job that was cancelled and has not stopped is given up
LOOK_EVERY_S = 0.5


@dataclass(eq=False)
class AtWork:
    """A job that this server has handed to a worker, or to a scheduler to find one."""

    job: Job
    needed: tuple[str, ...]  # what must be in the store when it is done
    future: Future[Any] | None = None
    channel: Channel | None = None  # of a job whose steps travel home
    cancelled_at: float | None = None  # on the monotonic clock


class JobCluster:
    """Submits jobs of one store, watches them, and keeps their book. Threads may share it.

    dask is imported, and the local worker started, by the first job.
    """

    def __init__(self, store: Store, scheduler: str | None = None) -> None:
        self.store = store
        self.book = JobBook(store.folder)
        self._place = Workplace(scheduler, self.book.folder)
        self._work: dict[str, AtWork] = {}
        self._endings = Endings(self.book)
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._watch: threading.Thread | None = None
        self._serving: Serving | None = None
        with suppress(StoreError):  # where nothing can be written, jobs can still be looked at
            self._serving = self.book.serve()
            for job in self.book.queue():
                self._interrupt_orphan(job)

    def submit(
        self, specs: Sequence[AnySpec], *, title: str, submitted_by: str | None = None
    ) -> Job:
        """Queue a job, or give the one that is at work on the same runs already.

        Raises InvalidInput (bounds, budget, address), ModelMissing, JobError (no scheduler there),
        StoreError (the book cannot be written).
        """
        with self._lock:
            if self._serving is None:
                self._serving = self.book.serve()
            server = self._serving.name
            job, plans = planned_job(specs, title=title, submitted_by=submitted_by, server=server)
            if (old := self._work.get(job.id)) is not None:
                known = self.book.find(job.id)
                if known is not None and known.active:
                    return known
                self._close_work(old, {})  # another server withdrew it
            work = self._work[job.id] = AtWork(job, ())
            try:
                known = self.book.enqueue(job)
                if known is not job:
                    del self._work[job.id]
                    return known
                self._endings.forget(job)
                self._start(work, plans)
            except Exception as error:
                reason = str(error) if isinstance(error, StepscopeError) else named(error)
                self._close_work(work, {"state": "failed", "error": reason})
                if isinstance(error, StepscopeError):
                    raise
                raise JobError(reason) from error
        return job

    def find(self, job_id: str) -> Job | None:
        """A job by its id, None when there is none; what nobody is at work on has ended."""
        self._look_at_local()
        job = self.book.find(job_id)
        if job is None or not job.active:
            return job
        if job in self._endings:
            return replace(job, **self._endings.of(job))
        if job_id in self._work:
            return job
        try:
            self._interrupt_orphan(job)
        except StoreError:
            return replace(job, state="interrupted", error=GONE)
        return self.book.find(job_id)

    def resume(self, job_id: str) -> Job:
        """Submit an ended job again; it goes on at its first missing step.

        Raises ModelDamaged where its model is another by now: that would be other runs.
        """
        job = self.book.read(job_id)
        specs = [parse_spec(fields) for fields in job.specs]
        refuse_other_runs([plan(spec) for spec in specs], job.runs)
        return self.submit(specs, title=job.title, submitted_by=job.submitted_by)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; it does within one step, and keeps the steps it has.

        One that does not within CANCEL_S is given up. Nothing happens to a job that has ended.
        """
        job = self.find(job_id)
        if job is None or not job.active:
            return
        self.book.ask_to_stop(job_id)
        withdrawn = self.book.withdraw(job_id)
        work = self._work.get(job_id)
        if work is None:
            return  # another server's, which sees the mark
        if withdrawn:
            # the mark stays: a worker that has just taken the job up sees it
            self._close_work(work, {})
        else:
            self._press(work)

    def close(self) -> None:
        """Stop the local worker; what is stored stays, and jobs at work are interrupted."""
        self._closing.set()
        with self._lock:
            self._work.clear()
        self._place.close()
        if self._serving is not None:
            self._serving.close()
        atexit.unregister(self._at_exit)

    def workers(self) -> dict[str, Any]:
        """The workers by address; empty before the first job, and while no scheduler answers."""
        connection = self._place.connection
        return {} if connection is None else connection.workers()

    @property
    def scheduler(self) -> str | None:
        """The address that jobs are sent to; None where the worker is this server's own."""
        return self._place.scheduler

    def _at_exit(self) -> None:
        """Close without dask's complaints that its callbacks find no thread to run in."""
        for name in ("distributed", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.close()

    def _start(self, work: AtWork, plans: Sequence[Plan]) -> None:
        connection, job = self._place.connected(CONNECT_TIMEOUT), work.job
        atexit.unregister(self._at_exit)
        atexit.register(self._at_exit)  # now: it runs before dask's own
        work.needed = needed_keys(plans)
        key = f"job-{job.id}-{time.monotonic_ns()}"
        if self.scheduler is None:
            work.future = self._place.run_here(connection, job, self.store.folder, key)
        else:
            known = {k: to_bytes(self.store.get(k)) for k in self._known(plans)}
            work.channel = Channel(connection.client, key)
            work.future = self._place.run_elsewhere(connection, job, known, work.channel)
            threading.Thread(target=self._receive, args=(work,), daemon=True).start()
        work.future.add_done_callback(lambda done: self._ended(work, done))
        if self._watch is None:
            self._watch = threading.Thread(target=self._keep_looking, daemon=True)
            self._watch.start()

    def _known(self, plans: Sequence[Plan]) -> list[str]:
        """The keys of some chains that the store has."""
        keys = [k for p in plans for k in (*p.chain.step_keys, *shared_keys(p))]
        wanted = list(dict.fromkeys(keys))
        return [k for k, there in zip(wanted, self.store.present(wanted), strict=True) if there]

    def _receive(self, work: AtWork) -> None:
        """Write what a remote worker sends into the store, until it is hung up."""
        channel = work.channel
        assert channel is not None
        outcome: dict[str, Any] = {"state": "interrupted", "error": f"its way home broke; {KEPT}"}
        try:
            with being_written(self.store, work.job.runs):
                for what, key, data in channel.messages():
                    if what == "put":
                        self.store.put(key, from_bytes(data))
                    elif what == "started":
                        stored = steps_stored(self.store, work.job)
                        if self.book.begin(work.job.id, stored=stored) is None:
                            channel.stop()
                    elif what == "ended":
                        outcome = json.loads(data)
        except StepscopeError as error:  # the disk here is full, say
            outcome = {"state": "failed", "error": str(error)}
        except Exception as error:
            outcome["error"] = f"the way to its worker was lost ({named(error)}); {KEPT}"
        channel.over = True
        self._close_work(work, outcome)
        channel.close()

    def _ended(self, work: AtWork, future: Future[Any]) -> None:
        """What dask says of a job: called from a thread of its own."""
        if self._work.get(work.job.id) is not work:
            return  # it has ended in another way, or this server is closing
        outcome = _outcome_of(future)
        if work.channel is not None and future.status == "finished":
            try:
                work.channel.hang_up(outcome)  # behind every step the worker sent
                return
            except Exception:
                outcome = NO_SCHEDULER
        self._close_work(work, outcome)

    def _close_work(self, work: AtWork, outcome: Mapping[str, Any]) -> None:
        """Let go of a job, once, and write how it ended; with nothing to write it is written."""
        with self._lock:
            if self._work.get(work.job.id) is not work:
                return
            if outcome:
                self._endings.note(work.job, believed(self.store, work.needed, outcome))
            del self._work[work.job.id]
        if work.channel is not None and not work.channel.over:
            work.channel.stop()
            aside(work.channel.hang_up)
        if work.future is not None:
            aside(work.future.cancel)
        self._write_endings()

    def _write_endings(self) -> None:
        if self._serving is not None:
            self._endings.write(self._serving.name)

    def _keep_looking(self) -> None:
        while not self._closing.wait(LOOK_EVERY_S):
            try:
                self._look()
            except Exception:
                logging.getLogger(__name__).exception("looking after the jobs")

    def _look(self) -> None:
        """Notice what was lost, press what was cancelled, write what could not be written."""
        self._look_at_local()
        self._write_endings()
        connection = self._place.connection
        for work in list(self._work.values()):
            if self.book.is_asked_to_stop(work.job.id):
                self._press(work)
            if connection is None or work.channel is None:
                continue
            # while the scheduler between says nothing, its silence is not the worker's
            if work.channel.silent_s() > LOST_S and connection.silent_s() < LOST_S / 4:
                lost = f"its {work.channel.worker} said nothing for {LOST_S:.0f} s; {KEPT}"
                self._close_work(work, {"state": "interrupted", "error": lost})
        if connection is None or self.scheduler is None:
            return
        if connection.closed or connection.silent_s() > LOST_S:
            lost = f"the scheduler at {self.scheduler} does not answer; {KEPT}"
            for work in list(self._work.values()):
                self._close_work(work, {"state": "interrupted", "error": lost})
            with self._lock:
                if self._place.connection is connection:
                    self._place.drop()

    def _look_at_local(self) -> None:
        if reason := self._place.local_end():
            for work in list(self._work.values()):
                self._close_work(work, {"state": "failed", "error": reason})

    def _press(self, work: AtWork) -> None:
        """Ask a job at work to stop; give it up when it was asked long ago."""
        job = self.book.find(work.job.id)
        if job is None or not job.active:
            self._close_work(work, {})  # another server withdrew it
        elif work.cancelled_at is None:
            work.cancelled_at = time.monotonic()
            if work.channel is not None:
                work.channel.stop()
        elif time.monotonic() - work.cancelled_at > CANCEL_S:
            reason = f"its worker did not stop within {CANCEL_S:.0f} s and was given up; {KEPT}"
            self._close_work(work, {"state": "cancelled", "error": reason})
            if work.channel is None and job.state == "running":
                with self._lock:
                    self._place.new_local_worker()

    def _interrupt_orphan(self, job: Job) -> None:
        own = self._serving is not None and job.server == self._serving.name
        if not own and self.book.is_served(job):
            return
        with self._lock:
            if job.id not in self._work and job not in self._endings:
                self.book.end(job.id, server=job.server, state="interrupted", error=GONE)


_clusters: dict[Path, JobCluster] = {}
_opening = threading.Lock()


def _outcome_of(future: Future[Any]) -> dict[str, Any]:
    if future.status == "finished":
        try:
            return dict(future.result())
        except Exception as error:  # its worker was lost with what it had to tell
            return {"state": "interrupted", "error": f"{named(error)}; {KEPT}"}
    if future.status == "error":
        return {"state": "failed", "error": plain(future.exception())}
    return NO_SCHEDULER


def cluster_of(store: Store) -> JobCluster:
    """The one cluster of this process for a store, opened by whoever asks first."""
    with _opening:
        cluster = _clusters.get(store.folder)
        if cluster is None:
            cluster = _clusters[store.folder] = JobCluster(store)
        return cluster
