"""A meeting of three in three browsers: a chair who leads, a judge, a guest who looks around."""

import io
import os
import re

import pytest
from playwright.sync_api import expect
from pptx import Presentation

from cache.store import Store
from engine.capsules.exporting import export_board
from engine.capsules.importing import import_runs
from engine.reviews import boards, meetings, voices
from engine.reviews.records import Question, person
from tests.browser.conftest import serving
from tests.browser.test_unmasking import settled
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text

WHY = (
    "three browsers on one server take minutes, and the guest does not always follow in time: run "
    "it with STEPSCOPE_JOURNEYS=1"
)
pytestmark = pytest.mark.skipif(not os.environ.get("STEPSCOPE_JOURNEYS"), reason=WHY)
SCALES = (1.0, 4.0, 7.5, 12.0)
LONG = 120_000  # milliseconds: three browsers and a server on a busy machine


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """The address of a dashboard, its store, and a board of eight items.

    A 4 x 4 sweep of guidance and seed, a picture of it, and a comparison of texts.
    """
    folder = tmp_path_factory.mktemp("room")
    with Store.open(folder / "store") as store:
        sweep = {
            seed: [keep_image(store, spec=IMAGE_SPEC.but(seed=seed, guidance=g)) for g in SCALES]
            for seed in range(4)
        }
        texts = [keep_text(store, SPEC.but(seed=seed), 6) for seed in (0, 1)]
        board = boards.make_board(store, "Room", by=person("Anna"))
        pair = Question(kind="pair", text="Which?", blind=True)
        pairs = [
            {"title": f"seed {seed}", "runs": tuple(runs[:2]), "question": pair}
            for seed, runs in sweep.items()
        ]
        items = [
            *pairs[:1],
            {"title": "a picture", "runs": (sweep[0][2],), "question": Question(kind="stars")},
            {"title": "a text", "runs": (texts[0],), "question": Question(kind="yes_no"),
             "page": "text_unmasking", "query": f"run={texts[0][:12]}&step=2"},
            *pairs[1:],
            {"title": "two texts", "runs": tuple(texts), "question": pair},
            {"title": "what else", "question": Question(kind="text")},
        ]  # fmt: skip
        boards.add_items(store, board, items, by=person("Anna"))
    with serving(folder) as address:
        yield address, folder / "store", board


