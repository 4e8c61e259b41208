"""Runs that stay because a board names them: no clean-up takes what people judge from them.

An ``item:`` entry names the ``board`` it is on and its ``runs``; a ``revision:`` may archive a
board, or bring it back, and the last one says how it is. An archived board lets its runs go when
they are asked to; its own entries, verdicts included, stay in any case.
"""

from __future__ import annotations

from cache.errors import PayloadDamaged
from cache.payload import Payload
from cache.store import Store


def held_runs(store: Store) -> dict[str, str]:
    """Every run that a standing board names, with the board's id.

    Raises PayloadDamaged for an entry that cannot be read, for then nobody can tell what it names.
    """
    boards: dict[str, list[str]] = {}
    for key in store.scan("item:"):
        payload = store.find(key)
        if payload is not None:
            boards.setdefault(_board(key, payload), []).extend(_runs(key, payload))
    archived = _archived(store) if boards else frozenset()
    return {run: b for b, runs in boards.items() if b not in archived for run in runs}


def _archived(store: Store) -> frozenset[str]:
    """The boards whose last word on it is that they are archived."""
    last: dict[str, tuple[float, str, bool]] = {}
    for key in store.scan("revision:"):
        payload = store.find(key)
        if payload is None or payload.meta.get("archived") is None:
            continue
        board, at = _board(key, payload), payload.meta.get("at")
        if not isinstance(at, int | float):
            raise PayloadDamaged(key, "it does not say when it was made")
        said = (float(at), key, bool(payload.meta["archived"]))
        last[board] = max(said, last.get(board, said))
    return frozenset(board for board, (_, _, archived) in last.items() if archived)


def _board(key: str, payload: Payload) -> str:
    board = payload.meta.get("board")
    if not isinstance(board, str):
        raise PayloadDamaged(key, "it names no board")
    return board


def _runs(key: str, payload: Payload) -> list[str]:
    runs = payload.meta.get("runs", [])
    if not isinstance(runs, list):
        raise PayloadDamaged(key, "its runs must be a list")
    return [str(run) for run in runs]
