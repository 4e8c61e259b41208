"""Looking after a store: verify what is there, delete runs, free space when asked.

A run's manifest (``run:<id>``) names its steps (``step_keys``) and what else it needs
(``shared_keys``). Steps and memos that runs name go with the last run that names them. A memo is
what any reader can miss, for it is computed again: one that no run names goes when space is asked
for, before any run does. Entries of all other kinds (a vocabulary, an uploaded picture, a verdict)
stay until they are deleted by their keys, and so do runs that a standing board names.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from cache.disk import is_value_file
from cache.errors import InvalidInput, MadeLater, MissingFromStore, PayloadDamaged, PayloadError
from cache.folder import ENTRIES, named_errors
from cache.holds import held_runs
from cache.payload import Payload
from cache.rows import Row
from cache.store import Store
from cache.writing import runs_being_written

STEP = "step"
MEMOS = frozenset(["forward", "prompt", "encoded", "decode", "embedding"])
GRACE_S = 86_400.0  # a younger step that no run names may belong to one on its way
FAULTS = ("damaged", "missing", "unreadable", "later")
ORPHAN_GRACE_S = 3_600.0  # a younger value file may belong to a writer that is still at work

Delete = Callable[[Iterable[str]], tuple[int, int]]
Judge = Callable[[str, Payload], None]  # raises PayloadError for what its key does not promise


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What re-hashing everything found."""

    checked: int
    damaged: tuple[str, ...]  # keys whose value is not what was stored
    missing: tuple[str, ...]  # keys whose value file is gone
    foreign: int  # rows that nothing here wrote: keys that are not text
    orphaned: tuple[str, ...]  # value files that no key names, as after a kill; gc removes them
    unreadable: tuple[str, ...] = ()  # keys whose value is whole and not what its key promises
    later: tuple[str, ...] = ()  # keys that a later version wrote; nothing drops them

    @property
    def faulty(self) -> tuple[str, ...]:
        """The keys that would be dropped."""
        return (*self.damaged, *self.missing, *self.unreadable)


@dataclass(frozen=True, slots=True)
class GcReport:
    """What a clean-up freed, or with ``dry_run`` would free."""

    dry_run: bool
    runs: tuple[str, ...]  # ids of deleted runs, oldest first
    entries: int  # manifests, steps and memos
    orphans: int  # value files that no key named
    freed_bytes: int
    left_bytes: int


def verify(
    store: Store,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    judge: Judge | None = None,
) -> VerifyReport:
    """Re-hash every entry and look for value files that no entry names. Changes nothing.

    ``on_progress(done, total)`` hears of every entry; ``judge`` tells what else can be wrong with
    one. Writers may go on meanwhile.
    """
    faults: dict[str, list[str]] = {name: [] for name in FAULTS}
    rows = store.rows.listing()
    for done, row in enumerate(rows, start=1):
        fault = _fault(store, row, judge)
        if fault is not None:
            faults[fault].append(row.key)
        if on_progress is not None:
            on_progress(done, len(rows))
    return VerifyReport(
        checked=len(rows),
        foreign=len(store.rows.foreign()),
        orphaned=tuple(name for name, _ in _orphans(store)),
        **{name: tuple(keys) for name, keys in faults.items()},
    )


def drop_damaged(store: Store, report: VerifyReport, *, judge: Judge | None = None) -> int:
    """Delete what a report names and is still damaged, to be computed anew; how many entries."""
    named = set(report.faulty)
    faulty = [
        row.key
        for row in store.rows.listing()
        if row.key in named and _fault(store, row, judge) not in (None, "later")
    ]
    dropped, _ = store.rows.delete(faulty)
    return dropped + (store.rows.delete_foreign() if report.foreign else 0)


def delete_run(store: Store, run: str) -> int:
    """Delete a run and the steps no other run names; the bytes freed. Raises as ``delete_runs``."""
    return delete_runs(store, [run], dry_run=False).freed_bytes


