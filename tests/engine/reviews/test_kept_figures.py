"""Figures that are kept with a board: pictures that are whole, copied and carried with it."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cache.errors import InvalidInput, PayloadDamaged
from cache.payload import Payload
from cache.store import Store
from engine.capsules.exporting import export_board
from engine.capsules.importing import import_runs
from engine.reviews import boards
from engine.reviews.entries import check_entry
from engine.reviews.kept_figures import figures_of, fitting, keep_figures
from engine.reviews.records import fields_of, person
from engine.reviews.report import report_html
from engine.reviews.report_links import USUAL
from engine.reviews.report_markdown import report_markdown
from tests.dashboard.conftest import SPEC, keep_text

ANNA = person("Anna")
HOSTILE = "![x](http://h.example/x.png) <script>alert(1)</script>"


def png(side=8, colour="red"):
    file = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def board(store):
    made = boards.make_board(store, "Room", by=ANNA)
    fields = {"title": "a view", "page": "library", "runs": (keep_text(store, SPEC, 6),)}
    (item,) = boards.add_items(store, made, [fields], by=ANNA)
    keep_figures(store, made, item, [("Curves", png()), (HOSTILE, png(9, "blue"))], by=ANNA)
    return made


def test_figures_are_kept_in_their_order(store, board):
    ((item, kept),) = figures_of(store, board).items()
    assert item == boards.load_board(store, board).items[0].id
    assert [(figure.name, figure.picture) for figure in kept] == [
        ("Curves", png()), (HOSTILE, png(9, "blue")),
    ]  # fmt: skip


def test_a_copy_of_a_board_has_them(store, board):
    copy = boards.duplicate(store, board, by=ANNA)
    ((item, kept),) = figures_of(store, copy).items()
    assert item == boards.load_board(store, copy).items[0].id
    assert [figure.name for figure in kept] == ["Curves", HOSTILE]


def test_they_travel_with_a_capsule_of_the_board(store, board, tmp_path):
    file = io.BytesIO()
    export_board(store, board, file)
    with Store.open(tmp_path / "other") as other:
        import_runs(other, file)
        assert figures_of(other, board) == figures_of(store, board)


def test_reports_hold_them_and_their_names_are_text(store, board):
    page = report_html(store, board).decode()
    assert base64.b64encode(png()).decode() in page
    assert "<script" not in page
    plain = report_markdown(store, board).decode()
    assert "](http" not in plain.replace(f"]({USUAL}/", "")
    assert plain.count("](data:image/png;base64,") == 2


@pytest.mark.parametrize(
    "bad",
    [b"", b"no picture", png()[:40], png(4097), b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["empty", "words", "torn", "too large", "svg"],
)
def test_what_is_no_png_is_refused_before_anything_is_kept(store, board, bad):
    before = figures_of(store, board)
    item = boards.load_board(store, board).items[0].id
    with pytest.raises(InvalidInput, match="png"):
        keep_figures(store, board, item, [("good", png()), ("bad", bad)], by=ANNA)
    assert figures_of(store, board) == before


def test_more_than_four_are_refused(store, board):
    item = boards.load_board(store, board).items[0].id
    with pytest.raises(InvalidInput, match="figures must be 0 to 4 of an item, got 5"):
        keep_figures(store, board, item, [("x", png())] * 5, by=ANNA)


def test_a_picture_of_a_capsule_is_looked_at_whole(store, board):
    ((_, kept),) = figures_of(store, board).items()
    torn = fields_of(kept[0]) | {"png": base64.b64encode(png(64)[:60]).decode()}
    with pytest.raises(PayloadDamaged, match="png"):
        check_entry("figure", board[:16] + "0" * 48, Payload(meta=torn))


def noisy(wide, high):
    pixels = np.random.default_rng(0).integers(0, 256, (high, wide, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("size", [(20, 10), (900, 600), (2400, 1600)])
def test_any_picture_can_be_made_to_fit_and_is_kept(store, board, size):
    item = boards.load_board(store, board).items[0].id
    small = fitting(noisy(*size))
    keep_figures(store, board, item, [("Film strip", small)], by=ANNA)
    kept = figures_of(store, board)[item][-1]
    assert kept.picture == small
    with Image.open(io.BytesIO(small)) as opened:
        assert abs(opened.width / opened.height - size[0] / size[1]) < 0.01
    assert (small == noisy(*size)) == (size == (20, 10))  # a picture that fits keeps its bytes


def test_an_empty_margin_is_not_kept():
    drawn = Image.new("RGB", (400, 200), "white")
    drawn.paste((10, 20, 30), (100, 60, 140, 90))
    data = io.BytesIO()
    drawn.save(data, "PNG")
    with Image.open(io.BytesIO(fitting(data.getvalue()))) as opened:
        assert opened.size == (40 + 24, 30 + 24)
        assert opened.getpixel((12, 12)) == (10, 20, 30)


def test_what_is_no_picture_cannot_be_made_to_fit():
    with pytest.raises(InvalidInput, match="png must be a PNG"):
        fitting(b"x" * 2_000_000)
