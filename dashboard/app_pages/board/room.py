"""The room that judges a board together: a meeting that one leads or joins, and what it hides."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.ui.meeting_bar import offer_meeting_over
from dashboard.ui.presenting import join, leads, meeting_over, said_of, takes_part
from dashboard.ui.roles import allowed
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import fragment
from engine.reviews.boards import Board, Placed

LIVE_S = 2.0  # seconds between two looks at whether others have said something


def watch_others(board: Board) -> None:
    """Draw the page anew when others say something; in a meeting its bar looks already.

    One small fragment and not each part of the page: every rerun of a fragment costs the server as
    much as it costs to clean up after a page.
    """
    if board.archived or takes_part(board.id):
        return
    drawn = (said_of(board.id), meeting_over(board.id) is None)

    def look() -> None:
        if (said_of(board.id), meeting_over(board.id) is None) != drawn:
            st.rerun()

    with st.container(key="watch-others", height=1, border=False):
        fragment(look, run_every=LIVE_S)()


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
