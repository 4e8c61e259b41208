"""Entries of boards in the store: written once under a key of their own, read, judged. No torch.

A key is ``kind:`` and the first 16 digits of its board's id before 48 random ones: one query lists
what belongs to a board, and no two writers ever mean the same key.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast

from cache.errors import InvalidInput, MadeLater, PayloadDamaged, PayloadError
from cache.payload import Payload
from cache.store import Store
from engine.chain.malformed import read_as
from engine.reviews.records import DOCUMENTS, FORMAT, Entry, fields_of

E = TypeVar("E", bound=Entry)
BOARD_DIGITS = 16
KIND_OF = {document: kind for kind, document in DOCUMENTS.items()}


def new_id(board: str = "") -> str:
    """An id that nobody has: of a board, or of something on one."""
    begins = board[:BOARD_DIGITS]
    return begins + secrets.token_hex(32 - len(begins) // 2)


def put(store: Store, entry: Entry, entry_id: str | None = None) -> str:
    """Write an entry; its id. When this returns it is on the disk.

    Raises StoreFull, StoreUnavailable.
    """
    kind = KIND_OF[type(entry)]
    chosen = entry_id or (entry.board if kind == "board" else new_id(entry.board))
    if not store.put(f"{kind}:{chosen}", Payload(meta=fields_of(entry))):
        raise InvalidInput(f"{kind} {chosen[:24]} is there already")
    return chosen


def entries(
    store: Store, document: type[E], board: str = "", *, unreadable: list[str] | None = None
) -> Iterator[tuple[str, E]]:
    """The entries of a kind with their ids, of one board or of all, in the order they were made.

    Those that cannot be read are left out; their keys are added to ``unreadable``.
    """
    prefix = f"{KIND_OF[document]}:{board[:BOARD_DIGITS]}"
    listing = _Listing(str(store.folder), prefix, store.standing(prefix), store)
    known, lost = _listed(listing)
    if unreadable is not None:
        unreadable += lost
    return iter(cast(tuple[tuple[str, E], ...], known))


def stamp_of(store: Store, board: str) -> tuple[tuple[int, int, str], ...]:
    """Equal while nothing is said on a board: a query by the index for each kind, no entry read."""
    digits = board[:BOARD_DIGITS]
    return tuple(store.standing(f"{kind}:{digits}") for kind in DOCUMENTS if kind != "board")


def keys_of_board(store: Store, board: str) -> list[str]:
    """The keys of a board and of all that was said on it; what cannot be read is left out."""
    return [
        f"{KIND_OF[document]}:{entry_id}"
        for document in DOCUMENTS.values()
        for entry_id, entry in entries(store, document, board)
        if entry.board == board
    ]


def check_entry(kind: str, digest: str, payload: Payload) -> Entry:
    """The entry of a payload. Raises PayloadDamaged for what is none, MadeLater for a later one's.

    Whoever takes entries from elsewhere, or verifies a store, asks this.
    """
    key = f"{kind}:{digest}"
    with read_as(key):
        if payload.arrays:
            raise ValueError("it holds arrays")
        entry = _parsed(key, DOCUMENTS[kind], payload.meta)
        if kind == "board" and digest != entry.board:
            raise ValueError("it stands under another board's id")
        if digest[:BOARD_DIGITS] != entry.board[:BOARD_DIGITS]:
            raise ValueError("it belongs to another board than its key says")
    return entry


def _parsed(key: str, document: type[Entry], meta: Mapping[str, Any]) -> Entry:
    written = meta.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise MadeLater(key, f"its format is {written}")
    if unknown := sorted(set(meta) - set(document.model_fields)):
        raise MadeLater(key, f"it has the field {unknown[0]!r:.40}")
    try:
        return document.parse(dict(meta))
    except InvalidInput as error:
        raise PayloadDamaged(key, f"it cannot be read: {error}"[:300]) from error


@dataclass(frozen=True)
class _Listing:
    folder: str
    prefix: str
    standing: tuple[int, int, str]  # another one whenever an entry comes or goes
    store: Store = field(compare=False)


@lru_cache(maxsize=1_000)  # pages ask every second, and mostly nothing has changed
def _listed(asked: _Listing) -> tuple[tuple[tuple[str, Entry], ...], tuple[str, ...]]:
    """The entries under a prefix as they were made, and the keys of those that cannot be read."""
    known: list[tuple[str, Entry]] = []
    lost = []
    for key in asked.store.scan(asked.prefix):
        try:
            known.append((key.partition(":")[2], _read(_Wanted(asked.folder, key, asked.store))))
        except PayloadError:
            lost.append(key)
    return tuple(sorted(known, key=lambda pair: (pair[1].at, pair[0]))), tuple(lost)


@dataclass(frozen=True)
class _Wanted:
    folder: str
    key: str
    store: Store = field(compare=False)


@lru_cache(maxsize=50_000)  # an entry never changes
def _read(wanted: _Wanted) -> Any:
    kind, _, digest = wanted.key.partition(":")
    return check_entry(kind, digest, wanted.store.get(wanted.key))
