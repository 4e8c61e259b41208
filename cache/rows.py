"""The database's rows: the one place that opens diskcache, and the only SQL.

diskcache gives the schema, a connection per thread, transactions and the value files. What it
has no call for (many keys at once, prefixes, sizes, "insert unless there") is SQL on its table,
which is why its version is pinned. Nothing is evicted and nothing expires.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self

from diskcache import Cache

from cache.disk import HEAD_BYTES, SafeDisk
from cache.errors import PayloadDamaged, PayloadError, PickleRefused, StoreUnavailable
from cache.folder import DATABASE, OPENING_S, TIMEOUT_S, named_errors
from cache.read_only import ReadOnlyCache

IN_DATABASE_BYTES = 128 * 1024  # smaller values are rows, larger ones files
NAMES = 500  # keys in one SQL statement
LAST = "\U0010ffff"  # sorts behind every key
SETTLED_NS = 200_000_000  # a file's stamp that is older tells every write from the next
SYNC_FULL = 2  # what was reported stored survives a power cut
HAS_TABLE = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'Cache'"
SETTINGS = {
    "eviction_policy": "none",
    "cull_limit": 0,
    "size_limit": 2**62,
    "statistics": 0,
    "tag_index": 0,
    "disk_min_file_size": IN_DATABASE_BYTES,
    "sqlite_mmap_size": 0,  # a mapped file that shrinks kills the process
}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry without its value."""

    rowid: int
    key: str
    stored_at: float  # seconds since the epoch
    size_bytes: int
    filename: str | None


