"""One computation for two askers: a key is claimed before it is computed.

A claim is an flock on one of 4096 files that are never removed. The kernel drops it when its
holder dies, so a killed holder blocks nobody; a lock row in a database would stay behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cache.errors import StoreUnavailable

STRIPES = 4096
POLL_S = 0.02


def stripe(key: str) -> int:
    """The number of the file that guards a key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % STRIPES


@contextmanager
def claim(folder: Path, key: str, *, deadline_s: float = 3600) -> Iterator[None]:
    """Hold a key for this thread; waits while another process or thread holds it.

    Look in the store again once inside: the other may have stored it. Do not fork while holding
    it. Raises StoreUnavailable after ``deadline_s``.
    """
    with claim_all(folder, [key], deadline_s=deadline_s):
        yield


@contextmanager
def claim_all(folder: Path, keys: Iterable[str], *, deadline_s: float = 3600) -> Iterator[None]:
    """Hold several keys at once, taken in one order so that two holders cannot deadlock."""
    guards = folder / "claims"
    guards.mkdir(mode=0o700, exist_ok=True)
    deadline = time.monotonic() + deadline_s
    with ExitStack() as held:
        for number in sorted({stripe(key) for key in keys}):
            descriptor = os.open(
                guards / f"{number:04d}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
            )
            held.callback(os.close, descriptor)
            _lock(descriptor, deadline, folder)
        yield


def _lock(descriptor: int, deadline: float, folder: Path) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise StoreUnavailable(folder, "another process held a step too long") from error
            time.sleep(POLL_S)
        else:
            return
