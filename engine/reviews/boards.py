"""Boards: what their entries add up to, and what is written to change them. No torch."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cache.errors import InvalidInput, MissingFromStore
from cache.store import Store
from engine.reviews.entries import check_entry, entries, new_id, put
from engine.reviews.kept_figures import figures_of, keep_figures
from engine.reviews.records import (
    MOST_ITEMS,
    Item,
    Made,
    Person,
    Question,
    Revision,
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An item as it stands on its board."""

    id: str
    title: str
    caption: str
    question: Question
    runs: tuple[str, ...]
    page: str
    query: str
    by: Person
    at: float
    removed: bool = False
    revealed: bool = False  # votes are shown to those who have not voted, too


@dataclass(frozen=True, slots=True)
class Board:
    """A board as its entries make it."""

    id: str
    title: str
    about: str
    by: Person
    at: float
    archived: bool
    items: tuple[Placed, ...]  # in their order
    removed: tuple[Placed, ...]
    changed_at: float
    unreadable: tuple[str, ...] = ()  # keys of entries that could not be read

    @property
    def runs(self) -> tuple[str, ...]:
        """The ids of all runs that the board names, each once."""
        return tuple(dict.fromkeys(run for item in self.items for run in item.runs))

    def item(self, item_id: str) -> Placed | None:
        """An item by its id, also one that was taken off."""
        every = (*self.items, *self.removed)
        return next((item for item in every if item.id == item_id), None)


def make_board(store: Store, title: str, *, by: Person, about: str = "") -> str:
    """Begin a board; its id. Raises InvalidInput, StoreFull, StoreUnavailable."""
    made = Made(board=new_id(), at=time.time(), by=by, title=_line(title), about=about.strip())
    return put(store, made)


def add_items(
    store: Store, board: str, items: Sequence[Mapping[str, Any]], *, by: Person
) -> list[str]:
    """Add items, each the fields of an ``Item``, behind those that are there; their ids.

    All are checked before the first is written. Raises InvalidInput, MissingFromStore.
    """
    there = load_board(store, board)
    most = MOST_ITEMS - len(there.items) - len(there.removed)
    if not 1 <= len(items) <= most:
        raise InvalidInput(f"items must be 1 to {most} more on this board, got {len(items)}")
    now = time.time()
    checked = [
        Item(board=board, at=now, by=by, after=place, **{**fields, "title": _line(fields["title"])})
        for place, fields in enumerate(items)
    ]
    return [put(store, item) for item in checked]


def revise(store: Store, board: str, *, by: Person, **changes: Any) -> str:
    """Write one change of a board, the fields of a ``Revision``; the last word on each counts."""
    _must_be_there(store, board)
    for name in ("title", "item_title"):
        if changes.get(name) is not None:
            changes[name] = _line(changes[name])
    return put(store, Revision(board=board, at=time.time(), by=by, **changes))


def move_item(store: Store, board: str, item: str, *, by: int, who: Person) -> None:
    """Move an item up or down the agenda, as far as it goes."""
    order = [each.id for each in load_board(store, board).items]
    if item not in order:
        raise InvalidInput(f"item {item[:24]} is not on this board")
    place = order.index(item)
    order.insert(max(0, min(len(order) - 1, place + by)), order.pop(place))
    revise(store, board, by=who, order=tuple(order))


def duplicate(store: Store, board: str, *, by: Person) -> str:
    """A new board with the same items and none of the verdicts; its id."""
    old = load_board(store, board)
    new = make_board(store, f"{old.title[:180]} (copy)", by=by, about=old.about)
    names = ("title", "caption", "question", "runs", "page", "query")
    if old.items:
        copies = [{name: getattr(item, name) for name in names} for item in old.items]
        kept = figures_of(store, board)
        for item, copy in zip(old.items, add_items(store, new, copies, by=by), strict=True):
            pictures = [(figure.name, figure.picture) for figure in kept.get(item.id, ())]
            keep_figures(store, new, copy, pictures, by=by)
    return new


def load_board(store: Store, board: str) -> Board:
    """A board by its full id. Raises MissingFromStore, PayloadDamaged, MadeLater."""
    made = check_entry("board", board, store.get(f"board:{board}"))
    assert isinstance(made, Made)
    return _folded(store, board, made)


def list_boards(store: Store) -> list[Board]:
    """Every board that can be read, the last changed first."""
    boards = [_folded(store, board, made) for board, made in entries(store, Made)]
    return sorted(boards, key=lambda board: -board.changed_at)


def resolve_board(store: Store, wanted: str) -> str:
    """The full id of a board by its first characters or its whole title. Raises InvalidInput."""
    digits = wanted if 4 <= len(wanted) <= 64 and not set(wanted) - set("0123456789abcdef") else ""
    ids = [key.removeprefix("board:") for key in store.scan(f"board:{digits}")] if digits else []
    if not ids:
        title = wanted.strip().casefold()
        ids = [board.id for board in list_boards(store) if board.title.casefold() == title]
    if len(ids) != 1:
        count = f"names {len(ids)} boards; give its id" if ids else "is no board of this store"
        raise InvalidInput(f"board {wanted!r:.90} {count}")
    return ids[0]


def _folded(store: Store, board: str, made: Made) -> Board:
    unreadable: list[str] = []
    own = {i: e for i, e in entries(store, Item, board, unreadable=unreadable) if e.board == board}
    revisions = [
        e for _, e in entries(store, Revision, board, unreadable=unreadable) if e.board == board
    ]
    said: dict[str, Any] = {}
    of_item: dict[str, dict[str, Any]] = {}
    for revision in revisions:
        for name in ("title", "about", "archived", "order"):
            if (value := getattr(revision, name)) is not None:
                said[name] = value
        for name in ("item_title", "caption", "removed", "revealed"):
            if revision.item and (value := getattr(revision, name)) is not None:
                of_item.setdefault(revision.item, {})[name.removeprefix("item_")] = value
    # what the last order does not name was added after it
    rank = {item: place for place, item in enumerate(said.get("order", ()))}
    made_in = sorted(own, key=lambda i: (rank.get(i, len(rank)), own[i].at, own[i].after, i))
    placed = [_placed(item, own[item], of_item.get(item, {})) for item in made_in]
    return Board(
        id=board,
        title=said.get("title", made.title),
        about=said.get("about", made.about),
        by=made.by,
        at=made.at,
        archived=bool(said.get("archived", False)),
        items=tuple(item for item in placed if not item.removed),
        removed=tuple(item for item in placed if item.removed),
        changed_at=max([made.at, *(e.at for e in (*own.values(), *revisions))]),
        unreadable=tuple(unreadable),
    )


def _placed(item_id: str, item: Item, said: Mapping[str, Any]) -> Placed:
    names = ("title", "caption", "question", "runs", "page", "query", "by", "at")
    return Placed(id=item_id, **{**{name: getattr(item, name) for name in names}, **said})


def _must_be_there(store: Store, board: str) -> None:
    if not store.has(f"board:{board}"):
        raise MissingFromStore(f"board:{board}")


def _line(text: object) -> str:
    return " ".join(str(text).split())