class Rows:
    """The rows of one store. Every sqlite and file error comes out naming the store's folder."""

    def __init__(self, folder: Path, cache: Cache) -> None:
        self.folder = folder
        self.read_only = isinstance(cache, ReadOnlyCache)
        self._cache = cache
        self._sized: tuple[object, dict[str, tuple[int, int]]] = (None, {})

    @classmethod
    def open(cls, folder: Path, entries: Path) -> Self:
        """The rows in ``entries``, made if they are not there. Raises StoreUnavailable."""
        try:
            with named_errors(folder):
                cache = Cache(str(entries), timeout=TIMEOUT_S, disk=SafeDisk, **SETTINGS)
                if cache.sqlite_synchronous != SYNC_FULL:
                    # not among SETTINGS: the forty commits that make a new database need no sync
                    cache.reset("sqlite_synchronous", SYNC_FULL)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            reason = f"its database has settings that were never written: {error}"
            raise StoreUnavailable(folder, reason) from error
        if (cache.eviction_policy, cache.cull_limit) != ("none", 0):
            raise StoreUnavailable(folder, "its settings would evict entries")
        return cls(folder, cache)

    @classmethod
    def open_read_only(cls, folder: Path, entries: Path) -> Self:
        """The rows in a folder that may only be read. Raises StoreUnavailable."""
        with named_errors(folder):
            return cls(folder, ReadOnlyCache(entries, min_file_size=IN_DATABASE_BYTES))

    def has_table(self) -> bool:
        """Whether the database has its table of entries."""
        return bool(self._select(HAS_TABLE, ())[0][0])

    def number(self) -> int:
        """The number that tells this database from every other, given to it when it has none."""
        with named_errors(self.folder):
            number: int = self._cache._sql("PRAGMA user_version").fetchone()[0]
            if not number and not self.read_only:
                number = secrets.randbelow(2**31 - 1) + 1
                self._cache._sql(f"PRAGMA user_version = {number}")
                self._cache._sql("PRAGMA wal_checkpoint(PASSIVE)")  # it must outlive a lost log
        return number

    def close(self) -> None:
        """Close this thread's connection; other threads' close with them."""
        self._cache.close()

    def read(self, key: str) -> bytes | None:
        """The frame under a key, None when there is none.

        Raises PickleRefused, and PayloadDamaged when the row cannot be read or its file is gone.
        """
        with named_errors(self.folder):
            for _ in range(2):  # a row may come and go between the two looks
                try:
                    framed: bytes | None = self._cache.get(key)
                except PickleRefused as error:
                    raise PickleRefused(f"{key}: {error}") from error
                except PayloadError as error:
                    raise PayloadDamaged(key, str(error)) from error
                if framed is not None or key not in self._cache:
                    return framed
        raise PayloadDamaged(key, "its value file is gone or cannot be read")

    def has(self, key: str) -> bool:
        """Whether there is a row under a key."""
        with named_errors(self.folder):
            return key in self._cache

    def add(self, key: str, framed: bytes) -> bool:
        """Insert a row unless there is one; whether it was inserted. On the disk on return."""
        self._refuse_read_only()
        with named_errors(self.folder):
            return bool(self._cache.add(key, framed))

    def overwrite(self, key: str, framed: bytes) -> None:
        """Insert a row or replace its value; its age and its place among the others stay."""
        self._refuse_read_only()
        with named_errors(self.folder):
            size, mode, filename, value = self._cache.disk.store(framed, False, key=key)
            with self._cache._transact(filename=filename) as (sql, cleanup):
                where = "WHERE key = ? AND raw = 1"
                rows = sql(f"SELECT filename FROM Cache {where}", (key,)).fetchall()
                if rows:
                    cleanup(rows[0][0])
                    change = f"UPDATE Cache SET size=?, mode=?, filename=?, value=? {where}"
                    sql(change, (size, mode, filename, value, key))
                else:
                    columns = (None, None, size, mode, filename, value)
                    self._cache._row_insert(key, True, time.time(), columns)

    def present(self, keys: Iterable[str]) -> set[str]:
        """Which of the keys have a row."""
        stored: set[str] = set()
        for some in _batches(keys):
            query = f"SELECT key FROM Cache WHERE raw = 1 AND key IN ({_marks(some)})"
            stored.update(key for (key,) in self._select(query, some))
        return stored

    def sizes_of(self, keys: Iterable[str]) -> dict[str, int]:
        """The bytes of each of the keys that has a row."""
        sizes: dict[str, int] = {}
        for some in _batches(keys):
            columns, where = "key, coalesce(size, 0)", f"raw = 1 AND key IN ({_marks(some)})"
            query = f"SELECT {columns} FROM Cache WHERE {where}"
            sizes.update(self._select(query, some))
        return sizes

    def stamps(self, prefix: str) -> list[tuple[str, str]]:
        """The keys that begin with a prefix, the last inserted first, each with its stamp.

        A stamp is another one whenever the value is another one; the values are not read whole.
        """
        query = (
            f"SELECT key, coalesce(filename, hex(substr(value, 1, {HEAD_BYTES}))) FROM Cache"
            " WHERE raw = 1 AND key >= ? AND key < ? ORDER BY rowid DESC"
        )
        return self._select(query, (prefix, prefix + LAST))

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with a prefix, the last inserted first."""
        query = "SELECT key FROM Cache WHERE raw = 1 AND key >= ? AND key < ? ORDER BY rowid DESC"
        return [key for (key,) in self._select(query, (prefix, prefix + LAST))]

    def standing(self, prefix: str) -> tuple[int, int, str]:
        """(how many keys begin with a prefix, the newest one's row, the newest one).

        Equal while none comes and none goes; what is under the keys may change.
        """
        query = (
            "SELECT count(*), coalesce(max(rowid), 0) FROM Cache"
            " WHERE raw = 1 AND key >= ? AND key < ?"
        )
        ((count, newest),) = self._select(query, (prefix, prefix + LAST))
        last = self._select("SELECT key FROM Cache WHERE rowid = ?", (newest,))
        return count, newest, str(last[0][0]) if last else ""

    def written(self) -> tuple[tuple[int, ...], ...] | None:
        """Equal only while nothing is written to the database; None just after a write.

        The files' own stamps, which are coarse: those of the last moments may stand for two
        writes, and so for nothing.
        """
        stamps, now = [], time.time_ns()
        for name in (DATABASE, f"{DATABASE}-wal"):
            try:
                there = (Path(self._cache.directory) / name).stat()
            except OSError:
                continue
            if now - there.st_mtime_ns < SETTLED_NS:
                return None
            stamps.append((there.st_ino, there.st_size, there.st_mtime_ns))
        return tuple(stamps) or None

    def listing(self, prefix: str = "") -> list[Row]:
        """The rows whose keys begin with a prefix, the first inserted first."""
        query = (
            "SELECT rowid, key, store_time, coalesce(size, 0), filename FROM Cache"
            " WHERE raw = 1 AND key >= ? AND key < ? ORDER BY rowid"
        )
        return [Row(*row) for row in self._select(query, (prefix, prefix + LAST))]

    def foreign(self) -> list[int]:
        """The rowids of rows whose key is not text: nothing here wrote them."""
        query = "SELECT rowid FROM Cache WHERE raw IS NOT 1 OR typeof(key) != 'text'"
        return [rowid for (rowid,) in self._select(query, ())]

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How many rows and bytes there are of each kind, the part of a key before the colon.

        Counted anew when something was written: it reads every row's key.
        """
        written = self.written()
        if written is not None and written == self._sized[0]:
            return self._sized[1]
        query = (
            "SELECT substr(key, 1, instr(key, ':') - 1), count(*), coalesce(sum(size), 0)"
            " FROM Cache WHERE raw = 1 GROUP BY 1 ORDER BY 1"
        )
        sizes = {str(kind): (count, size) for kind, count, size in self._select(query, ())}
        self._sized = (written, sizes)
        return sizes

    def value_files(self) -> set[str]:
        """The value files that rows name."""
        query = "SELECT filename FROM Cache WHERE filename IS NOT NULL"
        return {str(name) for (name,) in self._select(query, ())}

    def delete(self, keys: Iterable[str]) -> tuple[int, int]:
        """Delete rows and then their files, all or none; how many rows and bytes there were."""
        with self.transaction() as delete:
            return delete(keys)

    def delete_foreign(self) -> int:
        """Delete the rows that nothing here wrote; the files they name are left alone."""
        self._refuse_read_only()
        rowids = self.foreign()
        with named_errors(self.folder), self._cache._transact() as (sql, _):
            for some in _batches(rowids):
                sql(f"DELETE FROM Cache WHERE rowid IN ({_marks(some)})", some)
        return len(rowids)

    @contextmanager
    def transaction(self) -> Iterator[Callable[[Iterable[str]], tuple[int, int]]]:
        """Hold off every other writer; yields what ``delete`` does, to be called inside.

        What this thread reads inside stays true until the end. An exception takes all of it
        back; files go once it is committed, so a kill leaves at most files without rows.
        """
        self._refuse_read_only()
        with named_errors(self.folder), self._cache._transact() as (sql, cleanup):

            def delete(keys: Iterable[str]) -> tuple[int, int]:
                count = size = 0
                for some in _batches(keys):
                    where = f"WHERE raw = 1 AND key IN ({_marks(some)})"
                    for row_bytes, name in sql(f"SELECT size, filename FROM Cache {where}", some):
                        count, size = count + 1, size + row_bytes
                        cleanup(name)
                    sql(f"DELETE FROM Cache {where}", some)
                return count, size

            yield delete

    def _refuse_read_only(self) -> None:
        if self.read_only:
            raise StoreUnavailable(self.folder, "it was opened read-only")

    def _select(self, query: str, values: Sequence[Any]) -> list[Any]:
        with named_errors(self.folder):
            rows: list[Any] = self._cache._sql(query, values).fetchall()
            return rows


@contextmanager
def looked_at(folder: Path, entries: Path) -> Iterator[int | None]:
    """The number of the database in ``entries``; None when it has no table of entries.

    To be asked before diskcache opens it, which makes a missing table anew without a word and
    waits for a writer for a minute. The connection stays until the end: the last one to close
    would clear away the log for the next to make it again.
    """
    opened = sqlite3.connect(entries / DATABASE, timeout=OPENING_S, isolation_level=None)
    with closing(opened):
        with named_errors(folder):
            opened.execute("BEGIN IMMEDIATE")
            has_table = opened.execute(HAS_TABLE).fetchone()[0]
            number = opened.execute("PRAGMA user_version").fetchone()[0] if has_table else None
            opened.execute("ROLLBACK")
        yield number


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, NAMES)):
        yield batch


def _marks(items: Sequence[Any]) -> str:
    return ",".join("?" * len(items))
