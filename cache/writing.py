"""Which runs are being written: said by whoever writes them, heard by whoever cleans up.

A writer keeps a small file in the store's folder, and a lock on it, for as long as it is at work.
The kernel lets go when it dies, however it dies, and the file it leaves behind says nothing then.
Writers that come while a clean-up decides wait until it is done.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from cache.folder import named_errors
from cache.single_flight import exclusively
from cache.store import Store

FOLDER = "writing"
DOOR = ".cleaning"  # held by a clean-up while it decides, and by a writer while it says its runs


@contextmanager
def being_written(store: Store, runs: Sequence[str]) -> Iterator[None]:
    """Keep runs, by their ids, from every clean-up for as long as this lasts."""
    if store.rows.read_only:
        yield
        return
    folder = store.folder / FOLDER
    path = folder / f"{os.getpid()}-{os.urandom(8).hex()}.json"
    with named_errors(store.folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        with exclusively(store.folder / DOOR):
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(path, flags, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, json.dumps(list(dict.fromkeys(runs))).encode())
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


@contextmanager
def runs_being_written(store: Store, *, hold: bool) -> Iterator[frozenset[str]]:
    """The runs that somebody is writing; with ``hold`` nobody begins to write others meanwhile."""
    door = exclusively(store.folder / DOOR) if hold and not store.rows.read_only else nullcontext()
    with named_errors(store.folder), door:
        by_writer = [_said(path) for path in (store.folder / FOLDER).glob("*.json")]
        yield frozenset(run for runs in by_writer for run in runs)


def _said(path: Path) -> Sequence[str]:
    """What the writer of a file said; of one that is no more nothing, and its file goes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return ()  # it has just ended
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return list(json.loads(path.read_bytes()))
    else:
        with suppress(OSError):
            path.unlink()
        return ()
    finally:
        os.close(descriptor)
