"""The pages of reviews: boards, a board, and adding to one from everywhere."""

import json

import pytest

from engine.reviews import boards, voices
from engine.reviews.records import PairShown, Question, Region, person
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text
from tests.dashboard.pages import open_page, player

ANNA = person("Anna")
HOSTILE = "![x](http://h.example/x.png) <b>bold</b> :red[x] $x$"


@pytest.fixture
def board(small_store):
    texts = [keep_text(small_store, SPEC.but(seed=seed), 6) for seed in (0, 1)]
    pictures = [keep_image(small_store, spec=IMAGE_SPEC.but(seed=seed)) for seed in (1, 2, 3)]
    made = boards.make_board(small_store, f"Guidance {HOSTILE}", by=ANNA, about=HOSTILE)
    items = [
        {"title": "stars", "runs": tuple(pictures[:1]), "question": Question(kind="stars")},
        {"title": "pairs", "runs": tuple(pictures), "question": Question(kind="pair", blind=True)},
        {"title": HOSTILE, "caption": HOSTILE, "runs": tuple(texts),
         "question": Question(kind="choice", text=HOSTILE, options=(HOSTILE[:80], "other"))},
        {"title": "gone", "runs": ("e" * 64,), "question": Question(kind="yes_no")},
        {"title": "words", "page": "library", "query": "kind=text",
         "question": Question(kind="text")},
    ]  # fmt: skip
    boards.add_items(small_store, made, items, by=ANNA)
    return made


def link(store, board, place):
    return boards.load_board(store, board).items[place].id[16:28]


def said(at):
    return " ".join(
        str(element.value)
        for kind in (
            at.warning,
            at.success,
            at.info,
            at.error,
            at.caption,
            at.markdown,
            at.title,
            at.subheader,
        )
        for element in kind
    )


def test_no_board_offers_a_way_on(empty_store):
    assert "No board yet" in said(open_page("boards"))
    assert "There is no board yet" in said(open_page("board"))


def test_a_board_is_begun_and_archived_and_copied(small_store, board):
    at = open_page("boards")
    short = board[:16]
    at.button(key=f"copy-{short}").click().run()
    assert not at.exception
    assert sorted(len(b.items) for b in boards.list_boards(small_store)) == [5, 5]
    at.button(key=f"archive-{short}").click().run()
    assert boards.load_board(small_store, board).archived
    at.text_input(key="new-board").set_value("Another").run()
    at.button(key="begin").click().run()
    assert "Another" in {b.title for b in boards.list_boards(small_store)}


@pytest.fixture(autouse=True)
def quick_hands(monkeypatch):
    """Nobody waits between two pairs here."""
    monkeypatch.setattr("dashboard.app_pages.board.question.HEARD_AGAIN_S", 0.0)


def test_a_key_that_is_heard_twice_is_one_vote(small_store, board, monkeypatch):
    at = open_page("board", board=board[:16])
    for answer in (4, 4, 3, 4):
        at.query_params["item"] = link(small_store, board, 0)
        at.run()
        at.button(key=f"answer-{answer}").click().run()
    assert [v.answer for v in voices.verdicts(small_store, board)] == [4, 3, 4]
    monkeypatch.setattr("dashboard.app_pages.board.question.HEARD_AGAIN_S", 600.0)
    at = open_page("board", board=board[:16], item=link(small_store, board, 1))
    for side in ("Left", "Left", "Right"):
        at.button(key=f"answer-{side}").click().run()
    assert not at.exception
    pairs = [v.answer for v in voices.verdicts(small_store, board) if v.pair is not None]
    assert pairs == ["left", "right"]


def test_stars_are_given_and_the_next_item_is_shown(small_store, board):
    at = open_page("board", board=board[:16])
    assert not at.exception
    assert len(player(at)["panels"]) == 1
    at.button(key="answer-4").click().run()
    (verdict,) = voices.verdicts(small_store, board)
    assert (verdict.answer, verdict.by.how, verdict.step) == (4, "unsigned", 4)
    assert link(small_store, board, 1) in at.query_params["item"]
    at.query_params["item"] = link(small_store, board, 0)
    assert "You said 4" in said(at.run())


