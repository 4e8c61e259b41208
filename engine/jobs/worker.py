"""What a worker does with a job: the same code on this machine and on another.

On the machine that has the store, steps are written to it directly. Elsewhere they are written to
a scratch store and sent home through a queue, so that a store has one machine's writers only.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cache.errors import Cancelled, JobError, StepscopeError
from cache.payload import Payload, from_bytes, to_bytes
from cache.store import Store
from engine.jobs.channel import LIVES_EVERY_S, LOST_S, Message
from engine.jobs.local_worker import take_threads
from engine.jobs.work import JobBook, refuse_other_runs, steps_stored
from engine.requests.computing import compute_surviving
from engine.requests.plans import parse_spec, plan

Send = Callable[[Message], None]


def run_here(job_id: str, store_folder: str) -> dict[str, Any]:
    """Compute a job on the machine that has the store; what it cost, or how it ended."""
    try:
        with Store.open(store_folder) as store:
            return _run_in(store, job_id)
    except StepscopeError as error:
        return {"state": "failed", "error": str(error)}


def run_elsewhere(
    channel: str,
    specs: Sequence[Mapping[str, Any]],
    known: Mapping[str, bytes],
    *,
    runs: Sequence[str],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Compute a job on another machine: starts from the payloads it was given, sends the rest.

    ``known`` holds what the home store already has of the job's chains, ``runs`` are the ids that
    the specs have at home and ``versions`` its packages: where they are others, nothing is
    computed.
    """
    from distributed import Event, Queue, get_client

    client = get_client()
    home, stop = Queue(f"steps-{channel}", client=client), Event(f"stop-{channel}", client=client)

    def send(message: Message) -> None:
        home.put(message, timeout=LOST_S)  # nobody reads any more: the job stops here, too

    send(("started", here(), b""))
    with _saying_it_lives(send):
        try:
            refuse_other_versions(versions)
            with _scratch() as folder, SendingStore.open(Path(folder) / "store") as store:
                for key, data in known.items():
                    Store.put(store, key, from_bytes(data))
                store.send = send
                outcome = _compute(store, specs, runs, stop.is_set)
        except StepscopeError as error:
            outcome = {"state": "failed", "error": str(error)}
    if outcome["state"] == "failed":
        outcome["error"] = f"{here()}: {outcome['error']}"
    return outcome


class SendingStore(Store):
    """A scratch store that sends home whatever is put into it."""

    send: Send | None = None

    def put(self, key: str, payload: Payload) -> bool:
        """Store a payload here and send it home."""
        new = super().put(key, payload)
        if new and self.send is not None:
            self.send(("put", key, to_bytes(payload)))
        return new


def here() -> str:
    """What a worker is called in a message: its machine and process."""
    return f"worker {os.getpid()} on {socket.gethostname()}"


def refuse_other_versions(versions: Mapping[str, str]) -> None:
    """Raise JobError when packages that decide a step's bits are others here.

    A build for another device (``2.13.0+cu126``) is the same version.
    """
    other = [
        f"{name} {installed or 'not installed'} (home has {wanted})"
        for name, wanted in versions.items()
        if _public(installed := _version(name)) != _public(wanted)
    ]
    if other:
        raise JobError(f"it has other package versions: {', '.join(other)}")


def _public(installed: str) -> str:
    return installed.partition("+")[0]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@contextmanager
def _saying_it_lives(send: Send) -> Iterator[None]:
    over = threading.Event()

    def say() -> None:
        while not over.wait(LIVES_EVERY_S):
            try:
                send(("alive", "", b""))
            except Exception:
                return  # the computing thread meets the same when it sends a step

    threading.Thread(target=say, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _scratch() -> AbstractContextManager[str]:
    return tempfile.TemporaryDirectory(prefix="stepscope-")


def _run_in(store: Store, job_id: str) -> dict[str, Any]:
    book = JobBook(store.folder)
    job = book.begin(job_id, stored=steps_stored(store, book.read(job_id)))
    if job is None:
        return {"state": "cancelled", "error": "cancelled before it began"}
    lost = False

    def stopped() -> bool:
        nonlocal lost
        # nobody waits for the work of a server that was killed; it resumes when somebody asks
        lost = not book.is_served(job)
        return lost or book.is_asked_to_stop(job_id)

    outcome = _compute(store, job.specs, job.runs, stopped)
    return {"state": "interrupted", "error": "its server is gone"} if lost else outcome


def _compute(
    store: Store,
    specs: Sequence[Mapping[str, Any]],
    runs: Sequence[str],
    stopped: Callable[[], bool],
) -> dict[str, Any]:
    def on_step(_which: int, _index: int) -> None:
        if stopped():
            raise Cancelled("cancelled on request; the steps so far are stored")

    try:
        take_threads()
        plans = [plan(parse_spec(fields)) for fields in specs]
        refuse_other_runs(plans, runs)
        computed, failed = compute_surviving(store, dict(enumerate(plans)), on_step)
    except Cancelled as error:
        return {"state": "cancelled", "error": str(error)}
    except StepscopeError as error:
        return {"state": "failed", "error": str(error)}
    if failed:
        reasons = "; ".join(dict.fromkeys(map(str, failed.values())))
        rest = "" if len(failed) == len(specs) else ", the rest is done"
        which = f"{len(failed)} of {len(specs)} runs failed{rest}: "
        message = (which if len(specs) > 1 else "") + reasons
        return {"state": "failed", "error": message, "model_calls": computed.model_calls}
    return {"state": "done", "model_calls": computed.model_calls}
