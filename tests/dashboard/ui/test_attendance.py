"""Who is in a meeting: whoever looked a moment ago, each browser and each login once."""

import pytest

from dashboard.ui import attendance
from engine.reviews.records import person

ADA, BEN = person("Ada", browser="a" * 12), person("Ben", browser="b" * 12)


@pytest.fixture
def clock(monkeypatch):
    moment = [0.0]
    monkeypatch.setattr(attendance, "_seen", {})
    monkeypatch.setattr(attendance.time, "monotonic", lambda: moment[0])
    return moment


def test_whoever_looks_is_here_and_nobody_twice(clock):
    for who in (BEN, ADA, person("Ada", browser="a" * 12), person("", browser="c" * 12)):
        attendance.look_in("board", who)
    attendance.look_in("another", BEN)
    assert [who.shown for who in attendance.here("board")] == ["Ada", "Ben", "unsigned cccc"]
    assert attendance.here("another") == [BEN]


def test_a_new_name_of_a_browser_takes_the_place_of_its_old_one(clock):
    attendance.look_in("board", ADA)
    attendance.look_in("board", person("Ada L.", browser="a" * 12))
    assert [who.name for who in attendance.here("board")] == ["Ada L."]


def test_who_looks_no_more_is_gone(clock):
    attendance.look_in("board", ADA)
    attendance.look_in("board", BEN)
    attendance.step_out("board", BEN)
    assert attendance.here("board") == [ADA]
    clock[0] = attendance.GONE_S + 0.1
    assert attendance.here("board") == []
    attendance.look_in("board", BEN)
    assert attendance.here("board") == [BEN]
