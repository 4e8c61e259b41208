"""What waits for somebody: items that they have not judged, remarks that name them. No torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cache.store import Store
from engine.reviews import voices
from engine.reviews.boards import Board, Placed, list_boards
from engine.reviews.pairs import pair_count
from engine.reviews.records import Comment, Person, Verdict
from engine.reviews.voices import Thread


@dataclass(frozen=True, slots=True)
class Mention:
    """An open thread in which somebody was named and has said nothing since."""

    board: Board
    thread: Thread
    comment: Comment


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one person, board by board, the last changed first."""

    items: tuple[tuple[Board, Placed], ...]
    mentions: tuple[Mention, ...]

    def __len__(self) -> int:
        return len(self.items) + len(self.mentions)


def waiting_for(store: Store, who: Person) -> Waiting:
    """What waits for a person on the boards that stand. Raises StoreUnavailable."""
    items: list[tuple[Board, Placed]] = []
    mentions: list[Mention] = []
    for board in list_boards(store):
        if board.archived:
            continue
        own = [v for v in voices.verdicts(store, board.id) if v.by.judge == who.judge]
        ended = voices.decisions(store, board.id)
        items += [
            (board, item)
            for item in board.items
            if item.question.kind != "none" and item.id not in ended and not done_with(item, own)
        ]
        for thread in voices.threads(store, board.id):
            comment = None if thread.resolved else _named_in(thread, who)
            if comment is not None:
                mentions.append(Mention(board, thread, comment))
    return Waiting(tuple(items), tuple(mentions))


def done_with(item: Placed, own: Sequence[Verdict]) -> bool:
    """Whether a judge's own verdicts answer all that an item asks."""
    of_item = [v for v in own if v.item == item.id]
    if item.question.kind == "pair":
        return len({frozenset(v.runs) for v in of_item}) >= pair_count(item.runs)
    return bool(of_item)


def names(comment: Comment, who: Person) -> bool:
    """Whether a remark names somebody with an @: the whole name, its first word, an address."""
    if not who.name:
        return False
    known = {who.name, who.name.split()[0], who.name.partition("@")[0]}
    text = comment.text.casefold()
    return any(
        re.search(rf"(?<!\w)@{re.escape(name.casefold())}(?![\w@]|\.\w)", text) for name in known
    )


def _named_in(thread: Thread, who: Person) -> Comment | None:
    """The last remark of a thread that names somebody, unless they have spoken since."""
    last = None
    for comment in (thread.first, *thread.answers):
        if comment.by.judge == who.judge:
            last = None
        elif names(comment, who):
            last = comment
    return last
