"""Comments on a place: kept, told in words, and unchanged bytes for those without one."""

import pytest

from cache.errors import InvalidInput
from engine.reviews import boards, voices
from engine.reviews.entries import keys_of_board
from engine.reviews.marks import place_of
from engine.reviews.records import CurvePoint, Region, person
from engine.reviews.report import report_html

ANNA = person("Anna")


@pytest.fixture
def board(store):
    made = boards.make_board(store, "Room", by=ANNA)
    boards.add_items(store, made, [{"title": "one"}], by=ANNA)
    return made


def test_a_place_is_kept_told_and_reported(store, board):
    item = boards.load_board(store, board).items[0].id
    region = Region(x=0.25, y=0.5, w=0.5, h=0.25)
    point = CurvePoint(curve="entropy", x=3, y=1.23456)
    voices.say(store, board, "here", by=ANNA, item=item, region=region, run="a" * 64)
    voices.say(store, board, "there", by=ANNA, item=item, point=point)
    voices.say(store, board, "that", by=ANNA, item=item, step=3, position=2)
    voices.say(store, board, "all", by=ANNA, item=item)
    first, second, third, last = (t.first for t in voices.threads(store, board))
    assert (first.region, second.point) == (region, point)
    assert place_of(first) == ("the region 25% to 75% across, 50% to 75% down of run aaaaaaaaaaaa")
    assert place_of(second) == "the entropy at step 3 (1.23)"
    assert place_of(third) == "step 3, word 2"
    assert place_of(last) == ""
    page = report_html(store, board).decode()
    assert "on the region 25% to 75% across" in page
    assert "on step 3, word 2" in page


def test_a_comment_without_a_place_is_stored_as_it_always_was(store, board):
    voices.say(store, board, "all", by=ANNA)
    (key,) = [key for key in keys_of_board(store, board) if key.startswith("comment:")]
    assert set(store.get(key).meta) == {
        "format", "board", "at", "by", "item", "thread", "text", "state", "run", "step", "position",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sides", "line"),
    [
        ({"x": 0.6, "y": 0, "w": 0.5, "h": 1}, r"x \+ w must be at most 1, got 1.1"),
        ({"x": 0, "y": 0, "w": 0, "h": 1}, "w must be"),
        ({"x": -0.1, "y": 0, "w": 0.5, "h": 1}, "x must be"),
        ({"x": float("nan"), "y": 0, "w": 0.5, "h": 1}, "x must be"),
    ],
)
def test_a_region_outside_its_picture_is_refused(sides, line):
    with pytest.raises(InvalidInput, match=line):
        Region(**sides)
