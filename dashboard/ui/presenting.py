"""A meeting over a board: the chair's page, item and step lead, and whoever follows comes along.

Where the chair stands is one entry of the store (``engine.reviews.meetings``); a fragment looks at
it about once a second. Which meeting one takes part in is the URL's ``meet``, so that a link that
the chair sends leads into it. Who moves by oneself looks around until one follows again.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import StepscopeError
from dashboard.ui.attendance import look_in, step_out
from dashboard.ui.link import Value, open_page, params
from dashboard.ui.meeting_bar import Part, act, show_bar, show_line
from dashboard.ui.meeting_link import (
    NAME,
    give_number,
    go_back_to_last,
    is_late,
    keep_number,
    numbered,
)
from dashboard.ui.person import the_person
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import AFTER, fragment
from engine.reviews import boards, meetings
from engine.reviews.boards import Board
from engine.reviews.entries import stamp_of
from engine.reviews.meetings import Meeting, Place

PAGES = Path(__file__).parents[1] / "app_pages"
OWN = frozenset((NAME, "meeting"))  # of whoever looks; not part of where the chair stands
BOARD, LOOKS = "meet-board", "meet-looks-around"  # in the session
# the chair's last move that was followed; where it led, or where this session led to
TURN, PLACE = "meet-turn", "meet-place"
SHOWN = "meet-shown"  # the place that was drawn last
LOOK_S = 1.0  # seconds between two looks


def join(board: str) -> None:
    """Take part in the meeting over a board, by its full id."""
    for name in (LOOKS, TURN, PLACE):
        st.session_state.pop(name, None)
    st.session_state[BOARD] = board


def leave() -> None:
    """Take part no more; the meeting goes on."""
    step_out(str(st.session_state.get(BOARD, "")), the_person())
    st.session_state[BOARD] = ""
    params.pop(NAME, None)


def meeting_over(board: str) -> Meeting | None:
    """The meeting over a board that is on, whoever looks."""
    return meetings.find_meeting(the_store(), board)


def takes_part(board: str) -> bool:
    """Whether this session is in the meeting over a board."""
    return st.session_state.get(BOARD) == board


def leads(board: str) -> bool:
    """Whether this session takes part in a board's meeting and leads it."""
    meeting = meeting_over(board) if takes_part(board) else None
    return meeting is not None and meeting.led_by(the_person())


def said_of(board: str) -> object:
    """Equal while nobody says anything on a board."""
    return stamp_of(the_store(), board)


def begin_presenting(page: str) -> None:
    """Called before a page is drawn: come along with the chair, and say who leads."""
    board = _joined()
    if not board:
        return
    meeting = meeting_over(board)
    if meeting is None:
        leave()
        st.info("The meeting has ended. What was said is on its board.")
        return
    part, late = _part(meeting), is_late()
    if late and part != "follows":
        go_back_to_last(page)
    give_number(board)
    if part == "follows":
        if late:  # the page of an older link, and this session is elsewhere: go there again
            _forget_where()
        _come_along(meeting, page)
    there = boards.load_board(the_store(), board)
    line = show_bar(there, meeting, part, page, join=lambda: join(board), leave=leave, look=_look)
    _watch(line, there, page, part, meeting)


def end_presenting(page: str) -> None:
    """Called when a page is drawn and its URL is written: the chair's place goes to the others."""
    board = st.session_state.get(BOARD)
    meeting = meeting_over(board) if board else None
    st.session_state[AFTER] = None
    if meeting is not None:
        keep_number()
        if _part(meeting) == "leads":
            _publish(meeting, page)
            # a step that a hand moves draws no page: it is told then
            st.session_state[AFTER] = lambda: _publish_now(str(board), page)
        elif _moved_away(page):
            _look()
        st.session_state[SHOWN] = _here(page)


