"""A review in a real browser: votes by keys, a blind pair, a comment, seen by somebody else."""

import re

import pytest
from playwright.sync_api import expect

from cache.store import Store
from engine.reviews import boards, voices
from engine.reviews.records import Question, person
from tests.browser.conftest import serving
from tests.browser.test_unmasking import settled
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """The address of a dashboard, its store's folder, and a board of a text and a blind pair."""
    folder = tmp_path_factory.mktemp("review")
    with Store.open(folder / "store") as store:
        text = keep_text(store, SPEC, 6)
        pictures = [keep_image(store, spec=IMAGE_SPEC.but(seed=seed)) for seed in (7, 8)]
        board = boards.make_board(store, "Room", by=person("Anna"))
        items = [
            {"title": "a text", "runs": (text,), "question": Question(kind="stars", text="Good?")},
            {"title": "a pair", "runs": tuple(pictures),
             "question": Question(kind="pair", text="Which?", blind=True)},
        ]  # fmt: skip
        boards.add_items(store, board, items, by=person("Anna"))
    with serving(folder) as address:
        yield address, folder / "store", board


def opened(page, address, board):
    page.goto(f"{address}/board?board={board[:16]}")
    expect(page.get_by_role("heading", name="1. a text")).to_be_visible()
    settled(page)


def test_votes_by_keys_a_name_and_a_comment_reach_the_store_and_the_others(room, page, browser):
    address, folder, board = room
    opened(page, address, board)
    page.get_by_role("button", name="Say your name").click()
    page.get_by_label("Your name", exact=True).fill("Dana")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="as Dana")).to_be_visible()
    page.keyboard.press("Escape")
    settled(page)
    page.keyboard.press("4")
    expect(page.get_by_role("heading", name="2. a pair")).to_be_visible()
    settled(page)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(re.compile("You preferred seed")).first).to_be_visible()
    expect(page.get_by_text("You have judged every pair of this item: 1.")).to_be_visible()
    settled(page)
    page.get_by_placeholder("What do you see?").fill("<b>soft</b>")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("Dana, just now")).to_be_visible()
    with Store.open(folder, to_read=True) as store:
        stars, pair = voices.verdicts(store, board)
        assert (stars.answer, stars.by.name) == (4, "Dana")
        assert pair.pair.blind
        assert voices.threads(store, board)[0].first.by.name == "Dana"
    # the name is this browser's: another one is somebody else, and sees the comment
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.get_by_text("<b>soft</b>")).to_be_visible(timeout=60_000)
    expect(other.get_by_role("button", name="Say your name")).to_be_visible()
    other.context.close()
    page.reload()
    expect(page.get_by_role("button", name="as Dana")).to_be_visible()
