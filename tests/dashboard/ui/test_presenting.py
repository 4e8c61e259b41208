"""Who follows a meeting goes where the chair goes; who moves alone looks around."""

from urllib.parse import parse_qs

import pytest

from engine.reviews import boards, meetings, voices
from engine.reviews.meetings import Place
from engine.reviews.records import Question, person
from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.pages import open_page

ANNA = person("Anna", browser="aaaaaaaaaaaa")


@pytest.fixture
def board(small_store):
    runs = [keep_text(small_store, SPEC.but(seed=seed), 6) for seed in (0, 1)]
    made = boards.make_board(small_store, "Room", by=ANNA)
    items = [
        {"title": f"item {i}", "runs": (run,), "question": Question(kind="stars")}
        for i, run in enumerate(runs)
    ]
    boards.add_items(small_store, made, items, by=ANNA)
    return made


def link(store, board, place):
    return boards.load_board(store, board).items[place].id[16:28]


def item_query(store, board, place):
    query = f"board={board[:16]}&item={link(store, board, place)}&view=judge"
    return Place("board", query, boards.load_board(store, board).items[place].id)


def keys(at):
    return {button.key for button in at.button}


def texts(at):
    return " ".join(text.value for text in at.text)


def test_the_chair_leads_by_what_it_looks_at(small_store, board):
    at = open_page("board", board=board[:16])
    at.button(key="meet-begin").click().run()
    assert not at.exception
    meeting = meetings.find_meeting(small_store, board)
    assert (meeting.page, meeting.item) == (
        "board",
        boards.load_board(small_store, board).items[0].id,
    )
    assert "You lead  ·  item 1 of 2" in texts(at.run())
    at.button(key="next").click().run()
    query = parse_qs(meetings.find_meeting(small_store, board).query)
    assert query["item"] == [link(small_store, board, 1)]
    assert "meet" not in query
    at.switch_page("app_pages/system/page.py").run()
    assert meetings.find_meeting(small_store, board).page == "system"
    at.button(key="meet-1").click().run()
    at.button(key="meet-end").click().run()
    assert meetings.find_meeting(small_store, board) is None
    assert "meet-end" not in keys(at)


def test_a_decision_of_the_chair_ends_the_item(small_store, board):
    at = open_page("board", board=board[:16])
    at.button(key="meet-begin").click().run()
    at.button(key="decide-accepted").click().run()
    items = boards.load_board(small_store, board).items
    assert list(voices.decisions(small_store, board)) == [items[0].id]
    assert meetings.find_meeting(small_store, board).item == items[1].id


def test_who_follows_comes_along_and_who_moves_looks_around(small_store, board):
    meetings.begin_meeting(small_store, board, by=ANNA)
    meetings.lead(small_store, board, item_query(small_store, board, 1), by=ANNA)
    at = open_page("library", meet=board[:16])
    assert not at.exception
    assert "Anna leads  ·  item 2 of 2" in texts(at)
    assert at.query_params["item"] in (link(small_store, board, 1), [link(small_store, board, 1)])
    at.switch_page("app_pages/board/page.py").run()  # AppTest itself knows nothing of the way here
    at.button(key="previous").click().run()
    at.run()
    assert "You look around; Anna leads" in texts(at)
    meetings.lead(small_store, board, Place("system"), by=ANNA)
    at.run()
    assert "System" not in [title.value for title in at.title]
    at.button(key="meet-follow").click().run()
    assert "System" in [title.value for title in at.title]
    assert not at.exception


def test_a_link_from_before_is_late_and_no_step_aside(small_store, board):
    """A browser asks for looks by itself, and may not have the link that it was sent yet."""
    meetings.begin_meeting(small_store, board, by=ANNA)
    meetings.lead(small_store, board, item_query(small_store, board, 1), by=ANNA)
    at = open_page("board", board=board[:16], meet=board[:16]).run()
    before = {name: at.query_params[name] for name in at.query_params}
    meetings.lead(small_store, board, item_query(small_store, board, 0), by=ANNA)
    at.run()
    at.run()
    assert at.query_params["item"] in (link(small_store, board, 0), [link(small_store, board, 0)])
    for name, value in before.items():
        at.query_params[name] = value
    at.run()
    assert "Anna leads  ·  item 1 of 2" in texts(at)
    assert at.query_params["item"] in (link(small_store, board, 0), [link(small_store, board, 0)])
    assert not at.exception