def delete_runs(store: Store, runs: Iterable[str], *, dry_run: bool = True) -> GcReport:
    """Delete runs and the steps no other run names, all or none.

    One of them whose manifest cannot be read goes too; its steps go with a later clean-up.
    Raises MissingFromStore, InvalidInput for a run that is pinned, on a board or just being
    written, and PayloadDamaged when the manifest of another run cannot be read, for then nobody
    can tell which steps it needs.
    """
    runs = list(dict.fromkeys(runs))
    with _deciding(store, dry_run=dry_run) as (writing, delete):
        sweep = _Sweep(store, unreadable=runs)
        for run in runs:
            if run in sweep.pinned:
                raise InvalidInput(f"run {run} is pinned; unpin it first")
            if run in writing:
                raise InvalidInput(f"run {run} is being written; stop that first")
            if run in sweep.held:
                board = sweep.held[run]
                raise InvalidInput(f"run {run} is on board {board[:12]}; archive the board first")
            sweep.take_run(run)
        if delete is not None:
            delete(sweep.taken)
    return sweep.report(dry_run=dry_run)


def gc(
    store: Store,
    *,
    older_than_s: float | None = None,
    to_size_bytes: int | None = None,
    grace_s: float = GRACE_S,
    dry_run: bool = True,
) -> GcReport:
    """Free space; with ``dry_run`` only say what would be freed.

    In this order: what killed writers left behind; steps older than ``grace_s`` that no run
    names; runs, and memos that no run names, stored longer than ``older_than_s`` ago; then,
    while the store is larger than ``to_size_bytes``, such memos and after them runs, oldest
    first. Pinned runs, those on a board that stands and those that somebody is just writing
    stay, with what they name. Raises PayloadDamaged when a manifest or an item of a board cannot
    be read, for then nobody can tell what it needs, and deletes nothing.
    """
    orphans = list(_orphans(store))
    with _deciding(store, dry_run=dry_run) as (writing, delete):
        sweep = _Sweep(store, staying=writing)
        now = time.time()
        sweep.take_unnamed([STEP], before=now - grace_s)
        if older_than_s is not None:
            sweep.take_runs(before=now - older_than_s)
            sweep.take_unnamed(MEMOS, before=now - older_than_s)
        if to_size_bytes is not None:
            sweep.take_down_to(to_size_bytes)
        if delete is not None:
            delete(sweep.taken)
    if not dry_run:
        with named_errors(store.folder):
            for name, _ in orphans:
                _entries(store, name).unlink(missing_ok=True)
    return sweep.report(dry_run=dry_run, orphan_sizes=[size for _, size in orphans])


@contextmanager
def _deciding(store: Store, *, dry_run: bool) -> Iterator[tuple[frozenset[str], Delete | None]]:
    """The runs that somebody is writing, and what deletes rows; None where nothing shall go.

    Unless it is a dry run every other writer waits until this ends.
    """
    with (
        runs_being_written(store, hold=not dry_run) as writing,
        nullcontext() if dry_run else store.rows.transaction() as delete,
    ):
        yield writing, delete


