"""What people say of a board's items: verdicts, comments, decisions. Appended, never changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cache.errors import InvalidInput
from cache.store import Store
from engine.jobs.webhook import tell
from engine.reviews.boards import Placed
from engine.reviews.entries import entries, put
from engine.reviews.records import Comment, Decision, Outcome, PairShown, Person, Verdict


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark with its answers."""

    id: str
    first: Comment
    answers: tuple[Comment, ...]
    resolved: bool

    @property
    def last_word(self) -> Comment:
        """What settled or reopened it, or was said last."""
        return self.answers[-1] if self.answers else self.first


def give_verdict(
    store: Store,
    board: str,
    item: Placed,
    answer: int | str,
    *,
    by: Person,
    pair: PairShown | None = None,
    step: int | None = None,
) -> str:
    """Write a verdict on an item; its id. On the disk when this returns. Raises InvalidInput."""
    runs = item.runs if pair is None else (pair.left, pair.right)
    if not set(runs) <= set(item.runs):
        raise InvalidInput("a pair must be of the item's own runs")
    verdict = Verdict(
        board=board, at=time.time(), by=by, item=item.id, question=item.question, answer=answer,
        runs=runs, step=step, pair=pair,
    )  # fmt: skip
    return put(store, verdict)


def say(store: Store, board: str, text: str, *, by: Person, **where: Any) -> str:
    """Write a comment; the other fields of a ``Comment`` say on what, as ``step`` or ``region``."""
    return put(store, Comment(board=board, at=time.time(), by=by, text=text.strip(), **where))


def settle(store: Store, board: str, thread: Thread, *, by: Person, resolved: bool) -> str:
    """Say that a thread is settled, or open again."""
    state = "resolved" if resolved else "reopened"
    return say(store, board, "", by=by, item=thread.first.item, thread=thread.id, state=state)


def decide(
    store: Store, board: str, item: str, outcome: Outcome, *, by: Person, sentence: str = ""
) -> str:
    """Write how an item ended; the last decision counts."""
    line = " ".join(sentence.split())
    made = Decision(board=board, at=time.time(), by=by, item=item, outcome=outcome, sentence=line)
    decision = put(store, made)
    tell("decision", {"board": board, "item": item, "outcome": outcome, "sentence": line,
                      "by": by.shown})  # fmt: skip
    return decision


def verdicts(store: Store, board: str) -> list[Verdict]:
    """Every verdict on a board, in the order they were given."""
    return [each for _, each in entries(store, Verdict, board) if each.board == board]


def counted(given: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that count: of each judge the last on a thing; of pairs all but repeats.

    Who judged something again has changed their mind; what they said first is still stored. A
    pair is the same pair whichever way round it stood.
    """
    last: dict[tuple[object, ...], Verdict] = {}
    for verdict in given:
        if verdict.pair is not None and verdict.pair.repeat:
            continue
        about = frozenset(verdict.runs) if verdict.pair else verdict.runs
        last[(verdict.item, verdict.by.judge, about, verdict.question.kind)] = verdict
    return list(last.values())


def threads(store: Store, board: str, item: str | None = None) -> list[Thread]:
    """The threads of a board, or of one item ('' for those on the board itself), oldest first."""
    said = [(i, each) for i, each in entries(store, Comment, board) if each.board == board]
    answers: dict[str, list[Comment]] = {}
    for _, comment in said:
        if comment.thread:
            answers.setdefault(comment.thread, []).append(comment)
    return [
        _thread(comment_id, comment, answers.get(comment_id, []))
        for comment_id, comment in said
        if not comment.thread and item in (None, comment.item)
    ]


def decisions(store: Store, board: str) -> dict[str, list[Decision]]:
    """The decisions on each item of a board, the last one last."""
    made: dict[str, list[Decision]] = {}
    for _, decision in entries(store, Decision, board):
        if decision.board == board:
            made.setdefault(decision.item, []).append(decision)
    return made


def _thread(thread: str, first: Comment, answers: Sequence[Comment]) -> Thread:
    states = [each.state for each in answers if each.state]
    return Thread(thread, first, tuple(answers), bool(states) and states[-1] == "resolved")