def test_what_a_browser_held_before_the_move_is_no_choice(small_store, board):
    """With a late link comes the late state of the row of items; the server moved both."""
    meetings.begin_meeting(small_store, board, by=ANNA)
    meetings.lead(small_store, board, item_query(small_store, board, 0), by=ANNA)
    at = open_page("board", board=board[:16], meet=board[:16]).run()
    before = {name: at.query_params[name] for name in at.query_params}
    meetings.lead(small_store, board, item_query(small_store, board, 1), by=ANNA)
    at.run()
    at.run()
    for name, value in before.items():
        at.query_params[name] = value
    items = next(each for each in at.button_group if each.key == "board-item")
    items.set_value(boards.load_board(small_store, board).items[0].id).run()
    at.run()
    assert not at.exception
    assert "Anna leads  ·  item 2 of 2" in texts(at)
    assert "You look around" not in texts(at)
    assert at.query_params["item"] in (link(small_store, board, 1), [link(small_store, board, 1)])


def test_names_of_a_blind_pair_are_not_told_before_the_votes_are(small_store, board):
    runs = boards.load_board(small_store, board).runs
    pair = {"title": "pair", "runs": runs, "question": Question(kind="pair", blind=True)}
    boards.add_items(small_store, board, [pair], by=ANNA)
    meetings.begin_meeting(small_store, board, by=ANNA)
    meetings.lead(small_store, board, item_query(small_store, board, 2), by=ANNA)
    at = open_page("board", board=board[:16], meet=board[:16], item=link(small_store, board, 2))
    at.button(key="answer-Left").click().run()
    assert "Your vote is kept: A." in [info.value for info in at.info]
    said = " ".join(element.value for element in (*at.text, *at.info, *at.caption))
    assert "seed" not in said
    at.button(key="again-last").click().run()
    at.button(key="answer-Right").click().run()
    assert voices.verdicts(small_store, board)[-1].pair.blind
    assert "seed" not in " ".join(element.value for element in (*at.text, *at.info))


def test_a_late_link_is_no_move_of_the_chair(small_store, board):
    at = open_page("board", board=board[:16])
    at.button(key="meet-begin").click().run()
    before = {name: at.query_params[name] for name in at.query_params}
    at.button(key="next").click().run()
    assert meetings.find_meeting(small_store, board).item == board_item(small_store, board, 1)
    for name, value in before.items():
        at.query_params[name] = value
    at.run()  # the browser asked with the link of the item before
    assert meetings.find_meeting(small_store, board).item == board_item(small_store, board, 1)
    assert at.query_params["item"] in (link(small_store, board, 1), [link(small_store, board, 1)])
    assert not at.exception


def board_item(store, board, place):
    return boards.load_board(store, board).items[place].id


def test_votes_of_the_room_stay_hidden_until_the_chair_shows_them(small_store, board):
    item = boards.load_board(small_store, board).items[0]
    meetings.begin_meeting(small_store, board, by=ANNA)
    meetings.lead(small_store, board, item_query(small_store, board, 0), by=ANNA)
    voices.give_verdict(small_store, board, item, 5, by=ANNA)
    at = open_page("board", board=board[:16], meet=board[:16]).run()
    at.button(key="answer-2").click().run()
    said = " ".join(caption.value for caption in at.caption)
    assert "2 people have voted; their votes are shown when the chair shows them" in said
    assert "mean" not in said
    assert "reveal" not in keys(at)
    assert "2 voted" in texts(at)
    boards.revise(small_store, board, by=ANNA, item=item.id, revealed=True)
    at.run()
    assert "mean 3.50, 2 votes" in " ".join(caption.value for caption in at.caption)


def test_a_place_that_is_no_page_leads_nowhere(small_store, board):
    meetings.begin_meeting(small_store, board, by=ANNA)
    meetings.lead(small_store, board, Place("no_such_page", "a=b"), by=ANNA)
    at = open_page("board", board=board[:16], meet=board[:16]).run()
    assert not at.exception
    assert "Room" in [title.value for title in at.title]


def test_a_link_into_a_meeting_that_is_over_says_so(small_store, board):
    at = open_page("board", board=board[:16], meet=board[:16])
    assert not at.exception
    assert "meet" not in at.query_params
