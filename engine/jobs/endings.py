"""How jobs end: what is believed of a worker, in which words, and what the disk did not take yet.

No torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cache.errors import StepscopeError, StoreError
from cache.store import Store
from engine.jobs.book import JobBook
from engine.jobs.record import Job

KEPT = "the steps it stored are kept"
GONE = "its server stopped while it was at work"
NO_SCHEDULER = {"state": "interrupted", "error": f"the scheduler was lost; {KEPT}"}


class Endings:
    """Writes how jobs ended, and holds it while the book cannot be written (a full disk)."""

    def __init__(self, book: JobBook) -> None:
        self._book = book
        self._unwritten: dict[str, dict[str, Any]] = {}

    def __contains__(self, job: Job) -> bool:
        return job.id in self._unwritten

    def of(self, job: Job) -> dict[str, Any]:
        """How a job ended that its file still calls active."""
        return self._unwritten.get(job.id, {})

    def note(self, job: Job, outcome: Mapping[str, Any]) -> None:
        """Take down how a job ended, to be written."""
        self._unwritten[job.id] = dict(outcome)

    def forget(self, job: Job) -> None:
        """A job is asked for anew."""
        self._unwritten.pop(job.id, None)

    def write(self, server: str) -> None:
        """Write what can be written of this server's jobs."""
        for job_id, outcome in list(self._unwritten.items()):
            try:
                self._book.end(job_id, server=server, **outcome)
            except (StepscopeError, TimeoutError):
                continue  # again at the next look
            self._unwritten.pop(job_id, None)


def believed(store: Store, needed: Sequence[str], outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    """An outcome; a job is done only when what it needs, by its keys, is in the store."""
    if outcome.get("state") != "done":
        return outcome
    try:
        missing = len(needed) - sum(store.present(needed))
    except StoreError as error:
        return {"state": "failed", "error": str(error)}
    if not missing:
        return outcome
    lacking = f"{missing} of the {len(needed)} entries of its runs are not in the store"
    return {"state": "failed", "error": f"its worker called it done, but {lacking}"}


def named(error: BaseException) -> str:
    """An error that is not Stepscope's own, with its kind."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def plain(error: BaseException) -> str:
    """Why a worker failed, in words."""
    reason = named(error)
    if reason.startswith("KilledWorker"):
        return f"its worker died twice (killed, or out of memory); {KEPT}"
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "engine":
        return "the worker finds no copy of Stepscope: start it in the project's folder"
    if isinstance(error, (TypeError, AttributeError)) and "run_elsewhere" in reason:
        return f"the worker has another version of Stepscope ({reason})"
    return reason