def test_a_blind_pair_hides_names_until_it_is_judged(small_store, board):
    at = open_page("board", board=board[:16], item=link(small_store, board, 1))
    shown = [text.value for text in at.text]
    assert {"A", "B"} <= set(shown)
    assert "seed" not in " ".join(shown)
    at.button(key="answer-Left").click().run()
    assert not at.exception
    (verdict,) = voices.verdicts(small_store, board)
    assert verdict.pair.blind
    assert "You preferred seed" in said(at)
    for _ in range(3):
        if "answer-Space" in {button.key for button in at.button}:
            at.button(key="answer-Space").click().run()
    assert "You have judged every pair of this item: 3." in said(at)


def test_who_has_judged_all_sees_the_runs_and_may_judge_again(small_store, board):
    at = open_page("board", board=board[:16], item=link(small_store, board, 1))
    for _ in range(3):
        at.button(key="answer-Left").click().run()
    shown = [text.value for text in at.text]
    assert {"seed 1", "seed 2", "seed 3"} <= set(shown)  # every run, by its name
    assert sum(": won " in text for text in shown) == 3
    assert sum("You preferred" in text for text in shown) == 3
    first = voices.verdicts(small_store, board)[0]
    at.button(key="again-0").click().run()
    assert not at.exception
    at.button(key="answer-Right").click().run()
    last = voices.verdicts(small_store, board)[-1]
    assert (last.pair.left, last.pair.right) == (first.pair.left, first.pair.right)
    assert not last.pair.blind  # the names were known
    assert len(voices.counted(voices.verdicts(small_store, board))) == 3
    assert "You have judged every pair of this item: 3." in said(at)


def test_a_slip_is_mended_while_the_pairs_go_on(small_store, board):
    at = open_page("board", board=board[:16], item=link(small_store, board, 1))
    at.button(key="answer-Left").click().run()
    (first,) = voices.verdicts(small_store, board)
    at.button(key="again-last").click().run()
    at.button(key="answer-Right").click().run()
    last = voices.verdicts(small_store, board)[-1]
    assert (last.pair.left, last.pair.right) == (first.pair.left, first.pair.right)
    assert not at.exception


def test_shown_votes_name_the_runs_to_who_has_not_voted(small_store, board):
    item = boards.load_board(small_store, board).items[1]
    shown = PairShown(left=item.runs[0], right=item.runs[1], seed=1, blind=True)
    voices.give_verdict(small_store, board, item, "left", by=ANNA, pair=shown)
    at = open_page("board", board=board[:16], item=link(small_store, board, 1))
    assert not any("seed" in text.value for text in at.text)
    at.button(key="reveal").click().run()
    texts = [text.value for text in at.text]
    assert any(text.startswith("A: seed ") for text in texts)
    assert "seed 1: won 1 of 1" in texts
    at.button(key="answer-Left").click().run()
    assert not voices.verdicts(small_store, board)[-1].pair.blind


def test_a_blind_pair_stands_as_it_stood_after_a_reload(small_store, board):
    places = {"board": board[:16], "item": link(small_store, board, 1)}
    asked = []
    for _ in range(3):
        at = open_page("board", **places)
        at.text_input(key="who-typed").set_value("Dana").run()
        asked.append(at.session_state["pair-shown"][1])
    assert asked[0] == asked[1] == asked[2]


