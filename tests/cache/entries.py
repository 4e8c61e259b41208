"""What the tests of the store put into it, and a way behind its back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import numpy as np

from cache.folder import DATABASE, ENTRIES
from cache.keys import key
from cache.payload import Payload
from cache.store import Store

BIG = 50_000  # floats: 200 kB, a value file


def name(i: object, kind: str = "step") -> str:
    """A key of the store."""
    return f"{kind}:{key('test', i)}"


def payload(i: int = 0, floats: int = 10) -> Payload:
    """A payload that tells itself from others by ``i``."""
    return Payload(arrays={"x": np.full(floats, i, np.float32)}, meta={"i": i})


@contextmanager
def database(store: Store) -> Iterator[sqlite3.Connection]:
    """A store's database, opened as anybody could; changes are committed."""
    with closing(sqlite3.connect(store.folder / ENTRIES / DATABASE)) as opened, opened:
        yield opened
