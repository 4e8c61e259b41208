"""Slides: an item each, what was typed is text, links lead to the dashboard alone."""

import io
import zipfile

import pytest
from pptx import Presentation

from cache.errors import InvalidInput
from engine.reviews import boards
from engine.reviews.report_links import checked_address, link_to_view
from engine.reviews.report_slides import report_slides
from engine.reviews.slide_drawing import Box, cells, plain
from tests.engine.reviews.test_report import HOSTILE, board

__all__ = ["board"]  # a fixture
AT = "https://lab.example.org/scope"


@pytest.fixture
def deck(store, board):
    return Presentation(io.BytesIO(report_slides(store, board, address=AT)))


def texts(slide):
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    return found + [cell.text for table in tables for row in table.rows for cell in row.cells]


def links(slide):
    return {
        relation.target_ref for relation in slide.part.rels.values() if relation.is_external
    }  # fmt: skip


def test_every_item_has_a_slide_with_its_title_runs_and_decision(store, board, deck):
    _, agenda, *items, last = deck.slides
    there = boards.load_board(store, board)
    assert len(items) == len(there.items)
    assert any("accepted" in text for text in texts(agenda))
    for slide, item in zip(items, there.items, strict=True):
        assert slide.shapes.title.text_frame.text.startswith(
            f"{there.items.index(item) + 1}. {plain(item.title)[:40]}"
        )
        notes = slide.notes_slide.notes_text_frame.text
        assert all(run in notes for run in item.runs)
        assert f"{AT}/board?board={board[:16]}&view=judge&item={item.id[16:28]}" in links(slide)
    assert "Accepted" in " ".join(texts(items[0]))
    assert "temperature" in items[0].notes_slide.notes_text_frame.text
    pictures = [shape for shape in items[1].shapes if shape.shape_type == 13]
    assert len(pictures) == 2  # decoded, and a preview that says so
    assert all("/image_denoising?run=" in p.click_action.hyperlink.address for p in pictures)
    assert "a linear preview of step 4 of 4" in items[1].notes_slide.notes_text_frame.text
    assert any("well done" in text for text in texts(last))


def test_what_was_typed_is_text_and_no_link_leads_elsewhere(store, board, deck):
    for slide in deck.slides:
        assert all(link.startswith(AT + "/") for link in links(slide))
    assert any(HOSTILE in text for slide in deck.slides for text in texts(slide))
    with zipfile.ZipFile(io.BytesIO(report_slides(store, board))) as archive:
        names = archive.namelist()
        assert not [name for name in names if "vba" in name.lower() or "embed" in name.lower()]
        for name in names:
            if name.endswith(".rels"):
                assert b"h.example" not in archive.read(name)
            if name.startswith("ppt/slides/slide"):
                assert b"<script" not in archive.read(name)


def test_everything_stands_on_its_slide(deck):
    for slide in deck.slides:
        for shape in slide.shapes:
            assert 0 <= shape.left <= shape.left + shape.width <= deck.slide_width
            assert 0 <= shape.top <= shape.top + shape.height <= deck.slide_height


@pytest.mark.parametrize("count", [1, 2, 4, 7, 16])
def test_cells_lie_apart_in_their_box(count):
    box = Box(1.0, 2.0, 8.0, 4.0)
    found = cells(box, count)
    assert len(found) == count
    for cell in found:
        assert cell.x >= box.x - 1e-9
        assert cell.x + cell.w <= box.x + box.w + 1e-9
        assert box.y - 1e-9 <= cell.y
        assert cell.y + cell.h <= box.y + box.h + 1e-9
    assert len({(round(cell.x, 6), round(cell.y, 6)) for cell in found}) == count


def test_a_text_keeps_no_control_character_and_is_cut():
    assert plain("a\x00b\u202ec\n d") == "abc d"
    assert plain("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc", "http://", "http://u:p@h/", "http://h/ x", ""]
)
def test_an_address_that_is_no_dashboards_is_refused(address):
    with pytest.raises(InvalidInput, match="address must be"):
        checked_address(address)


def test_the_query_of_a_view_is_written_anew(store, board):
    item = boards.load_board(store, board).items[0]
    assert link_to_view(AT, item) == ""
    made = boards.add_items(
        store, board, [{"title": "v", "page": "compare", "query": "a=1&b=//h.example/x\n"}],
        by=item.by,
    )  # fmt: skip
    view = boards.load_board(store, board).item(made[0])
    assert link_to_view(AT, view).startswith(f"{AT}/compare?a=1&b=%2F%2Fh.example%2Fx")
