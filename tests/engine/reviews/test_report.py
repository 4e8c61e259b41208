"""Reports: all that a board leaves behind, in one file that runs nothing and asks for nothing."""

import html
import io
import re
import zipfile
from html.parser import HTMLParser

import pytest
from pptx import Presentation

from engine.reviews import boards, voices
from engine.reviews.pairs import next_pair
from engine.reviews.records import Question, Region, person
from engine.reviews.report import report_html
from engine.reviews.report_drawing import interval_svg
from engine.reviews.report_markdown import report_markdown, report_markdown_zip
from engine.reviews.report_slides import report_slides
from engine.text.stored import load_text_run
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text

AT = "https://lab.example.org/scope"
HOSTILE = "![x](http://h.example/x.png) <script>alert(1)</script> <img src=//h.example/y> =1+1"
ANNA, BORIS = person("Anna <b>"), person("Boris")


@pytest.fixture
def board(store):
    texts = [keep_text(store, SPEC.but(seed=seed), 6) for seed in (0, 1)]
    picture = keep_image(store)
    unseen = keep_image(store, spec=IMAGE_SPEC.but(seed=9), pictures=False)
    made = boards.make_board(store, f"Board {HOSTILE}", by=ANNA, about=HOSTILE)
    items = [
        {"title": HOSTILE, "caption": HOSTILE, "runs": tuple(texts),
         "question": Question(kind="pair", text=HOSTILE, blind=True)},
        {"title": "a picture", "runs": (picture, unseen, "e" * 64),
         "question": Question(kind="stars", text="How good?")},
        {"title": "words", "question": Question(kind="text", text="What is missing?")},
    ]  # fmt: skip
    ids = boards.add_items(store, made, items, by=ANNA)
    pair, stars, words = boards.load_board(store, made).items
    shown = next_pair(texts, [], BORIS, blind=True, seed=1)
    voices.give_verdict(store, made, pair, "left", by=BORIS, pair=shown)
    voices.give_verdict(store, made, stars, 4, by=ANNA)
    voices.give_verdict(store, made, words, HOSTILE, by=ANNA)
    voices.say(store, made, HOSTILE, by=BORIS, item=ids[0], step=3)
    voices.say(store, made, "well done", by=BORIS)
    voices.decide(store, made, ids[0], "accepted", by=ANNA, sentence=HOSTILE)
    return made


