"""The memory of all steps.

Entries live under ``kind:<64 hexadecimal>``. Nothing is evicted, nothing is overwritten (the
first stored payload is the truth for its key), nothing is unpickled. Safe for several threads and
processes on one machine; not for a network file system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cache import folder as folders
from cache.disk import frame, unframe
from cache.errors import (
    InvalidInput,
    MissingFromStore,
    PayloadDamaged,
    PayloadError,
    StoreFull,
    StoreUnavailable,
)
from cache.payload import Payload, from_bytes, to_bytes
from cache.rows import Rows, looked_at
from cache.single_flight import exclusively

KEY = re.compile(r"[a-z]+:[0-9a-f]{64}")
PREFIX = re.compile(r"(?:[a-z]+(?::[0-9a-f]{0,64})?)?")
FLOOR_BYTES = 64 * 2**20  # free space that is never used up: sqlite needs some even to delete
OPENING = ".opening"


@dataclass(frozen=True, slots=True)
class KindStats:
    """How much of one kind a store holds."""

    entries: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoreStats:
    """How much a store holds; ``by_prefix`` has the kinds of keys (run, step, forward...)."""

    folder: Path
    entries: int
    size_bytes: int
    free_bytes: int
    by_prefix: dict[str, KindStats]


class Store:
    """An open store; close it, or use it as a context manager. Threads may share it."""

    def __init__(self, folder: Path, rows: Rows) -> None:
        self.folder = folder
        self.rows = rows
        self._database = folders.identity(folder)

    @classmethod
    def open(
        cls, folder: Path | str | None = None, *, read_only_ok: bool = False, to_read: bool = False
    ) -> Self:
        """The store in a folder, made if there is none; None means the default folder.

        With ``read_only_ok`` a store that may only be read, or lies on a full disk, or is locked
        by another process, opens too and refuses every change. With ``to_read`` one that is there
        is only ever read, and no writer is waited for. Raises StoreUnavailable or StoreFull,
        which name the folder.
        """
        chosen = folders.at_home(Path(folder)) if folder is not None else folders.default_folder()
        chosen = chosen.absolute()
        with folders.named_errors(chosen):
            there = folders.has_database(chosen)
            only_read = to_read or (read_only_ok and not folders.is_writable(chosen))
            if only_read and chosen.is_dir() and (there or not folders.is_writable(chosen)):
                return cls._open_read_only(chosen)
        try:
            return cls._open(chosen)
        except (StoreFull, StoreUnavailable):
            if not there or not (read_only_ok or to_read):
                raise
            try:
                return cls._open_read_only(chosen)
            except StoreUnavailable:
                pass  # what stopped the first opening says more
            raise

    @classmethod
    def _open(cls, folder: Path) -> Self:
        entries = folders.prepare_folder(folder)
        # one at a time: openers that meet in a new database wait long for each other in sqlite
        with folders.named_errors(folder), exclusively(folder / OPENING):
            folders.check_marker(folder)
            there = folders.has_database(folder)
            with looked_at(folder, entries) if there else nullcontext(0) as number:
                if there:
                    folders.check_database(folder, number)
                rows = Rows.open(folder, entries)
            folders.mark(folder, rows.number())
        return cls(folder, rows)

    @classmethod
    def _open_read_only(cls, folder: Path) -> Self:
        folders.check_marker(folder)
        rows = Rows.open_read_only(folder, folder / folders.ENTRIES)
        number = rows.number() if rows.has_table() else None
        if number != 0:  # 0: what it was given stands in a log that may not be read
            folders.check_database(folder, number)
        return cls(folder, rows)

    @property
    def read_only(self) -> bool:
        """Whether every change is refused."""
        return self.rows.read_only

    def close(self) -> None:
        """Close the database."""
        self.rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def get(self, key: str) -> Payload:
        """The payload under a key. Raises MissingFromStore, PayloadDamaged, PickleRefused."""
        payload = self.find(key)
        if payload is None:
            raise MissingFromStore(key)
        return payload

    def find(self, key: str) -> Payload | None:
        """The payload under a key, None when there is none. Raises as ``get`` does."""
        framed = self.rows.read(_checked(key))
        if framed is None:
            return None
        body = unframe(key, framed)
        try:
            return from_bytes(body)
        except PayloadError as error:
            raise PayloadDamaged(key, str(error)) from error

    def has(self, key: str) -> bool:
        """Whether there is an entry under a key; its value is not read."""
        return self.rows.has(_checked(key))

    def present(self, keys: Sequence[str]) -> list[bool]:
        """For each key whether it has an entry; hundreds in one query."""
        stored = self.rows.present(_checked(key) for key in keys)
        return [key in stored for key in keys]

    def sizes(self, keys: Sequence[str]) -> dict[str, int]:
        """The bytes under each of the keys that has an entry; hundreds in one query."""
        return self.rows.sizes_of(_checked(key) for key in keys)

    def put(self, key: str, payload: Payload) -> bool:
        """Store a payload; False when the key is taken, whose payload then stays.

        When it returns the payload is on the disk. Raises InvalidInput, PayloadTooLarge,
        StoreFull, StoreUnavailable; nothing that was stored is touched.
        """
        if self.has(key):
            return False
        framed = frame(key, to_bytes(payload))
        self._make_sure_of_room(len(framed))
        return self.rows.add(key, framed)

    def replace(self, key: str, payload: Payload) -> None:
        """Store a payload whether or not the key is taken; for a manifest's tags and notes only.

        The entry keeps its age and its place in ``scan``. Raises as ``put`` does.
        """
        framed = frame(_checked(key), to_bytes(payload))
        self._make_sure_of_room(len(framed))
        self.rows.overwrite(key, framed)

    def scan(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a prefix, as ``run:`` or ``run:3f9c``, newest first."""
        return iter(self.rows.keys(_checked_prefix(prefix)))

    def stamps(self, prefix: str) -> dict[str, str]:
        """The keys as ``scan`` gives them, each with a stamp that changes with its payload."""
        return dict(self.rows.stamps(_checked_prefix(prefix)))

    def standing(self, prefix: str) -> tuple[int, int, str]:
        """Equal while no key with a prefix comes or goes; milliseconds for any number of keys."""
        return self.rows.standing(_checked_prefix(prefix))

    def written(self) -> object | None:
        """Equal only while nothing at all is written; None just after a write. No query."""
        return self.rows.written()

    def delete(self, keys: Iterable[str]) -> int:
        """Delete entries, all or none; how many there were."""
        return self.rows.delete([_checked(key) for key in keys])[0]

    def pin(self, name: str) -> None:
        """Keep a run, by its id, from every clean-up."""
        self.put(f"pin:{name}", Payload())

    def unpin(self, name: str) -> None:
        """Let clean-ups have a run again."""
        self.delete([f"pin:{name}"])

    def pins(self) -> frozenset[str]:
        """The ids of the pinned runs."""
        return frozenset(key.removeprefix("pin:") for key in self.scan("pin:"))

    def stats(self) -> StoreStats:
        """How many entries and bytes, of which kinds, and how much room is left."""
        kinds = {kind: KindStats(*size) for kind, size in self.rows.sizes().items()}
        return StoreStats(
            folder=self.folder,
            entries=sum(kind.entries for kind in kinds.values()),
            size_bytes=sum(kind.size_bytes for kind in kinds.values()),
            free_bytes=folders.free_bytes(self.folder),
            by_prefix=kinds,
        )

    def _make_sure_of_room(self, size_bytes: int) -> None:
        """Raises StoreFull before anything is written, StoreUnavailable for a lost database."""
        if folders.identity(self.folder) != self._database:
            raise StoreUnavailable(self.folder, "its database was replaced while it was open")
        free = folders.free_bytes(self.folder)
        if free - size_bytes < FLOOR_BYTES:
            reason = f"{free:,} bytes are free and {FLOOR_BYTES:,} are kept free"
            raise StoreFull(self.folder, reason)


def _checked(key: str) -> str:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise InvalidInput(f"a key must be kind:<64 hexadecimal>, got {key!r:.90}")
    return key


def _checked_prefix(prefix: str) -> str:
    if not PREFIX.fullmatch(prefix):
        raise InvalidInput(f"prefix must look like run: or run:3f9c, got {prefix!r}")
    return prefix
