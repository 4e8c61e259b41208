"""One computation for two askers: a key is claimed before it is computed.

A claim is an flock on one of 4096 files that are never removed. The kernel drops it when its
holder dies, however it dies; a lock kept as a row in a database would stay behind. Two keys may
share a file: then the second asker waits for nothing, which costs time and never truth.

A claim is a courtesy, not a guard: the store takes the first payload of a key and keeps it. So
an asker whose deadline passes goes on without the claim instead of failing.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from cache.folder import named_errors

STRIPES = 4096
CLAIMS = "claims"
DEADLINE_S = 3600.0
POLL_S = (0.002, 0.05)  # the first wait and the longest

Found = TypeVar("Found")
log = logging.getLogger(__name__)


class _Held(threading.local):
    """The files this thread holds: path -> (descriptor, how often it was taken)."""

    def __init__(self) -> None:
        self.files: dict[Path, tuple[int, int]] = {}


_held = _Held()
_descriptors: set[int] = set()  # of every thread, for a fork to close


@contextmanager
def claim(folder: Path, key: str, *, deadline_s: float = DEADLINE_S) -> Iterator[bool]:
    """Hold a key for this thread; see ``claim_all``."""
    with claim_all(folder, [key], deadline_s=deadline_s) as held:
        yield held


@contextmanager
def claim_all(
    folder: Path, keys: Iterable[str], *, deadline_s: float = DEADLINE_S
) -> Iterator[bool]:
    """Hold several keys for this thread, taken in one order so that two askers cannot deadlock.

    Waits while another process or thread holds one of them, at most ``deadline_s`` in all;
    yields whether all are held. Look in the store once inside: the other may have stored it.
    A thread may claim again what it holds, or another key on the same file. Raises
    StoreUnavailable when the store's ``folder`` cannot be written.
    """
    deadline = time.monotonic() + deadline_s
    paths = [folder / CLAIMS / f"{number:03x}" for number in sorted({stripe(key) for key in keys})]
    taken: list[Path] = []
    try:
        with named_errors(folder):
            (folder / CLAIMS).mkdir(mode=0o700, exist_ok=True)
            for path in paths:
                if not _take(path, deadline):
                    log.warning("computing without a claim: %s was held past the deadline", path)
                    break
                taken.append(path)
        yield len(taken) == len(paths)
    finally:
        for path in reversed(taken):
            _let_go(path)


def stripe(key: str) -> int:
    """The number, 0 to STRIPES - 1, of the file that guards a key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % STRIPES


@contextmanager
def exclusively(path: Path, *, deadline_s: float = 60) -> Iterator[None]:
    """Hold one lock file, made if it is not there. Raises TimeoutError after ``deadline_s``."""
    if not _take(path, time.monotonic() + deadline_s):
        raise TimeoutError(f"another process held {path} for over {deadline_s:g} s")
    try:
        yield
    finally:
        _let_go(path)


def _take(path: Path, deadline: float) -> bool:
    """Lock a file for this thread, or count once more one that it has; False at the deadline."""
    if path in _held.files:
        descriptor, times = _held.files[path]
        _held.files[path] = (descriptor, times + 1)
        return True
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    wait_s = POLL_S[0]
    try:
        while not _lock(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return False
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, POLL_S[1])
    except BaseException:
        os.close(descriptor)
        raise
    _held.files[path] = (descriptor, 1)
    _descriptors.add(descriptor)
    return True


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _let_go(path: Path) -> None:
    if path not in _held.files:
        return  # a fork's child never had it
    descriptor, times = _held.files.pop(path)
    if times > 1:
        _held.files[path] = (descriptor, times - 1)
        return
    _descriptors.discard(descriptor)
    os.close(descriptor)


def _forget_after_fork() -> None:
    """A child shares its parent's locks until it closes them, and would keep them from others."""
    for descriptor in _descriptors:
        os.close(descriptor)
    _descriptors.clear()
    _held.files.clear()


os.register_at_fork(after_in_child=_forget_after_fork)
