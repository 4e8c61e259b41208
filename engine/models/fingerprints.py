"""A folder's fingerprint, hashed anew only when its files may have changed. No torch.

Hashing gigabytes takes seconds, so a fingerprint is remembered with what the file system says of
every file: size, time of modification, time of change, inode, device. Size and modification time
alone can lie: archives, Nix stores and images of containers pin the time, and ``touch -d`` sets
it. The time of change cannot be set, and writing, replacing or touching a file moves it. It is
believed under two conditions, otherwise contents are hashed:

- It is older than RECENT_S: a write in the clock's same tick leaves the same time.
- It has a fraction of a second. File systems without one (squashfs, FAT, ISO images) keep no time
  of change of their own, and the next image may say the same of other bytes. There a process
  believes what it hashed itself, and the ledger that outlives it is not asked.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cache.errors import ModelDamaged
from engine.models import manifest
from engine.models.model_files import read_files

RECENT_S = 2.0
SECOND_NS = 1_000_000_000
State = tuple[tuple[str, int, int, int, int, int], ...]  # name, size, mtime, ctime, inode, device
MOST_REMEMBERED = 64

_remembered: dict[tuple[str, str], tuple[State, str]] = {}
_lock = threading.Lock()


def shipped_fingerprint(folder: Path) -> str:
    """The fingerprint of a built-in model that is what its manifest says. Raises ModelDamaged."""
    return _recalled(folder, "shipped", manifest.check_manifest)


def folder_fingerprint(folder: Path) -> str:
    """The fingerprint of the files that loading may read. Raises ModelDamaged."""
    return _recalled(folder, "folder", _from_ledger)


def files_state(folder: Path) -> State:
    """What the file system says of the files that loading may read."""
    try:
        stats = [(name, path.stat()) for name, path in read_files(folder).items()]
    except OSError as error:
        raise ModelDamaged(f"{folder} cannot be read: {error}") from error
    return tuple(
        (name, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino, s.st_dev) for name, s in stats
    )


def settled(state: State, now_ns: int) -> bool:
    """Whether every change that is still to come will show in the state."""
    return all(changed < now_ns - RECENT_S * SECOND_NS for _, _, _, changed, _, _ in state)


def _outlives(state: State) -> bool:
    """Whether the times of change are the file system's own: see above."""
    return all(changed % SECOND_NS for _, _, _, changed, _, _ in state)


def _recalled(folder: Path, how: str, hashed: Callable[[Path], str]) -> str:
    state = files_state(folder)
    if not settled(state, time.time_ns()):
        return manifest.fingerprint(folder) if how == "folder" else hashed(folder)
    place = (str(folder.absolute()), how)
    with _lock:
        known = _remembered.get(place)
    if known is not None and known[0] == state:
        return known[1]
    fingerprint = hashed(folder)
    if files_state(folder) == state:
        with _lock:
            if len(_remembered) >= MOST_REMEMBERED:
                _remembered.clear()
            _remembered[place] = (state, fingerprint)
    return fingerprint


def _from_ledger(folder: Path) -> str:
    """The fingerprint as an earlier process wrote it down for this very state, or hashed."""
    from platformdirs import user_cache_path

    ledger = user_cache_path("stepscope") / "fingerprints.json"
    place, state = str(folder.absolute()), files_state(folder)
    entry = _entries(ledger).get(place)
    wanted = json.dumps(state)
    if _outlives(state) and isinstance(entry, dict) and entry.get("state") == wanted:
        return str(entry.get("fingerprint"))
    fingerprint = manifest.fingerprint(folder)
    if _outlives(state) and files_state(folder) == state:
        # a home that cannot be written costs hashing again, nothing else
        with contextlib.suppress(OSError):
            _write(ledger, place, {"state": wanted, "fingerprint": fingerprint})
    return fingerprint


def _entries(ledger: Path) -> dict[str, object]:
    try:
        known = json.loads(ledger.read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(ledger: Path, place: str, entry: dict[str, str]) -> None:
    ledger.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=ledger.parent, prefix=f"{ledger.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump({**_entries(ledger), place: entry}, file)
        Path(partial).replace(ledger)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise
