"""Where a figure comes from, inside PNG, SVG and PDF."""

import io
import json
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from pypdf import PdfReader, PdfWriter

from dashboard.data.provenance import with_provenance

FACTS = {"runs": ["abc"], "state": {"word": "</metadata><script>"}}


def test_a_png_keeps_its_pixels_and_says_where_it_comes_from():
    pixels, raw = np.arange(48, dtype=np.uint8).reshape(4, 4, 3), io.BytesIO()
    Image.fromarray(pixels).save(raw, "PNG")
    data = with_provenance(raw.getvalue(), "png", title="a – b", facts=FACTS, dpi=300)
    with Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(np.asarray(opened), pixels)
        assert opened.text["Title"] == "a – b"
        assert json.loads(opened.text["Stepscope"]) == FACTS
        assert round(opened.info["dpi"][0]) == 300


def test_an_svg_stays_one_and_nothing_in_it_is_markup():
    raw = b'<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"><g/></svg>\n<!-- x -->'
    root = ElementTree.fromstring(with_provenance(raw, "svg", title="<b>", facts=FACTS, dpi=300))
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == "<b>"
    assert json.loads(root.findtext(f"{space}metadata")) == FACTS
    assert [child.tag for child in root] == [f"{space}{tag}" for tag in ("title", "metadata", "g")]


def test_a_pdf_has_a_title_and_keeps_its_page():
    writer, raw = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 50)
    writer.write(raw)
    read = PdfReader(
        io.BytesIO(with_provenance(raw.getvalue(), "pdf", title="t", facts=FACTS, dpi=300))
    )
    assert read.metadata.title == "t"
    assert json.loads(read.metadata.subject) == FACTS
    assert float(read.pages[0].mediabox.width) == 100
