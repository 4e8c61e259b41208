"""What a worker does with a job: the same code on this machine and on another.

On the machine that has the store, steps are written to it directly. Elsewhere they are written to
a scratch store and sent home through a queue, so that a store has one machine's writers only.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from cache.errors import Cancelled, StepscopeError
from cache.payload import Payload, from_bytes, to_bytes
from cache.store import Store
from engine.cached_runs import compute_surviving
from engine.jobs import JobBook, steps_stored
from engine.local_worker import take_threads
from engine.plans import parse_spec

Send = Callable[[tuple[str, str, bytes]], None]


def run_here(job_id: str, store_folder: str) -> dict[str, Any]:
    """Compute a job on the machine that has the store; what it cost, or how it ended."""
    with Store.open(store_folder) as store:
        book = JobBook(store.folder)
        job = book.begin(job_id, stored=steps_stored(store, book.read(job_id)))
        if job is None:
            return {"state": "cancelled", "error": "cancelled before it began"}
        mark = book.stop_mark(job_id)
        # nobody waits for the work of a server that was killed; it resumes when somebody asks
        return _compute(store, job.specs, lambda: mark.exists() or not book.is_served(job))


def run_elsewhere(
    channel: str, specs: Sequence[Mapping[str, Any]], known: Mapping[str, bytes]
) -> dict[str, Any]:
    """Compute a job on another machine: starts from the payloads it was given, sends the rest.

    ``known`` holds what the home store already has of the job's chains.
    """
    from distributed import Event, Queue

    home, stop = Queue(f"steps-{channel}"), Event(f"stop-{channel}")
    home.put(("started", "", b""))
    with _scratch() as folder, SendingStore.open(Path(folder) / "store") as store:
        for key, data in known.items():
            Store.put(store, key, from_bytes(data))
        store.send = home.put
        return _compute(store, specs, stop.is_set)


class SendingStore(Store):
    """A scratch store that sends home whatever is put into it."""

    send: Send | None = None

    def put(self, key: str, payload: Payload) -> bool:
        """Store a payload here and send it home."""
        new = super().put(key, payload)
        if new and self.send is not None:
            self.send(("put", key, to_bytes(payload)))
        return new


def _scratch() -> AbstractContextManager[str]:
    return tempfile.TemporaryDirectory(prefix="stepscope-")


def _compute(
    store: Store, specs: Sequence[Mapping[str, Any]], stopped: Callable[[], bool]
) -> dict[str, Any]:
    def on_step(_which: int, _index: int) -> None:
        if stopped():
            raise Cancelled("cancelled on request; the steps so far are stored")

    try:
        take_threads()
        computed, failed = compute_surviving(store, list(map(parse_spec, specs)), on_step)
    except Cancelled as error:
        return {"state": "cancelled", "error": str(error)}
    except StepscopeError as error:
        return {"state": "failed", "error": str(error)}
    if failed:
        reasons = "; ".join(dict.fromkeys(map(str, failed.values())))
        rest = "" if len(failed) == len(specs) else ", the rest is done"
        which = f"{len(failed)} of {len(specs)} runs failed{rest}: "
        told = (which if len(specs) > 1 else "") + reasons
        return {"state": "failed", "error": told, "model_calls": computed.model_calls}
    return {"state": "done", "model_calls": computed.model_calls}