def test_a_name_is_kept_and_stands_under_what_is_said(small_store, board):
    at = open_page("board", board=board[:16])
    at.text_input(key="who-typed").set_value("Dana <b>").run()
    item = boards.load_board(small_store, board).items[0]
    at.text_area(key=f"comment-{item.id[16:28]}").set_value(HOSTILE).run()
    at.button(key="comment-go").click().run()
    at.text_input(key=f"sentence-{item.id[16:28]}").set_value("fine").run()
    at.button(key="decide-accepted").click().run()
    assert not at.exception
    (thread,) = voices.threads(small_store, board)
    assert (thread.first.text, thread.first.by.name) == (HOSTILE, "Dana <b>")
    (decision,) = voices.decisions(small_store, board)[item.id]
    assert (decision.outcome, decision.by.how) == ("accepted", "said")
    at.button(key=f"settle-{thread.id[16:28]}").click().run()
    assert voices.threads(small_store, board)[0].resolved


def test_votes_of_others_are_seen_after_ones_own_or_when_they_are_shown(small_store, board):
    item = boards.load_board(small_store, board).items[0]
    voices.give_verdict(small_store, board, item, 5, by=ANNA)
    at = open_page("board", board=board[:16])
    assert "mean" not in said(at)
    assert "1 item is left out" in said(open_page("board", board=board[:16], view="results"))
    report = open_page("board", board=board[:16], view="report")
    assert "also those on 1 item that you may not see yet" in said(report)
    files = {each.proto.label for each in report.get("download_button")}
    assert not files
    report.toggle(key="report-all").set_value(True).run()
    assert not report.exception
    assert "HTML, one file" in {each.proto.label for each in report.get("download_button")}
    at.button(key="reveal").click().run()
    assert "mean 5.00, 1 vote" in said(at)
    assert not open_page("board", board=board[:16], view="report").toggle
    results = open_page("board", board=board[:16], view="results")
    assert not results.exception
    (figure,) = results.get("plotly_chart")
    assert json.loads(figure.proto.spec)["data"][0]["x"] is not None


def test_hostile_words_and_a_run_that_is_gone_are_shown_as_they_are(small_store, board):
    for place in range(5):
        at = open_page("board", board=board[:16], item=link(small_store, board, place))
        assert not at.exception
        assert "http://" not in said(at)
    gone = open_page("board", board=board[:16], item=link(small_store, board, 3))
    assert "eeeeeeeeeeee cannot be opened in this store" in said(gone)
    for view in ("agenda", "results", "report"):
        assert not open_page("board", board=board[:16], view=view).exception


def test_the_agenda_moves_takes_off_and_puts_back(small_store, board):
    first = boards.load_board(small_store, board).items[0].id[16:28]
    at = open_page("board", board=board[:16], view="agenda")
    at.button(key=f"down-{first}").click().run()
    assert boards.load_board(small_store, board).items[1].title == "stars"
    at.button(key=f"off-{first}").click().run()
    assert len(boards.load_board(small_store, board).items) == 4
    at.button(key=f"back-{first}").click().run()
    assert len(boards.load_board(small_store, board).items) == 5
    assert not at.exception


def test_what_is_changed_after_a_move_keeps_the_rest(small_store, board):
    item = boards.load_board(small_store, board).items[2]
    short = item.id[16:28]
    at = open_page("board", board=board[:16], view="agenda")
    at.button(key=f"up-{short}").click().run()
    at.text_input(key=f"title-{short}-1").set_value("another title").run()
    at.button(key=f"rename-{short}").click().run()
    assert not at.exception
    changed = boards.load_board(small_store, board).item(item.id)
    assert (changed.title, changed.caption) == ("another title", HOSTILE)


def test_the_chosen_item_moves_by_keys(small_store, board):
    at = open_page("board", board=board[:16], view="agenda", item=link(small_store, board, 1))
    at.button(key="agenda-Alt+Up").click().run()
    assert boards.load_board(small_store, board).items[0].title == "pairs"
    assert at.button(key="agenda-Alt+Up").disabled
    at.button(key="agenda-Alt+Down").click().run()
    at.button(key="agenda-Alt+Down").click().run()
    assert boards.load_board(small_store, board).items[2].title == "pairs"
    at.button(key="agenda-P").click().run()
    at.button(key="agenda-Alt+Down").click().run()
    assert [i.title for i in boards.load_board(small_store, board).items][2] != "pairs"
    assert not at.exception


