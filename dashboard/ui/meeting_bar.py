"""The bar of a meeting: who leads, which item, how long, how many have voted, what one may do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import StepscopeError
from dashboard.ui.attendance import here
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import open_page, params
from dashboard.ui.meeting import in_meeting
from dashboard.ui.meeting_link import numbered
from dashboard.ui.person import the_person
from dashboard.ui.plain import escaped
from dashboard.ui.roles import allowed
from dashboard.ui.stores import the_store
from engine.reviews import meetings, voices
from engine.reviews.boards import Board, Placed
from engine.reviews.meetings import MOST_MINUTES, Meeting
from engine.reviews.records import Person
from engine.reviews.waiting import done_with

Part = Literal["leads", "follows", "looks"]
PAGE = "app_pages/board/page.py"
TROUBLE = "meet-trouble"  # in the session: what could not be done
MINUTES = "meet-minutes"
FEW_HERE = 5  # who are named in the line
# a constant of our own: the bar stays in sight, over the page
STYLE = """<style>
.st-key-meeting-bar { position: sticky; top: 0; z-index: 90; padding: 0.35rem 0.9rem;
  background: rgba(127, 140, 150, 0.16); backdrop-filter: blur(8px); border-radius: 0.5rem;
  border-left: 4px solid #0072b2; }
.st-key-meeting-bar [data-testid="stText"] { font-family: inherit; }
</style>"""
BESIDE_LEAVE = "<style>.st-key-meeting-bar { padding-right: 7rem; }</style>"


def show_bar(
    board: Board,
    meeting: Meeting,
    part: Part,
    page: str,
    *,
    join: Callable[[], None],
    leave: Callable[[], None],
    look: Callable[[], None],
) -> DeltaGenerator:
    """The bar with its buttons; where its line stands, which ``show_line`` writes anew."""
    st.html(STYLE)
    if in_meeting():
        st.html(BESIDE_LEAVE)
    if trouble := st.session_state.pop(TROUBLE, None):
        say_trouble("This was not done.", trouble)
    with st.container(
        key="meeting-bar", horizontal=True, vertical_alignment="center",
        horizontal_alignment="distribute",
    ):  # fmt: skip
        line = st.container(width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if part == "leads":
                _offer_lead(board, meeting, page, leave)
            else:
                _offer_follow(board, part, join, leave, look)
    return line


def show_line(board: Board, meeting: Meeting, part: Part) -> None:
    """Who leads, where they are, since when; the votes of the item as a number."""
    item = board.item(meeting.item) if meeting.item else None
    place = next((i for i, each in enumerate(board.items, 1) if each.id == meeting.item), 0)
    seconds = max(0.0, time.time() - meeting.since)
    who = "You lead" if part == "leads" else f"{meeting.by.shown} leads"
    if part == "looks":
        who = f"You look around; {meeting.by.shown} leads"
    said = [who, f"item {place} of {len(board.items)}" if place else "", _clock(seconds)]
    if meeting.minutes is not None:
        said[-1] += f" of {_clock(meeting.minutes * 60)}"
    if item is not None and item.question.kind != "none":
        said.append(_voted(board, item))
    present = here(board.id)
    if len(present) > 1:
        few = f": {', '.join(who.shown for who in present)}" if len(present) <= FEW_HERE else ""
        said.append(f"{len(present)} here{few}")
    over = meeting.minutes is not None and seconds > meeting.minutes * 60
    icon = "timer_off" if over else {"leads": "podium", "follows": "group"}.get(part, "explore")
    text = "  ·  ".join(part for part in said if part)
    with st.container(horizontal=True, vertical_alignment="center", key="meeting-line"):
        st.markdown(f":material/{escaped(icon)}:", width="content")
        st.text(
            f"{text}{'  ·  over time' if over else ''}", width="content",
            help=escaped(f"Here: {', '.join(_named(present, meeting))}") if present else None,
        )  # fmt: skip


def _voted(board: Board, item: Placed) -> str:
    """How many have voted; of pairs, of which there are several, how many are through, too."""
    given = [v for v in voices.verdicts(the_store(), board.id) if v.item == item.id]
    judges = {v.by.judge for v in given}
    if item.question.kind != "pair" or not judges:
        return f"{len(judges)} voted"
    done = sum(done_with(item, [v for v in given if v.by.judge == judge]) for judge in judges)
    return f"{len(judges)} voted, {done} through all pairs"


def _named(present: Sequence[Person], meeting: Meeting) -> list[str]:
    return [f"{who.shown} (leads)" if meeting.led_by(who) else who.shown for who in present]


def act(do: Callable[[], object]) -> bool:
    """Do something to the meeting; what went wrong is told when the bar is drawn next."""
    try:
        do()
    except StepscopeError as error:
        st.session_state[TROUBLE] = str(error)
        return False
    return True


def _offer_lead(board: Board, meeting: Meeting, page: str, leave: Callable[[], None]) -> None:
    """What the chair may do; the board's own page has the keys to its items itself."""
    if page != "board":
        for label, by, shortcut in (("Previous item", -1, "P"), ("Next item", 1, "N")):
            to = _beside(board, meeting, by)
            if st.button(label, key=f"meet{by:+d}", shortcut=shortcut, disabled=not to):
                _open_item(board, to)
        if st.button("To the board", key="meet-board-page", shortcut="B"):
            _open_item(board, meeting.item)
    with st.popover("Timer", icon=":material/timer:", key="meet-timer", type="tertiary"):
        st.session_state.setdefault(MINUTES, meeting.minutes)
        st.number_input(
            f"Minutes for an item (up to {MOST_MINUTES})", 0.5, float(MOST_MINUTES), step=0.5,
            key=MINUTES, placeholder="no limit", on_change=partial(_give_minutes, board),
        )  # fmt: skip
    st.button(
        "End the meeting", key="meet-end", type="tertiary", on_click=partial(_end, board, leave)
    )


def _offer_follow(
    board: Board,
    part: Part,
    join: Callable[[], None],
    leave: Callable[[], None],
    look: Callable[[], None],
) -> None:
    if part == "looks":
        st.button("Follow again", key="meet-follow", type="primary", shortcut="F", on_click=join)
    else:
        st.button("Look around", key="meet-look", type="tertiary", on_click=look)
    with st.popover("More", key="meet-more", type="tertiary"):
        st.button("Leave the meeting", key="meet-leave", on_click=leave, width="stretch")
        if not the_store().read_only and allowed("edit"):
            st.button(
                "Take the lead", key="meet-take", width="stretch",
                on_click=partial(_take, board), help="All who follow come with you from then on.",
            )  # fmt: skip


def offer_meeting_over(board: Board, meeting: Meeting | None, join: Callable[[], None]) -> None:
    """On the board: begin a meeting, or come into the one that is on."""
    if meeting is None:
        st.button(
            "Lead a meeting", key="meet-begin", icon=":material/podium:",
            on_click=partial(_begin, board, join), disabled=not board.items,
            help="Your page, item and step lead; whoever follows sees the same.",
        )  # fmt: skip
    else:
        st.button(
            f"Join {escaped(meeting.by.shown)}'s meeting", key="meet-join", type="primary",
            icon=":material/group:", on_click=join,
        )  # fmt: skip


def _open_item(board: Board, item: str) -> None:
    query = {"board": board.id[:16], "view": "judge", "item": item[16:28]}
    if in_meeting():
        query["meeting"] = "1"
    there = numbered("board", {name: value for name, value in query.items() if value})
    params.clear()
    open_page(PAGE, there)


def _beside(board: Board, meeting: Meeting, by: int) -> str:
    ids = [each.id for each in board.items]
    place = ids.index(meeting.item) + by if meeting.item in ids else 0
    return ids[place] if 0 <= place < len(ids) else ""


def _begin(board: Board, join: Callable[[], None]) -> None:
    if act(lambda: meetings.begin_meeting(the_store(), board.id, by=the_person())):
        join()


def _take(board: Board) -> None:
    act(lambda: meetings.begin_meeting(the_store(), board.id, by=the_person()))


def _end(board: Board, leave: Callable[[], None]) -> None:
    if act(lambda: meetings.end_meeting(the_store(), board.id, by=the_person())):
        leave()


def _give_minutes(board: Board) -> None:
    minutes = st.session_state[MINUTES]
    act(lambda: meetings.give_minutes(the_store(), board.id, minutes, by=the_person()))


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours = f"{whole // 3600}:" if whole >= 3600 else ""
    return f"{hours}{whole // 60 % 60:02d}:{whole % 60:02d}"