class Tags(HTMLParser):
    """Every tag of a document with its attributes."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def tags(page):
    parser = Tags()
    parser.feed(page)
    return parser.seen


def test_the_page_holds_all_and_nothing_that_was_typed_is_markup(store, board):
    page = report_html(store, board, address=AT).decode()
    seen = tags(page)
    assert not {"script", "iframe", "link", "object", "b", "form"} & {tag for tag, _ in seen}
    for tag, attributes in seen:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href"):
            ours = ("#", f"{AT}/", "data:image/png;base64,")
            assert str(attributes.get(name, "#")).startswith(ours), tag
    assert "default-src 'none'" in page
    for words in ("Anna &lt;b&gt;", "Boris", "Accepted", "How good?", "on step 3", "well done"):
        assert words in page
    for run in boards.load_board(store, board).runs:
        assert run in page
    assert page.count("data:image/png;base64,") == 2  # decoded, and a preview that says so
    assert "a linear preview of step 4 of 4, not decoded" in page
    assert f"run {'e' * 64} is not in this store" in page
    assert "Too few votes to tell" in page
    assert "diffusers" in page or "by hand" in page


def test_remarks_on_a_place_show_it(store, board):
    item = boards.load_board(store, board).items[1]
    picture, text = item.runs[0], boards.load_board(store, board).items[0]
    plain = len(report_html(store, board))
    voices.say(store, board, "this corner", by=ANNA, item=item.id, run=picture,
               region=Region(x=0.5, y=0, w=0.5, h=0.5))  # fmt: skip
    voices.say(store, board, "odd word", by=BORIS, item=text.id, run=text.runs[0], position=1)
    page = report_html(store, board).decode()
    assert "on box 1, " in page
    assert "box 2" not in page
    word = load_text_run(store, text.runs[0]).words(-1)[1]
    assert f", “{html.escape(word)}”, " in page
    assert len(page) != plain
    assert "on box 1, " in report_markdown(store, board).decode()


def test_markdown_reads_every_word_as_it_is(store, board):
    text = report_markdown(store, board, address=AT).decode()
    without = re.sub(r"!\[picture\]\(data:image/png;base64,[A-Za-z0-9+/=]+\)", "", text)
    without = without.replace(f"]({AT}/", "")
    assert "](" not in without
    assert "<script" not in without
    assert "<img" not in without
    assert not re.search(r"https?://", without)
    assert "Accepted" in text
    assert "Boris" in text


def test_markdown_in_a_zip_names_every_picture_that_is_in_it(store, board):
    with zipfile.ZipFile(io.BytesIO(report_markdown_zip(store, board))) as archive:
        names = set(archive.namelist())
        text = archive.read("report.md").decode()
        pictures = [archive.read(name) for name in names - {"report.md"}]
    named = set(re.findall(r"!\[[^\]]*\]\((figures/[a-z0-9-]+\.png)\)", text))
    assert names == {"report.md", *named}
    assert len(pictures) == 2
    assert all(png.startswith(b"\x89PNG") for png in pictures)
    assert "data:image" not in text
    inline = report_markdown(store, board).decode()
    assert len(inline.split("\n\n")) == len(text.split("\n\n"))


@pytest.fixture
def grid_board(store):
    """Two seeds at two scales, twice: once in order, once with one left out."""
    runs = [
        keep_image(store, spec=IMAGE_SPEC.but(seed=seed, guidance=guidance))
        for guidance in (1.0, 4.0)
        for seed in (0, 1)
    ]
    made = boards.make_board(store, "Grid", by=ANNA)
    stars = Question(kind="stars", text="How good?")
    each = {"question": stars, "runs": tuple(runs)}
    items = [{"title": "a grid", **each}, {"title": "again", **each}]
    boards.add_items(
        store, made, [*items, {**each, "title": "a part", "runs": tuple(runs[:3])}], by=ANNA
    )
    return made


def test_pictures_of_a_grid_stand_under_their_settings(store, grid_board):
    page = report_html(store, grid_board).decode()
    first, again, part = re.findall(r"<section id=.*?</section>", page)
    assert re.findall("<th>(.*?)</th>", first) == [
        "",
        "seed 0",
        "seed 1",
        "guidance 1",
        "guidance 4",
    ]
    assert first.count("<img") == 4
    assert '<div class="again">' in again
    assert '<a href="#item-1">item 1</a>' in again
    assert "<table" not in part
    assert "seed 0, guidance 1" in part


def test_a_grid_in_markdown_has_its_settings_in_the_margins(store, grid_board):
    text = report_markdown(store, grid_board).decode()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert ["| ", "seed 0", "seed 1 |"] in rows
    assert sum(row[0] == "| guidance 4" and len(row) == 3 for row in rows) == 2


def test_pictures_of_a_grid_stand_in_their_rows_on_a_slide(store, grid_board):
    deck = Presentation(io.BytesIO(report_slides(store, grid_board)))
    slide = deck.slides[2]
    pictures = [shape for shape in slide.shapes if shape.shape_type == 13]
    said = [p._element.nvPicPr.cNvPr.get("descr") for p in pictures]
    assert said == [f"seed {s}, guidance {g}" for g in (1, 4) for s in (0, 1)]
    assert pictures[0].top == pictures[1].top < pictures[2].top
    assert pictures[0].left == pictures[2].left < pictures[1].left
    words = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert {"seed 0", "seed 1", "guidance 1", "guidance 4"} <= set(words)


def test_a_figure_has_its_points_where_the_values_are():
    svg = interval_svg([("a <b>", 2.0, 1.0, 3.0, "1 vote"), ("c", 4.0, float("nan"), 5.0, "")],
                       what="mean answer, 1 to 5")  # fmt: skip
    at = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg)]
    assert at[1] - at[0] == pytest.approx(2 / 4.4 * (760 - 250 - 190), abs=0.2)
    assert svg.count('class="bar"') == 1
    assert "a &lt;b&gt;" in svg
    assert "<b>" not in svg
