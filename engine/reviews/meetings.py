"""Where the chair of a meeting stands: an entry a board, overwritten at every move. No torch.

It is no part of what was said: whoever follows reads it about once a second, it never travels, and
only the chair's last word on it counts. What the meeting leaves behind are verdicts, comments and
decisions.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cache.errors import ChangedMeanwhile, InvalidInput, PayloadDamaged, PayloadError
from cache.payload import Payload
from cache.store import Store
from engine.chain.malformed import read_as
from engine.reviews.boards import load_board
from engine.reviews.records import At, Entry, Id, NoId, PageName, Person, Query, fields_of

MOST_MINUTES = 240
KIND = "meeting"


class Meeting(Entry):
    """A meeting over a board as it stands; ``by`` leads it, ``at`` is the chair's last move."""

    begun: At
    turn: Annotated[int, Field(ge=0, le=10_000_000)] = 0  # grows with every move
    page: PageName = ""  # '' before the chair stands anywhere
    query: Query = ""
    item: Id | NoId = ""
    since: At  # when the item began
    minutes: Annotated[float, Field(gt=0, le=MOST_MINUTES)] | None = None  # meant for an item
    ended: bool = False

    def led_by(self, who: Person) -> bool:
        """Whether somebody leads it: the login, else the browser, whatever name is typed in it."""
        if who.how == "login" or self.by.how == "login" or not who.browser:
            return who == self.by
        return who.browser == self.by.browser


@dataclass(frozen=True, slots=True)
class Place:
    """A view of the dashboard: a page by the name of its address, and its query."""

    page: str
    query: str = ""
    item: str = ""  # the item of the board that it shows; '' where it shows none


def begin_meeting(store: Store, board: str, *, by: Person) -> Meeting:
    """Begin a meeting over a board, or take the lead of the one that is on.

    Raises MissingFromStore, InvalidInput for an archived board.
    """
    if load_board(store, board).archived:
        raise InvalidInput(f"board {board[:12]} is archived; bring it back to meet over it")
    now, before = time.time(), find_meeting(store, board)
    if before is None:
        return _keep(store, Meeting(board=board, at=now, by=by, begun=now, since=now))
    return _keep(store, _but(before, at=now, by=by, turn=before.turn + 1))


def lead(store: Store, board: str, place: Place, *, by: Person) -> Meeting:
    """Stand elsewhere; all who follow come along. Raises ChangedMeanwhile for who does not lead."""
    meeting, now = _led(store, board, by), time.time()
    moved: dict[str, Any] = {"page": place.page, "query": place.query}
    if place.item and place.item != meeting.item:
        moved |= {"item": place.item, "since": now}
    return _keep(store, _but(meeting, at=now, turn=meeting.turn + 1, **moved))


def give_minutes(store: Store, board: str, minutes: float | None, *, by: Person) -> Meeting:
    """How long an item is meant to take; None says nothing of it."""
    return _keep(store, _but(_led(store, board, by), at=time.time(), minutes=minutes))


def end_meeting(store: Store, board: str, *, by: Person) -> None:
    """End a meeting; who follows is told."""
    _keep(store, _but(_led(store, board, by), at=time.time(), ended=True))


def find_meeting(store: Store, board: str) -> Meeting | None:
    """The meeting over a board that is on; None where there is none that can be read."""
    try:
        payload = store.find(f"{KIND}:{board}")
        meeting = None if payload is None else check_meeting(board, payload)
    except PayloadError:
        return None
    return meeting if meeting is not None and not meeting.ended else None


def check_meeting(board: str, payload: Payload) -> Meeting:
    """The meeting of a payload. Raises PayloadDamaged for what is none."""
    key = f"{KIND}:{board}"
    with read_as(key):
        if payload.arrays:
            raise ValueError("it holds arrays")
        try:
            meeting = Meeting.parse(dict(payload.meta))
        except InvalidInput as error:
            raise PayloadDamaged(key, f"it cannot be read: {error}"[:300]) from error
        if meeting.board != board:
            raise ValueError("it stands under another board's id")
    return meeting


def _led(store: Store, board: str, by: Person) -> Meeting:
    meeting = find_meeting(store, board)
    if meeting is None:
        raise ChangedMeanwhile("the meeting has ended")
    if not meeting.led_by(by):
        raise ChangedMeanwhile(f"{meeting.by.shown} leads the meeting now")
    return meeting


def _but(meeting: Meeting, **changes: Any) -> Meeting:
    return Meeting(**{**{name: getattr(meeting, name) for name in Meeting.model_fields}, **changes})


def _keep(store: Store, meeting: Meeting) -> Meeting:
    store.replace(f"{KIND}:{meeting.board}", Payload(meta=fields_of(meeting)))
    return meeting