def _joined() -> str:
    """The full id of the board whose meeting this session is in; at first the URL's."""
    board = str(st.session_state.get(BOARD, ""))
    if not board and (digits := params.get(NAME, "")):
        try:
            board = st.session_state[BOARD] = boards.resolve_board(
                the_store(), digits.partition(".")[0]
            )
        except StepscopeError:
            st.warning("The meeting of this link is not on.")
            params.pop(NAME, None)
    return board


def _part(meeting: Meeting) -> Part:
    if meeting.led_by(the_person()):
        return "leads"
    return "looks" if st.session_state.get(LOOKS) else "follows"


def _look() -> None:
    st.session_state[LOOKS] = True


def _forget_where() -> None:
    for name in (TURN, PLACE):
        st.session_state.pop(name, None)


def _here(page: str) -> tuple[str, str]:
    query = {name: params.get_all(name) for name in sorted(params) if name not in OWN}
    return page, urlencode(query, doseq=True)


def _come_along(meeting: Meeting, drawn: str = "") -> None:
    """Go where the chair went since this session followed last; nothing where one is there.

    ``drawn``: the page that is about to be drawn. If it is the chair's it is drawn at their place,
    and the click that it is drawn for is heard.
    """
    if not meeting.page or st.session_state.get(TURN) == meeting.turn:
        return
    st.session_state[TURN], place = meeting.turn, (meeting.page, meeting.query)
    if st.session_state.get(PLACE) == place or not (PAGES / meeting.page / "page.py").is_file():
        return
    st.session_state[PLACE] = place
    st.session_state.pop(SHOWN, None)
    own = {name: params[name] for name in OWN if name in params and name != NAME}
    query: dict[str, Value] = {
        name: values for name, values in parse_qs(meeting.query).items() if name not in OWN
    }
    there = numbered(meeting.page, {**query, **own})
    if meeting.page == drawn:
        params.send_now(there)
    else:
        open_page(f"app_pages/{meeting.page}/page.py", there)


def _moved_away(page: str) -> bool:
    """Whether who follows has gone elsewhere; what a page adds to its URL by itself is no move."""
    shown = st.session_state.get(SHOWN)
    here = _here(page)
    if shown is None or shown == here:
        return False
    before, now = parse_qs(shown[1]), parse_qs(here[1])
    st.session_state[SHOWN] = here
    return shown[0] != here[0] or any(now.get(name) != value for name, value in before.items())


def _publish(meeting: Meeting, page: str) -> None:
    """Tell where the chair stands, where that is another place than was told last."""
    where = _here(page)
    # what this session told last: the chair's other window may stand elsewhere, and lead
    told = st.session_state.get(PLACE, (meeting.page, meeting.query))
    if params.held or told == where:
        return
    st.session_state[PLACE] = where
    board = boards.load_board(the_store(), meeting.board)
    asked = parse_qs(where[1]).get("item", [""])[-1] if page == "board" else ""
    item = next((each.id for each in board.items if asked and each.id[16:28] == asked), "")
    place = Place(page, where[1], item)
    act(lambda: meetings.lead(the_store(), board.id, place, by=the_person()))


def _publish_now(board: str, page: str) -> None:
    meeting = meeting_over(board)
    if meeting is not None and not is_late():
        _publish(meeting, page)


def _watch(line: DeltaGenerator, board: Board, page: str, part: Part, drawn: Meeting) -> None:
    """About once a second: where the chair stands, how long, how many have voted."""

    said = said_of(board.id)

    def look() -> None:
        meeting = meeting_over(board.id)
        if is_late():
            return  # the next look comes with the link that the browser has by then
        if meeting is None or _part(meeting) != part or meeting.minutes != drawn.minutes:
            st.rerun()
        if page == "board" and said_of(board.id) != said:
            st.rerun()
        if part == "follows":
            if not params.held and _moved_away(page):
                _look()
                st.rerun()
            _come_along(meeting)
        look_in(board.id, the_person())
        show_line(board, meeting, part)

    with line:
        fragment(look, run_every=LOOK_S)()