def test_a_stale_link_says_so(small_store, board):
    assert "The board of this link is not here" in said(open_page("board", board="0123456789ab"))
    assert "is not on this board now" in said(open_page("board", board=board[:16], item="beef"))


@pytest.mark.parametrize("page", ["compare", "text_unmasking", "library", "system"])
def test_every_page_has_a_way_onto_a_board(small_store, page):
    at = open_page(page)
    assert not at.exception
    labels = [popover.proto.popover.label for popover in at.get("popover")]
    assert "Add to board" in labels


def test_a_remark_on_a_region_is_drawn_where_it_belongs_and_linked(small_store, board):
    at = open_page("board", board=board[:16])
    item = boards.load_board(small_store, board).items[0]
    at.button(key="take-box").click().run()
    at.text_area(key=f"comment-{item.id[16:28]}").set_value("soft here").run()
    at.button(key="comment-go").click().run()
    assert not at.exception
    (thread,) = voices.threads(small_store, board)
    assert thread.first.region == Region(x=0.25, y=0.25, w=0.5, h=0.5)
    assert thread.first.run == item.runs[0]
    figures = [json.loads(figure.proto.spec) for figure in at.get("plotly_chart")]
    drawn = next(f for f in figures if f["layout"].get("images"))
    (shape,) = drawn["layout"]["shapes"]
    assert (shape["x0"], shape["x1"], shape["y0"], shape["y1"]) == (0.25, 0.75, 0.25, 0.75)
    at.button(key=f"see-{thread.id[16:28]}").click().run()
    assert thread.id[16:28] in at.query_params["comment"]
    assert "looked at" in said(at)
    at.button(key=f"settle-{thread.id[16:28]}").click().run()
    assert voices.threads(small_store, board)[0].resolved


def test_a_box_outside_the_picture_is_told_and_not_taken(small_store, board):
    at = open_page("board", board=board[:16])
    at.number_input(key="box-Left").set_value(80).run()
    at.button(key="take-box").click().run()
    assert "x + w must be at most 1, got 1.3" in " ".join(text.value for text in at.text)
    assert not at.exception


def test_a_remark_on_a_word_of_a_step(small_store, board):
    item = boards.load_board(small_store, board).items[2]
    at = open_page("board", board=board[:16], item=link(small_store, board, 2), step=3, word=1)
    at.session_state["comment-on"] = "word"
    at.text_area(key=f"comment-{item.id[16:28]}").set_value("odd").run()
    at.button(key="comment-go").click().run()
    (thread,) = voices.threads(small_store, board)
    assert (thread.first.step, thread.first.position) == (3, 1)
    assert "on step 3, word 1" in " ".join(text.value for text in at.text)


def test_what_others_say_is_there_at_the_next_look(small_store, board):
    at = open_page("board", board=board[:16])
    item = boards.load_board(small_store, board).items[0]
    voices.say(small_store, board, "from elsewhere", by=ANNA, item=item.id)
    voices.decide(small_store, board, item.id, "rejected", by=ANNA, sentence="no")
    at.run()
    assert "from elsewhere" in " ".join(text.value for text in at.text)
    assert "Rejected" in said(at)


def test_the_boards_page_says_what_waits_for_one(small_store, board):
    at = open_page("board", board=board[:16])
    at.text_input(key="who-typed").set_value("Dana").run()
    voices.say(small_store, board, f"@Dana {HOSTILE}", by=ANNA)
    at.switch_page("app_pages/boards/page.py").run()
    assert not at.exception
    assert [expander.label for expander in at.expander] == ["Waits for you: 6"]
    assert f"@Dana {HOSTILE}" in [text.value for text in at.text]
    assert "http://" not in said(at)
