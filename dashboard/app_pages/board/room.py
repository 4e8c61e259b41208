"""The room that judges a board together: a meeting that one leads or joins, and what it hides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec

from dashboard.ui.meeting_bar import offer_meeting_over
from dashboard.ui.presenting import join, leads, meeting_over, takes_part
from dashboard.ui.roles import allowed
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import fragment
from engine.reviews.boards import Board, Placed

LIVE_S = 1.5  # seconds between two looks at what others say; one query each while nothing is new
P = ParamSpec("P")


def live(show: Callable[P, None], board: Board) -> Callable[P, None]:
    """A part of the page that is drawn anew while one looks; an archived board stands still."""
    return fragment(show, run_every=None if board.archived else LIVE_S)


def offer_meeting(board: Board) -> None:
    """A way into a meeting, and for who may lead one a way to begin it."""
    if board.archived or takes_part(board.id):
        return
    meeting = meeting_over(board.id)
    if meeting is not None or may_edit(board):
        offer_meeting_over(board, meeting, partial(join, board.id))


def may_edit(board: Board) -> bool:
    """Whether this person may change the board, decide, and lead a meeting over it."""
    return not the_store().read_only and not board.archived and allowed("edit")


def hides_votes(board: Board, item: Placed) -> bool:
    """Whether a meeting is on whose chair has not shown the votes on an item yet."""
    return not item.revealed and meeting_over(board.id) is not None


def may_reveal(board: Board) -> bool:
    """Whether this person may show the votes to all: in a meeting its chair alone."""
    meeting = meeting_over(board.id)
    return may_edit(board) and (meeting is None or leads(board.id))


def stays(board: Board) -> bool:
    """Whether an answer leaves one on the item: in a meeting the chair goes on, and all with it."""
    return takes_part(board.id) and meeting_over(board.id) is not None