@pytest.fixture
def people(room, browser):
    """Three pages of three browsers that know nothing of each other, each with a name."""
    address, _, board = room
    contexts = [
        browser.new_context(viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
        for _ in range(3)
    ]
    opened = []
    for context, name in zip(contexts, ("Anna", "Boris", "Gast"), strict=True):
        page = context.new_page()
        page.set_default_timeout(LONG)
        page.goto(f"{address}/board?board={board[:16]}")
        on_item(page, 1)
        page.get_by_role("button", name="Say your name").click()
        page.get_by_label("Your name", exact=True).fill(name)
        page.keyboard.press("Enter")
        seen(page.get_by_role("button", name=f"as {name}"))
        page.keyboard.press("Escape")
        settled(page)
        opened.append(page)
    yield opened
    for context in contexts:
        context.close()


def seen(locator):
    expect(locator).to_be_visible(timeout=LONG)


def on_item(page, place):
    seen(page.get_by_role("heading", name=f"{place}. "))
    settled(page)


def press(page, key):
    """A key for the page, not for what has the focus."""
    settled(page)
    page.get_by_role("heading").first.click()
    page.keyboard.press(key)


def test_a_meeting_from_its_beginning_to_its_report(room, people):
    address, folder, board = room
    chair, judge, guest = people
    chair.get_by_role("button", name="Lead a meeting").click()
    seen(chair.get_by_text("You lead"))
    chair.wait_for_url(re.compile("meet="))
    judge.goto(chair.url)  # the link that the chair sends leads into the meeting
    seen(judge.get_by_text("Anna leads"))
    guest.reload()
    guest.get_by_role("button", name="Join Anna's meeting").click()
    seen(guest.get_by_text("Anna leads"))

    # a blind pair: votes come in as a number, and are shown when the chair shows them
    on_item(judge, 1)
    press(judge, "ArrowLeft")
    seen(chair.get_by_text("1 voted"))
    expect(judge.get_by_text("their votes are shown when the chair shows them")).to_be_visible()
    press(guest, "ArrowRight")
    seen(chair.get_by_text("2 voted"))
    expect(judge.get_by_role("button", name="Show the votes to all")).to_have_count(0)
    on_item(judge, 1)  # a vote leaves one where the chair is
    chair.get_by_role("button", name="Show the votes to all").click()
    seen(guest.get_by_text("2 people have voted."))
    seen(guest.get_by_text("Fewer than 10 votes"))

    # a decision ends the item: the room goes on
    chair.get_by_role("button", name="Decide").click()
    chair.get_by_label("In a sentence").fill("we take it")
    chair.get_by_role("button", name="Accepted").click()
    for page in people:
        on_item(page, 2)
    settled(guest)
    press(guest, "3")
    seen(chair.get_by_text("1 voted"))

    # the chair's step is everybody's; what is pointed at is spoken of where it is
    chair.get_by_role("slider").first.press("ArrowLeft")
    chair.wait_for_url(re.compile("step=3"))
    guest.wait_for_url(re.compile("step=3"))
    judge.get_by_text("Point at a place").click()
    judge.get_by_role("button", name="Take this box").click()
    seen(judge.get_by_text("my box or point"))
    judge.keyboard.press("Escape")
    settled(judge)
    judge.get_by_placeholder("What do you see?").fill("soft here, @Gast")
    judge.get_by_role("button", name="Comment", exact=True).click()
    for page in people:
        seen(page.get_by_text("soft here, @Gast"))
    seen(chair.get_by_text(re.compile("on the region 25% to 75% across")))

    # who moves alone looks around, and comes back
    press(guest, "P")
    seen(guest.get_by_text("You look around"))
    press(chair, "N")
    for page in (chair, judge):
        on_item(page, 3)
    on_item(guest, 1)
    guest.get_by_role("button", name="Follow again").click()
    on_item(guest, 3)

    # the meeting moves between pages
    chair.get_by_role("link", name="Open the view it was taken from").click()
    for page in people:
        seen(page.get_by_role("heading", name="Unmasking"))
        seen(page.get_by_text("Step 2 of 5 reveals"))
    press(chair, "N")
    for page in people:
        on_item(page, 4)
    chair.get_by_role("button", name="End the meeting").click()
    seen(judge.get_by_text("The meeting has ended"))
    expect(chair.get_by_text("You lead")).to_have_count(0)

    # what it leaves behind
    guest.goto(f"{address}/boards")
    seen(guest.get_by_text(re.compile("Boris names you on Room")))
    chair.goto(f"{address}/board?board={board[:16]}&view=report")
    seen(
        chair.get_by_text("also those on 1 item that you may not see yet")
    )  # its chair did not vote
    chair.get_by_text("Make it all the same").click()
    seen(chair.get_by_role("button", name="Slides (PPTX)"))
    settled(chair)
    with chair.expect_download(timeout=LONG) as download:
        chair.get_by_role("button", name="Slides (PPTX)").click()
    assert len(Presentation(download.value.path()).slides) == 2 + 8
    with Store.open(folder, to_read=True) as store:
        assert meetings.find_meeting(store, board) is None
        assert sorted(v.by.name for v in voices.verdicts(store, board)) == ["Boris", "Gast", "Gast"]
        (ended,) = voices.decisions(store, board).values()
        assert (ended[-1].by.name, ended[-1].sentence) == ("Anna", "we take it")
        capsule = io.BytesIO()
        export_board(store, board, capsule)
    with Store.open(folder.parent / "elsewhere") as other:
        assert import_runs(other, capsule).boards == (board,)
        there = boards.load_board(other, board)
        assert len(there.items) == 8
        assert all(other.has(f"run:{run}") for run in there.runs)
        assert voices.threads(other, board)[0].first.region is not None
