"""Where a store lies, whether what lies there is whole, and what can go wrong there."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from diskcache import Timeout
from platformdirs import user_data_path

from cache.errors import StoreError, StoreFull, StoreUnavailable

VARIABLE = "STEPSCOPE_STORE"
MARKER = "stepscope-store.json"
ENTRIES = "entries"  # the folder that diskcache gets
DATABASE = "cache.db"
LAYOUT = 1
TIMEOUT_S = 60  # how long one writer waits for another
OPENING_S = 10  # how long whoever opens a store waits for a writer
FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
AS_GOOD_AS_FULL = 2**20  # free bytes under which sqlite has no room for its own small files
WAYS_OUT = (
    "Restore it from a backup, or save what can be read of it into a new store: "
    "python -m engine store salvage NEW_FOLDER"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file a database is; another one at the same path has another identity."""

    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Marker:
    """What lies beside a store's database and says that it belongs there."""

    layout: int
    database: int | None = None  # the number of its database; None: marked before they had one


def default_folder() -> Path:
    """``STEPSCOPE_STORE`` where it is set, else the platform's folder for application data."""
    chosen = os.environ.get(VARIABLE, "")
    return at_home(Path(chosen)) if chosen else user_data_path("stepscope")


def at_home(folder: Path) -> Path:
    """A folder with its ``~`` understood. Raises StoreUnavailable for a person unknown here."""
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise StoreUnavailable(folder, f"{folder.parts[0]} is nobody's home here") from error


def prepare_folder(folder: Path) -> Path:
    """Make a store's folder (mode 0700) or check the one there; the folder of its entries.

    Raises StoreUnavailable when it is no folder, cannot be written, belongs to something else,
    or has lost its database.
    """
    with named_errors(folder):
        entries = folder / ENTRIES
        _check_links(folder, entries)
        if folder.exists() and not folder.is_dir():
            raise StoreUnavailable(folder, "it is a file, not a folder")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_marker(folder)
        if _taken(folder):
            raise StoreUnavailable(folder, "it holds other files; choose an empty or new folder")
        if not is_writable(folder):
            raise StoreUnavailable(folder, "it is read-only")
        entries.mkdir(mode=0o700, exist_ok=True)
    return entries


def check_marker(folder: Path) -> None:
    """Notice a database that is gone or empty: diskcache would open an empty store without a word.

    Raises StoreUnavailable; nothing is changed.
    """
    with named_errors(folder):
        if not (folder / MARKER).exists():
            return
        if not has_database(folder):
            raise StoreUnavailable(
                folder,
                f"its database {folder / ENTRIES / DATABASE} is gone or empty. Restore it from a "
                "backup, or move the folder away to start an empty store; nothing was changed",
            )
        read_marker(folder)


def has_database(folder: Path) -> bool:
    """Whether a store's database is there and not empty."""
    database = folder / ENTRIES / DATABASE
    return database.is_file() and database.stat().st_size > 0


def read_marker(folder: Path) -> Marker | None:
    """What a store's marker says; None where there is none, or a power cut took what it said.

    Raises StoreUnavailable for the marker of another layout.
    """
    try:
        marker = json.loads((folder / MARKER).read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return None  # what is there is no JSON: it was never written whole
    layout = marker.get("layout") if isinstance(marker, dict) else None
    if layout != LAYOUT or isinstance(layout, bool):
        raise StoreUnavailable(folder, f"its layout is {layout!s:.40}; this version reads {LAYOUT}")
    number = marker.get("database")
    return Marker(LAYOUT, number if type(number) is int else None)


def mark(folder: Path, database: int) -> None:
    """Leave the marker that says: here is a store with that database. Raises StoreUnavailable.

    It is on the disk when this returns: a marker lost in a power cut would close the store.
    """
    with named_errors(folder):
        if read_marker(folder) == Marker(LAYOUT, database):
            return
        partial = folder / f".{MARKER}.{os.getpid()}"
        with partial.open("w") as file:
            file.write(json.dumps({"layout": LAYOUT, "database": database}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / MARKER)
        for changed in (folder, folder.parent):  # the folder itself may be new
            sync_folder(changed)


def check_database(folder: Path, number: int | None) -> None:
    """Notice another database in the place of a store's own. Raises StoreUnavailable.

    ``number`` is the database's; None where it has no table of entries any more.
    """
    marker = read_marker(folder)
    if marker is None:
        return
    if number is None:
        raise StoreUnavailable(folder, f"its database has lost its table of entries. {WAYS_OUT}")
    if marker.database is not None and marker.database != number:
        raise StoreUnavailable(
            folder,
            "its database is not the one that was made here: another was put in its place. "
            f"Put it back, or remove {folder / MARKER} to go on with this one",
        )


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder onto the disk; a file system that cannot is left alone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return  # a folder above that may not be read
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_links(*folders: Path) -> None:
    for folder in folders:
        for path in (folder, *folder.parents):
            if path.is_symlink() and not path.exists():
                target = path.readlink()
                raise StoreUnavailable(folder, f"{path} is a link to {target}, which is not there")


def identity(folder: Path) -> Identity:
    """Which database a store has now. Raises StoreUnavailable when it has none."""
    try:
        status = (folder / ENTRIES / DATABASE).stat()
    except OSError as error:
        raise StoreUnavailable(folder, "its database was removed while it was open") from error
    return Identity(status.st_dev, status.st_ino)


def is_writable(folder: Path) -> bool:
    """Whether this user may write to a store's folder, its entries and its database."""
    entries = folder / ENTRIES
    database = entries / DATABASE
    return all(
        os.access(path, mode)
        for path, mode in (
            (folder, os.W_OK | os.X_OK),
            (entries, os.W_OK | os.X_OK),
            (database, os.W_OK),
        )
        if path == folder or path.exists()
    )


def free_bytes(folder: Path) -> int:
    """The free space of the disk a folder is on, for this user."""
    return shutil.disk_usage(folder).free


@contextmanager
def named_errors(folder: Path) -> Iterator[None]:
    """What sqlite, diskcache and the file system raise, as StoreErrors that name the folder."""
    try:
        yield
    except Timeout as error:
        reason = f"another process wrote to it for over {TIMEOUT_S} s, or it cannot be written"
        raise StoreUnavailable(folder, reason) from error
    except sqlite3.Error as error:
        raise _of_sqlite(folder, error) from error
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in FULL:
            raise StoreFull(folder, reason) from error
        raise StoreUnavailable(folder, reason) from error


def _of_sqlite(folder: Path, error: sqlite3.Error) -> StoreError:
    """A full disk may hide behind the rollback that failed after it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, sqlite3.Error) and "is full" in str(cause):
            return StoreFull(folder, str(cause))
        cause = cause.__context__
    message = str(error)
    if "disk I/O error" in message and _free_or_none(folder) < AS_GOOD_AS_FULL:
        return StoreFull(folder, f"{_free_or_none(folder):,} bytes are free")
    if "is locked" in message:
        reason = f"{message}: another process is writing to it; wait for it to finish, or end it"
        return StoreUnavailable(folder, reason)
    if "malformed" in message or "not a database" in message:
        return StoreUnavailable(folder, f"{message}. {WAYS_OUT}")
    return StoreUnavailable(folder, message)


def _free_or_none(folder: Path) -> int:
    try:
        return free_bytes(folder)
    except OSError:
        return AS_GOOD_AS_FULL


def _taken(folder: Path) -> bool:
    """Whether there are files and none is a store's; one listing, for others may be opening it."""
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    return bool(names) and names.isdisjoint((MARKER, ENTRIES))
