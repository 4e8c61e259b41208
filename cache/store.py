"""The memory of all steps: the only place that opens diskcache.

Entries live under ``kind:<64 hex>``. Nothing is evicted, nothing is overwritten (the first stored
payload is the truth for its key), nothing is unpickled. Safe for several threads and processes on
one machine; not for a network file system.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from diskcache import Cache, Timeout

from cache.disk import SafeDisk
from cache.errors import (
    InvalidInput,
    MissingFromStore,
    PayloadDamaged,
    PayloadError,
    StoreFull,
    StoreUnavailable,
)
from cache.folder import default_folder, mark, prepare_folder
from cache.payload import Payload, from_bytes, to_bytes

KEY = re.compile(r"[a-z]+:[0-9a-f]{64}")
FILE_BYTES = 32 * 1024  # larger values are files, smaller ones rows
FLOOR_BYTES = 64 * 2**20  # free space that is never used up
TIMEOUT_S = 60
ROWS = 500  # names in one SQL query


@dataclass(frozen=True, slots=True)
class StoreStats:
    """How much a store holds; ``by_kind`` is kind -> (entries, bytes)."""

    folder: Path
    entries: int
    size_bytes: int
    free_bytes: int
    runs: int
    pinned: int
    by_kind: Mapping[str, tuple[int, int]]


class Store:
    """An open store. Use ``Store.open``; close it, or use it as a context manager."""

    def __init__(self, folder: Path, rows: Cache) -> None:
        self.folder = folder
        self.rows = rows

    @classmethod
    def open(cls, folder: Path | str | None = None) -> Self:
        """The store in a folder, made if it is not there; None means the default folder.

        Raises StoreUnavailable, which names the folder, when it cannot be used.
        """
        chosen = default_folder() if folder is None else Path(folder).expanduser()
        entries = prepare_folder(chosen)
        with _named_errors(chosen):
            rows = Cache(
                str(entries),
                timeout=TIMEOUT_S,
                disk=SafeDisk,
                disk_min_file_size=FILE_BYTES,
                eviction_policy="none",
                cull_limit=0,
                size_limit=2**62,
                statistics=0,
                tag_index=0,
            )
        if rows.eviction_policy != "none" or rows.cull_limit != 0:
            raise StoreUnavailable(chosen, "its settings would evict entries")
        mark(chosen)
        return cls(chosen.resolve(), rows)

    def close(self) -> None:
        """Close the database."""
        self.rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def has(self, key: str) -> bool:
        """Whether there is an entry under a key, without reading it."""
        return self.present([key])[0]

    def present(self, keys: Sequence[str]) -> list[bool]:
        """For each key whether it has an entry; one query for hundreds of them."""
        wanted = [_checked(key) for key in keys]
        found: set[str] = set()
        for at in range(0, len(wanted), ROWS):
            some = wanted[at : at + ROWS]
            marks = ",".join("?" * len(some))
            found |= {
                row[0] for row in self._sql(f"SELECT key FROM Cache WHERE key IN ({marks})", some)
            }
        return [key in found for key in wanted]

    def find(self, key: str) -> Payload | None:
        """The payload under a key, None when there is none. Raises PayloadDamaged."""
        with _named_errors(self.folder):
            try:
                data = self.rows.get(_checked(key), retry=True)
            except PayloadDamaged as error:
                raise PayloadDamaged(key) from error
        return None if data is None else _opened(key, data)

    def get(self, key: str) -> Payload:
        """The payload under a key. Raises MissingFromStore, PayloadDamaged."""
        payload = self.find(key)
        if payload is None:
            raise MissingFromStore(key)
        return payload

    def put(self, key: str, payload: Payload) -> bool:
        """Store a payload; False when the key is taken, whose payload then stays.

        When it returns, a kill of the process loses nothing. Raises StoreFull,
        StoreUnavailable.
        """
        data = _sealed(_checked(key), payload)
        self._keep_floor(len(data))
        with _named_errors(self.folder):
            if self.has(key):
                return False
            return bool(self.rows.add(key, data, retry=True))

    def replace(self, key: str, payload: Payload) -> None:
        """Store a payload whether or not the key is taken; for manifests only."""
        data = _sealed(_checked(key), payload)
        self._keep_floor(len(data))
        with _named_errors(self.folder):
            since = self._sql("SELECT store_time FROM Cache WHERE key = ?", [key])
            self.rows.set(key, data, retry=True)
            if since:  # a note does not make a run newer
                self._sql("UPDATE Cache SET store_time = ? WHERE key = ?", [since[0][0], key])

    def scan(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a prefix, as ``run:`` or ``run:3f9c``, newest first."""
        query = (
            "SELECT key FROM Cache WHERE key >= ? AND key < ? ORDER BY store_time DESC, rowid DESC"
        )
        for row in self._sql(query, [prefix, prefix + "\U0010ffff"]):
            yield str(row[0])

    def delete(self, keys: Iterable[str]) -> int:
        """Delete entries; how many there were."""
        with _named_errors(self.folder):
            return sum(bool(self.rows.delete(_checked(key), retry=True)) for key in keys)

    def pin(self, run: str) -> None:
        """Keep a run from every clean-up."""
        with _named_errors(self.folder):
            self.rows.set(_checked(f"pin:{run}"), time.time(), retry=True)

    def unpin(self, run: str) -> None:
        """Let clean-ups have a run again."""
        self.delete([f"pin:{run}"])

    def pins(self) -> frozenset[str]:
        """The pinned runs."""
        return frozenset(key.removeprefix("pin:") for key in self.scan("pin:"))

    def stats(self) -> StoreStats:
        """How many entries, how many bytes, of which kinds."""
        query = (
            "SELECT substr(key, 1, instr(key, ':') - 1) AS kind, count(*),"
            " sum(CASE WHEN filename IS NULL THEN length(value) ELSE size END)"
            " FROM Cache GROUP BY kind"
        )
        by_kind = {str(kind): (int(n), int(size or 0)) for kind, n, size in self._sql(query, [])}
        return StoreStats(
            folder=self.folder,
            entries=sum(n for n, _ in by_kind.values()),
            size_bytes=sum(size for _, size in by_kind.values()),
            free_bytes=free_bytes(self.folder),
            runs=by_kind.get("run", (0, 0))[0],
            pinned=by_kind.get("pin", (0, 0))[0],
            by_kind=by_kind,
        )

    def ages_s(self, prefix: str) -> dict[str, float]:
        """The seconds since each entry of a prefix was stored."""
        query = "SELECT key, store_time FROM Cache WHERE key >= ? AND key < ?"
        now = time.time()
        return {str(k): now - t for k, t in self._sql(query, [prefix, prefix + "\U0010ffff"])}

    def value_files(self) -> dict[str, str]:
        """The value file, relative to the entries' folder, of every key that has one."""
        query = "SELECT key, filename FROM Cache WHERE filename IS NOT NULL"
        return {str(key): str(name) for key, name in self._sql(query, [])}

    def size_bytes(self, keys: Sequence[str]) -> int:
        """The bytes some entries take together."""
        total = 0
        for at in range(0, len(keys), ROWS):
            some = [_checked(key) for key in keys[at : at + ROWS]]
            query = (
                "SELECT sum(CASE WHEN filename IS NULL THEN length(value) ELSE size END)"
                f" FROM Cache WHERE key IN ({','.join('?' * len(some))})"
            )
            total += int(self._sql(query, some)[0][0] or 0)
        return total

    def _sql(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with _named_errors(self.folder):
            return list(self.rows._sql_retry(query, values).fetchall())

    def _keep_floor(self, size_bytes: int) -> None:
        free = free_bytes(self.folder)
        if free - size_bytes < FLOOR_BYTES:
            raise StoreFull(self.folder, f"{free} bytes are free, {FLOOR_BYTES} are kept free")


def free_bytes(folder: Path) -> int:
    """The free space of the disk a folder is on."""
    return shutil.disk_usage(folder).free


@contextmanager
def _named_errors(folder: Path) -> Iterator[None]:
    """What sqlite, diskcache and the file system raise, as errors that name the folder."""
    try:
        yield
    except Timeout as error:
        raise StoreUnavailable(folder, f"another process held it for {TIMEOUT_S} s") from error
    except sqlite3.Error as error:
        if "full" in str(error):
            raise StoreFull(folder, str(error)) from error
        raise StoreUnavailable(folder, str(error)) from error
    except OSError as error:
        if error.errno in (28, 122):  # ENOSPC, EDQUOT
            raise StoreFull(folder, os.strerror(error.errno)) from error
        raise StoreUnavailable(folder, str(error)) from error


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise InvalidInput(f"a key must look like kind:<64 hexadecimal>, got {key!r}")
    return key


def _sealed(key: str, payload: Payload) -> bytes:
    """Payload bytes with their key before them, so that a swapped value is noticed."""
    return bytes([len(key)]) + key.encode() + to_bytes(payload)


def _opened(key: str, data: object) -> Payload:
    if not isinstance(data, bytes) or data[1 : 1 + data[0]] != key.encode():
        raise PayloadDamaged(key, "it holds another key's value")
    try:
        return from_bytes(data[1 + data[0] :])
    except PayloadError as error:
        raise PayloadDamaged(key, str(error)) from error
