"""What came with a capsule and a model would compute again: marked, so that it does. No torch.

A vocabulary, a preview or an embedding from elsewhere lets runs be read without their model. A
computation made here shall not stand on it: whoever has the model asks ``is_imported`` and puts
what it finds itself in its place with ``put_own``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cache.errors import PayloadError
from cache.payload import Payload
from cache.store import Store

KINDS = ("vocab", "preview", "embedding")
SAID = (
    "board",
    "comment",
    "decision",
    "figure",
    "item",
    "revision",
    "verdict",
)  # by people elsewhere


def mark_imported(store: Store, keys: Iterable[str]) -> None:
    """Remember which entries, of KINDS and SAID, were taken from a capsule."""
    for key in keys:
        if key.partition(":")[0] in (*KINDS, *SAID):
            store.put(_mark(key), Payload())


def mark_steps(store: Store, run: str, steps: Iterable[str]) -> None:
    """Remember which steps of a run were taken from a capsule, beside those remembered so far."""
    there = imported_steps(store, run)
    marked = there | set(steps)
    if marked != there:
        store.replace(f"imported:{run}", Payload(meta={"steps": sorted(marked)}))


def imported_steps(store: Store, run: str) -> frozenset[str]:
    """The steps of a run that were taken from a capsule."""
    try:
        payload = store.find(f"imported:{run}")
    except PayloadError:
        return frozenset()
    steps = payload.meta.get("steps") if payload is not None else None
    return frozenset(map(str, steps)) if isinstance(steps, list) else frozenset()


def is_imported(store: Store, key: str) -> bool:
    """Whether an entry came with a capsule and was never computed here."""
    return store.has(_mark(key))


def put_own(store: Store, key: str, payload: Payload) -> None:
    """Store what was computed here; it takes the place of what came with a capsule."""
    taken = not store.put(key, payload)
    if is_imported(store, key):
        if taken:
            store.replace(key, payload)
        store.delete([_mark(key)])


def _mark(key: str) -> str:
    return f"imported:{hashlib.sha256(key.encode()).hexdigest()}"
