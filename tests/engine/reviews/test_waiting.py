"""What waits for somebody: what they have not judged, and where they are named."""

import pytest

from engine.reviews import boards, voices
from engine.reviews.records import Comment, Question, person
from engine.reviews.waiting import names, waiting_for

ANNA, BORIS = person("Anna Berg"), person("Boris")


@pytest.fixture
def board(store):
    made = boards.make_board(store, "Room", by=ANNA)
    stars = Question(kind="stars")
    items = [{"title": t, "question": stars} for t in ("one", "two", "three")]
    boards.add_items(store, made, [*items, {"title": "only seen"}], by=ANNA)
    return made


def titles(waiting):
    return [item.title for _, item in waiting.items]


def test_items_wait_until_they_are_judged_decided_or_put_away(store, board):
    one, two, three, _ = boards.load_board(store, board).items
    voices.give_verdict(store, board, one, 4, by=BORIS)
    voices.decide(store, board, three.id, "accepted", by=ANNA)
    assert titles(waiting_for(store, BORIS)) == ["two"]
    assert titles(waiting_for(store, ANNA)) == ["one", "two"]
    boards.revise(store, board, by=ANNA, item=two.id, removed=True)
    assert len(waiting_for(store, BORIS)) == 0
    boards.revise(store, board, by=ANNA, archived=True)
    assert len(waiting_for(store, ANNA)) == 0


def test_a_remark_that_names_one_waits_until_one_answers_or_it_is_settled(store, board):
    thread = voices.say(store, board, "what do you think, @boris?", by=ANNA)
    voices.say(store, board, "nobody here", by=ANNA)
    ((mention,), ()) = (waiting_for(store, BORIS).mentions, waiting_for(store, ANNA).mentions)
    assert mention.thread.id == thread
    voices.say(store, board, "fine", by=BORIS, thread=thread)
    assert not waiting_for(store, BORIS).mentions
    voices.say(store, board, "sure, @Boris?", by=ANNA, thread=thread)
    assert len(waiting_for(store, BORIS).mentions) == 1
    (first, _) = voices.threads(store, board)
    voices.settle(store, board, first, by=ANNA, resolved=True)
    assert not waiting_for(store, BORIS).mentions


@pytest.mark.parametrize(
    ("text", "who", "named"),
    [
        ("@Anna look", ANNA, True), ("@anna berg, look", ANNA, True), ("(@Anna)", ANNA, True),
        ("@Annabel look", ANNA, False), ("mail x@anna.org", ANNA, False), ("Anna", ANNA, False),
        ("@a.b@x.org see", person("a.b@x.org", login=True), True),
        ("@a.b see", person("a.b@x.org", login=True), True),
        ("@a.b@other.org see", person("a.b@x.org", login=True), False),
        ("@unsigned", person("", browser="aaaaaaaaaaaa"), False),
        ("@.* (", person(".* ("), True),
    ],
)  # fmt: skip
def test_who_is_named(text, who, named):
    comment = Comment(board="a" * 64, at=1.7e9, by=BORIS, text=text)
    assert names(comment, who) is named
