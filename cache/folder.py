"""Where a store lies, and whether what lies there is whole."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from cache.errors import StoreUnavailable

VARIABLE = "STEPSCOPE_STORE"
MARKER = "stepscope-store"
ENTRIES = "entries"


def default_folder() -> Path:
    """``STEPSCOPE_STORE`` where it is set, else the platform's folder for application data."""
    chosen = os.environ.get(VARIABLE, "")
    return Path(chosen).expanduser() if chosen else user_data_path("stepscope")


def prepare_folder(folder: Path) -> Path:
    """Make a store's folder (mode 0700) or check the one there; the folder of its entries.

    Raises StoreUnavailable when it is no folder, cannot be written, or has lost its database.
    """
    entries, marker = folder / ENTRIES, folder / MARKER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = entries / "cache.db"
        lost = not database.exists() or database.stat().st_size == 0
        if marker.exists() and lost:
            # diskcache would open it as an empty store without a word
            raise StoreUnavailable(
                folder,
                f"its database {database} is gone or empty; restore it, or remove the file "
                f"{marker} to start an empty store",
            )
        entries.mkdir(mode=0o700, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StoreUnavailable(folder, "it is read-only")
    except OSError as error:
        raise StoreUnavailable(folder, error.strerror or str(error)) from error
    return entries


def mark(folder: Path) -> None:
    """Leave the marker that says: here was a store with a database."""
    try:
        (folder / MARKER).touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(folder, error.strerror or str(error)) from error
