"""What can still be read of a damaged store, saved into a new one.

The old store is never opened by sqlite, which would write beside it: its database is copied.
Every entry carries the checksum of its key and its bytes, so what is saved is what was stored;
only entries that were deleted before may come back, from pages that were given up.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from cache.disk import SafeDisk, unframe
from cache.errors import InvalidInput, PayloadError, StoreUnavailable
from cache.folder import DATABASE, ENTRIES, at_home, has_database, named_errors
from cache.payload import from_bytes
from cache.sqlite_pages import Value, rows_of
from cache.store import KEY, Store

COLUMNS = "rowid, key, raw, store_time, expire_time, access_time, access_count, tag, size, mode"
ROW = f"SELECT {COLUMNS}, filename, value FROM Cache"
WIDTH = 12  # columns of a row
MOST_ROWS = 10_000_000  # that are asked for one by one
WORK = ".salvage"  # in the new folder, while it lasts


@dataclass(frozen=True, slots=True)
class SalvageReport:
    """What was saved of a store, and what was not."""

    folder: Path  # of the new store
    entries: int
    runs: int
    incomplete_runs: tuple[str, ...]  # saved runs that lack steps, lost now or never computed
    lost: tuple[str, ...]  # keys whose value could not be read, or not whole
    lost_rows: int  # rows of which not even the key could be read


def salvage(old: Path, new: Path) -> SalvageReport:
    """Save what can be read of the store in ``old`` into a new store in ``new``.

    Raises InvalidInput when ``new`` is not a new or empty folder, StoreUnavailable when there is
    no database at all, and StoreFull.
    """
    old, new = at_home(old).absolute(), at_home(new).absolute()
    with named_errors(old):
        if not has_database(old):
            raise StoreUnavailable(old, f"there is no database to read in {old / ENTRIES}")
    with named_errors(new):
        if old == new or old in new.parents:
            raise InvalidInput(f"new_folder must lie outside of the old store, got {new}")
        if new.exists() and (not new.is_dir() or any(new.iterdir())):
            raise InvalidInput(f"new_folder must be a new or an empty folder, got {new}")
        work = new / WORK
        work.mkdir(mode=0o700, parents=True)
        try:
            for name in (DATABASE, f"{DATABASE}-wal"):
                if (old / ENTRIES / name).exists():
                    shutil.copyfile(old / ENTRIES / name, work / name)
            with Store.open(new) as store:
                return _Salvage(store, old / ENTRIES).run(work / DATABASE)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _is_list(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list)


class _Salvage:
    def __init__(self, store: Store, entries: Path) -> None:
        self.store = store
        self.disk = SafeDisk(str(entries), min_file_size=0)
        self.lost: set[str] = set()
        self.unread: set[int] = set()  # rowids

    def run(self, database: Path) -> SalvageReport:
        with suppress(sqlite3.Error):
            for row in self._by_rowid(database):
                self._save(row)
        for row in rows_of(database):
            if len(row) == WIDTH + 1:  # the rowid's own column is empty
                self._save((row[0], *row[2:]))
        gaps = []
        runs = [key.removeprefix("run:") for key in self.store.scan("run:")]
        for run in runs:
            steps = self.store.get(f"run:{run}").meta.get("step_keys")
            named = [key for key in steps if KEY.fullmatch(str(key))] if _is_list(steps) else []
            if not all(self.store.present(named)):
                gaps.append(run)
        return SalvageReport(
            folder=self.store.folder,
            entries=self.store.stats().entries,
            runs=len(runs),
            incomplete_runs=tuple(gaps),
            lost=tuple(sorted(self.lost)),
            lost_rows=len(self.unread),
        )

    def _by_rowid(self, database: Path) -> Iterator[tuple[Value, ...]]:
        """The rows that sqlite can read, one by one: a bad page costs only its own."""
        with closing(sqlite3.connect(database, isolation_level=None)) as opened:
            (last,) = opened.execute("SELECT max(rowid) FROM Cache").fetchone()
            for rowid in range(1, min(last or 0, MOST_ROWS) + 1):
                try:
                    row = opened.execute(f"{ROW} WHERE rowid = ?", (rowid,)).fetchone()
                except sqlite3.Error:
                    self.unread.add(rowid)
                    continue
                if row is not None:
                    yield row

    def _save(self, row: tuple[Value, ...]) -> None:
        rowid, key, mode, filename, value = row[0], row[1], row[-3], row[-2], row[-1]
        if isinstance(rowid, int):
            self.unread.discard(rowid)
        if not isinstance(key, str) or not KEY.fullmatch(key) or self.store.has(key):
            return
        try:
            framed = self.disk.fetch(mode, filename, value, read=False)
            from_bytes(unframe(key, framed))
        except (PayloadError, OSError):
            self.lost.add(key)
            return
        self.store.rows.add(key, framed)
        self.lost.discard(key)
