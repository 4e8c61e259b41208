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
FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file a database is; another one at the same path has another identity."""

    device: int
    inode: int


def default_folder() -> Path:
    """``STEPSCOPE_STORE`` where it is set, else the platform's folder for application data."""
    chosen = os.environ.get(VARIABLE, "")
    return Path(chosen).expanduser() if chosen else user_data_path("stepscope")


def prepare_folder(folder: Path) -> Path:
    """Make a store's folder (mode 0700) or check the one there; the folder of its entries.

    Raises StoreUnavailable when it is no folder, cannot be written, belongs to something else,
    or has lost its database.
    """
    with named_errors(folder):
        if folder.exists() and not folder.is_dir():
            raise StoreUnavailable(folder, "it is a file, not a folder")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_marker(folder)
        if _taken(folder):
            raise StoreUnavailable(folder, "it holds other files; choose an empty or new folder")
        if not is_writable(folder):
            raise StoreUnavailable(folder, "it is read-only")
        entries = folder / ENTRIES
        entries.mkdir(mode=0o700, exist_ok=True)
    return entries


def check_marker(folder: Path) -> None:
    """Notice a database that is gone or empty: diskcache would open an empty store without a word.

    Raises StoreUnavailable; nothing is changed.
    """
    marker, database = folder / MARKER, folder / ENTRIES / DATABASE
    if not marker.exists():
        return
    if not database.exists() or database.stat().st_size == 0:
        raise StoreUnavailable(
            folder,
            f"its database {database} is gone or empty. Restore it from a backup, or move "
            "the folder away to start an empty store; nothing was changed",
        )
    try:
        layout = json.loads(marker.read_text())["layout"]
    except (ValueError, LookupError, TypeError):
        layout = None
    if layout != LAYOUT:
        raise StoreUnavailable(folder, f"its layout is {layout}; this version reads {LAYOUT}")


def mark(folder: Path) -> None:
    """Leave the marker that says: here is a store with a database. Raises StoreUnavailable."""
    marker = folder / MARKER
    with named_errors(folder):
        if marker.exists():
            return
        partial = folder / f".{MARKER}.{os.getpid()}"
        partial.write_text(json.dumps({"layout": LAYOUT}) + "\n")
        partial.replace(marker)


def identity(folder: Path) -> Identity:
    """Which database a store has now. Raises StoreUnavailable when it has none."""
    try:
        found = (folder / ENTRIES / DATABASE).stat()
    except OSError as error:
        raise StoreUnavailable(folder, "its database was removed while it was open") from error
    return Identity(found.st_dev, found.st_ino)


def is_writable(folder: Path) -> bool:
    """Whether this user may write to a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


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
    return StoreUnavailable(folder, str(error))


def _taken(folder: Path) -> bool:
    """Whether there are files and none is a store's; one listing, for others may be opening it."""
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    return bool(names) and names.isdisjoint((MARKER, ENTRIES))
