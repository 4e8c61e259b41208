"""Meetings: the chair's place leads, one entry a board, and nobody else moves it."""

import pytest

from cache.errors import ChangedMeanwhile, InvalidInput, PayloadDamaged
from cache.payload import Payload
from engine.capsules.verifying import verify_store
from engine.reviews import boards, meetings
from engine.reviews.entries import keys_of_board
from engine.reviews.meetings import Place
from engine.reviews.records import Person, person

ANNA = person("Anna", browser="aaaaaaaaaaaa")
BORIS = person("Boris", browser="bbbbbbbbbbbb")


@pytest.fixture
def board(store):
    made = boards.make_board(store, "Room", by=ANNA)
    boards.add_items(store, made, [{"title": "one"}, {"title": "two"}], by=ANNA)
    return made


def test_the_chairs_last_move_is_what_others_read(store, board):
    assert meetings.find_meeting(store, board) is None
    begun = meetings.begin_meeting(store, board, by=ANNA)
    one, two = boards.load_board(store, board).items
    first = meetings.lead(store, board, Place("board", "item=1", one.id), by=ANNA)
    again = meetings.lead(store, board, Place("board", "item=1&step=3", one.id), by=ANNA)
    assert (first.since, first.turn + 1) == (again.since, again.turn)  # a step is no other item
    other = meetings.lead(store, board, Place("text_unmasking", "step=3"), by=ANNA)
    assert (other.item, other.since) == (one.id, again.since)  # another page is no other item
    last = meetings.lead(store, board, Place("board", "item=2", two.id), by=ANNA)
    assert last.since >= again.since
    assert last.begun == begun.begun
    assert meetings.find_meeting(store, board) == last
    assert len(list(store.scan("meeting:"))) == 1


def test_only_the_chair_leads_until_somebody_takes_over(store, board):
    meetings.begin_meeting(store, board, by=ANNA)
    for act in (
        lambda: meetings.lead(store, board, Place("board"), by=BORIS),
        lambda: meetings.end_meeting(store, board, by=BORIS),
        lambda: meetings.give_minutes(store, board, 5.0, by=BORIS),
    ):
        with pytest.raises(ChangedMeanwhile, match="Anna leads the meeting now"):
            act()
    meetings.give_minutes(store, board, 5.0, by=ANNA)
    taken = meetings.begin_meeting(store, board, by=BORIS)
    assert (taken.by.name, taken.minutes) == ("Boris", 5.0)
    with pytest.raises(ChangedMeanwhile, match="Boris leads"):
        meetings.lead(store, board, Place("board"), by=ANNA)
    meetings.end_meeting(store, board, by=BORIS)
    assert meetings.find_meeting(store, board) is None
    with pytest.raises(ChangedMeanwhile, match="has ended"):
        meetings.lead(store, board, Place("board"), by=BORIS)


def test_the_chair_is_the_login_else_the_browser(store, board):
    meeting = meetings.begin_meeting(store, board, by=ANNA)
    assert meeting.led_by(person("Anna B.", browser="aaaaaaaaaaaa"))  # named anew meanwhile
    assert not meeting.led_by(person("Anna", browser="cccccccccccc"))  # a namesake
    meeting = meetings.begin_meeting(store, board, by=person("a@x.org", login=True))
    assert meeting.led_by(Person(name="a@x.org", how="login"))
    assert not meeting.led_by(person("a@x.org", browser="aaaaaaaaaaaa"))  # typed, not logged in


def test_minutes_out_of_bounds_and_an_archived_board_are_refused(store, board):
    meetings.begin_meeting(store, board, by=ANNA)
    with pytest.raises(InvalidInput, match="minutes must be"):
        meetings.give_minutes(store, board, 0.0, by=ANNA)
    boards.revise(store, board, by=ANNA, archived=True)
    with pytest.raises(InvalidInput, match="is archived"):
        meetings.begin_meeting(store, board, by=ANNA)


def test_a_meeting_is_verified_and_never_travels(store, board):
    meetings.begin_meeting(store, board, by=ANNA)
    assert not verify_store(store).faulty
    assert not any(key.startswith("meeting:") for key in keys_of_board(store, board))
    store.replace(f"meeting:{board}", Payload(meta={"format": 1}))
    assert meetings.find_meeting(store, board) is None
    assert verify_store(store).faulty == (f"meeting:{board}",)
    with pytest.raises(PayloadDamaged, match="cannot be read"):
        meetings.check_meeting(board, Payload(meta={"board": 3}))
