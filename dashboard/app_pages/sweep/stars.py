"""Stars on cells: verdicts on a board of the sweep, which is made by the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cache.store import Store
from engine.reviews.boards import Board, add_items, list_boards, load_board, make_board
from engine.reviews.records import MOST_ITEMS, Person, Question
from engine.reviews.voices import counted, give_verdict, verdicts

ASKED = Question(kind="stars", text="How good is this cell?")
PARTS = ("kind", "model", "base", "axes", "skip")  # of the page's link: which sweep it is


@dataclass(frozen=True, slots=True)
class Stars:
    """What people said of the cells of a sweep: of each run its mean, and what one said oneself."""

    board: str | None
    mean: Mapping[str, float]
    own: Mapping[str, int]

    def best(self, runs: Sequence[str]) -> list[str]:
        """The starred ones of these, the best first."""
        return sorted((run for run in runs if run in self.mean), key=lambda run: -self.mean[run])


def link_of_sweep(query: Mapping[str, str]) -> str:
    """The part of a link that says which sweep it is."""
    return urlencode({name: query[name] for name in PARTS if query.get(name)})


def stars_of(store: Store, link: str, who: Person) -> Stars:
    """The stars on the cells of a sweep."""
    board = _board_of(store, link)
    if board is None:
        return Stars(None, {}, {})
    given: dict[str, list[int]] = {}
    own: dict[str, int] = {}
    for verdict in counted(verdicts(store, board.id)):
        if verdict.question.kind != "stars" or len(verdict.runs) != 1:
            continue
        run, answer = verdict.runs[0], int(verdict.answer)
        given.setdefault(run, []).append(answer)
        if verdict.by.judge == who.judge:
            own[run] = answer
    return Stars(board.id, {run: sum(all_) / len(all_) for run, all_ in given.items()}, own)


def star(
    store: Store, link: str, run: str, count: int, *, title: str, sweep: str, who: Person
) -> str:
    """Give a cell 1 to 5 stars; the board's id. Raises InvalidInput, StoreFull."""
    board = _board_of(store, link)
    if board is None or len(board.items) + len(board.removed) >= MOST_ITEMS:
        made = make_board(store, f"Stars: {sweep}"[:200], by=who, about="Cells of one sweep.")
        board = load_board(store, made)
    item = next((item for item in board.items if item.runs == (run,)), None)
    if item is None:
        fields = {"title": title[:200], "question": ASKED, "runs": (run,), "page": "sweep"}
        (added,) = add_items(store, board.id, [{**fields, "query": link}], by=who)
        board = load_board(store, board.id)
        item = board.item(added)
        assert item is not None
    give_verdict(store, board.id, item, count, by=who)
    return board.id


def _board_of(store: Store, link: str) -> Board | None:
    """The newest board whose items are cells of this sweep."""
    for board in list_boards(store):
        if not board.archived and any(i.page == "sweep" and i.query == link for i in board.items):
            return board
    return None