class _Sweep:
    """What is to go, decided on one view of the store; the rows are deleted by the caller."""

    def __init__(
        self, store: Store, *, unreadable: Iterable[str] = (), staying: Iterable[str] = ()
    ) -> None:
        """Raises PayloadDamaged for a manifest that cannot be read and is not in ``unreadable``."""
        self.rows = {row.key: row for row in store.rows.listing()}
        self.held = held_runs(store)  # by the boards that name them
        self.pinned = store.pins() | set(staying)
        self.left_bytes = sum(row.size_bytes for row in self.rows.values())
        self.freed_bytes = 0
        self.taken: list[str] = []
        self.runs: dict[str, frozenset[str]] = {}  # oldest first
        self.gone: list[str] = []
        excused = set(unreadable)
        for key in [key for key in self.rows if key.startswith("run:")]:
            run = key.removeprefix("run:")
            try:
                self.runs[run] = _named_by(store, key)
            except PayloadError:
                if run not in excused:
                    raise
                self.runs[run] = frozenset()
        self.named = Counter(key for names in self.runs.values() for key in names)

    def take(self, key: str) -> None:
        row = self.rows.pop(key)
        self.taken.append(key)
        self.freed_bytes += row.size_bytes
        self.left_bytes -= row.size_bytes

    def take_run(self, run: str) -> None:
        if run not in self.runs:
            raise MissingFromStore(f"run:{run}")
        self.gone.append(run)
        self.take(f"run:{run}")
        for key in self.runs.pop(run):
            self.named[key] -= 1
            if not self.named[key] and key in self.rows and _kind(key) in {STEP, *MEMOS}:
                self.take(key)

    def take_unnamed(self, kinds: Collection[str], *, before: float) -> None:
        for row in self._unnamed(kinds):
            if row.stored_at <= before:
                self.take(row.key)

    def take_runs(self, *, before: float) -> None:
        for run in self._unpinned():
            if self.rows[f"run:{run}"].stored_at <= before:
                self.take_run(run)

    def take_down_to(self, size_bytes: int) -> None:
        for row in self._unnamed(MEMOS):
            if self.left_bytes <= size_bytes:
                return
            self.take(row.key)
        for run in self._unpinned():
            if self.left_bytes <= size_bytes:
                return
            self.take_run(run)

    def report(self, *, dry_run: bool, orphan_sizes: Iterable[int] = ()) -> GcReport:
        sizes = list(orphan_sizes)
        return GcReport(
            dry_run=dry_run,
            runs=tuple(self.gone),
            entries=len(self.taken),
            orphans=len(sizes),
            freed_bytes=self.freed_bytes + sum(sizes),
            left_bytes=self.left_bytes,
        )

    def _unnamed(self, kinds: Collection[str]) -> list[Row]:
        rows = self.rows.values()
        return [row for row in rows if _kind(row.key) in kinds and not self.named[row.key]]

    def _unpinned(self) -> list[str]:
        return [run for run in self.runs if run not in self.pinned and run not in self.held]


def _named_by(store: Store, key: str) -> frozenset[str]:
    """The keys that a manifest names. Raises PayloadError for one that cannot be read."""
    payload = store.find(key)
    if payload is None:
        return frozenset()  # deleted since it was listed
    named = [payload.meta.get(name, []) for name in ("step_keys", "shared_keys")]
    if not all(isinstance(keys, list) for keys in named):
        raise PayloadDamaged(key, "it is no manifest: step_keys and shared_keys must be lists")
    return frozenset(str(name) for keys in named for name in keys)


def _kind(key: str) -> str:
    return key.partition(":")[0]


def _fault(store: Store, row: Row, judge: Judge | None) -> str | None:
    """One of FAULTS; None for an entry that is whole or was deleted meanwhile."""
    try:
        payload = store.find(row.key)
    except (PayloadError, InvalidInput):
        lost = is_value_file(row.filename) and not _entries(store, str(row.filename)).exists()
        return "missing" if lost else "damaged"
    try:
        if judge is not None and payload is not None:
            judge(row.key, payload)
    except MadeLater:
        return "later"
    except PayloadError:
        return "unreadable"
    return None


def _orphans(store: Store) -> Iterator[tuple[str, int]]:
    """Value files older than ORPHAN_GRACE_S that no row names, with their sizes in bytes."""
    before = time.time() - ORPHAN_GRACE_S
    old: dict[str, int] = {}
    for path in _entries(store, "").glob("??/*.val"):
        try:
            status = path.lstat()
        except OSError:
            continue  # deleted since it was listed
        name = path.relative_to(_entries(store, "")).as_posix()
        if status.st_mtime < before and is_value_file(name):
            old[name] = status.st_size
    named = store.rows.value_files()  # after the listing: a row may have come in between
    return ((name, size) for name, size in old.items() if name not in named)


def _entries(store: Store, name: str) -> Path:
    return store.folder / ENTRIES / name
