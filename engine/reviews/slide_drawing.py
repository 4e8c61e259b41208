"""Words, pictures and intervals as shapes of a slide. No torch.

Every text goes into a text run, which PowerPoint shows as the characters it is made of; the only
links are those that a caller makes of an address of its own.
"""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from engine.reviews.report_drawing import span, ticks
from engine.reviews.report_lines import Row

FONT = "Arial"
INK, GREY, BLUE, LINE = "16232B", "4A5A64", "0072B2", "DFE6EA"
WIDE, HIGH, EDGE = 13.333, 7.5, 0.5  # inches
FULL = WIDE - 2 * EDGE
LABEL = 0.26  # inches under a picture
FEW_ROWS = 6  # of a chart, whose names have room to be large
MANY = 5  # rows of a chart that stand closer
LETTERS = 12  # of twelve points in an inch
NARROW = 5.5  # inches of a chart in which names want half


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a slide, in inches."""

    x: float
    y: float
    w: float
    h: float


def plain(text: str, most: int = 4000) -> str:
    """Text without what is no character to be read, no longer than it may be."""
    words = " ".join(text.split())
    line = "".join(c for c in words if unicodedata.category(c)[0] != "C")
    return line if len(line) <= most else line[: most - 1] + "…"


def write(
    slide: Any,
    box: Box,
    lines: Sequence[str],
    *,
    size: float,
    colour: str = INK,
    bold: bool = False,
    italic: bool = False,
    fill: str = "",
    middle: bool = False,
    right: bool = False,
    centred: bool = False,
    link: str = "",
) -> Any:
    """A box of text, a paragraph a line; ``link`` is an address of our own."""
    shape = slide.shapes.add_textbox(*(Inches(each) for each in (box.x, box.y, box.w, box.h)))
    if fill:
        shape.fill.solid()
        shape.fill.fore_color.rgb = RGBColor.from_string(fill)
    frame = shape.text_frame
    frame.word_wrap = True
    frame.auto_size = MSO_AUTO_SIZE.NONE
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP
    edge = 0.12 if fill else 0.0
    frame.margin_left = frame.margin_right = Inches(edge)
    frame.margin_top = frame.margin_bottom = Inches(edge / 2)
    for i, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(size / 3)
        if right or centred:
            paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.CENTER
        run = paragraph.add_run()
        run.text = plain(line)
        dress(run.font, size=size, colour=colour, bold=bold, italic=italic)
        if link:
            run.hyperlink.address = link
    return shape


def dress(font: Any, *, size: float, colour: str, bold: bool = False, italic: bool = False) -> None:
    """How a run of text looks."""
    font.name, font.size, font.bold, font.italic = FONT, Pt(size), bold, italic
    font.color.rgb = RGBColor.from_string(colour)


def place_picture(slide: Any, box: Box, png: bytes, *, said: str, link: str) -> None:
    """A picture as large as its box allows, in the middle of it, with its words for who listens."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        wide, high = opened.size
    scale = min(box.w / wide, box.h / high)
    w, h = wide * scale, high * scale
    left, top = box.x + (box.w - w) / 2, box.y + (box.h - h) / 2
    picture = slide.shapes.add_picture(
        io.BytesIO(png), Inches(left), Inches(top), Inches(w), Inches(h)
    )
    picture._element.nvPicPr.cNvPr.set("descr", plain(said, 200))
    if link:
        picture.click_action.hyperlink.address = link


def cells(
    box: Box,
    count: int,
    *,
    centred: bool = False,
    label: float = LABEL,
    gap: float = 0.14,
) -> list[Box]:
    """Where ``count`` square things with labels go so that they are as large as they can be.

    ``centred``: in the middle of the box.
    """
    best, side = 1, 0.0
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        fits = min(
            (box.w - gap * (columns - 1)) / columns, (box.h - gap * (rows - 1)) / rows - label
        )
        if fits > side:
            best, side = columns, fits
    rows, used = math.ceil(count / best), best * side + (best - 1) * gap
    left = box.x + (box.w - used) / 2 if centred else box.x
    top = box.y + (box.h - rows * (side + label) - (rows - 1) * gap) / 2
    return [
        Box(
            left + i % best * (side + gap),
            top + i // best * (side + label + gap),
            side,
            side,
        )
        for i in range(count)
    ]


def chart_height(rows: int, most: float) -> float:
    """How high ``draw_intervals`` draws so many rows in a box of ``most`` inches."""
    return _step(rows, most) * rows + 0.5


def _step(rows: int, high: float) -> float:
    return min(0.42 if rows < MANY else 0.32, (high - 0.5) / max(1, rows))


def draw_intervals(slide: Any, box: Box, rows: Sequence[Row], *, what: str) -> float:
    """The rows of a report's figure as shapes: name, interval, value; the height they take."""
    low, high = span(rows, what)
    names = 0.5 if box.w < NARROW else 0.4  # of the width
    left, right = box.x + box.w * names, box.x + box.w - 0.1
    step = _step(len(rows), box.h)

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    bottom = box.y + step * len(rows)
    for tick in ticks(low, high):
        _rule(slide, x(tick), box.y, x(tick), bottom, LINE, 0.75)
        under = Box(x(tick) - 0.3, bottom, 0.6, 0.22)
        write(slide, under, [f"{tick:g}"], size=10, colour=GREY, centred=True)
    for i, (name, value, lower, upper, beside) in enumerate(rows):
        y = box.y + step * (i + 0.5)
        said = f"{plain(name, 24)}: {beside.partition(' (')[0].removesuffix(' votes')}".rstrip(": ")
        fits = len(said) < LETTERS * box.w * (names - 0.02)
        write(
            slide, Box(box.x, y - 0.2, box.w * (names - 0.02), 0.4), [plain(said, 60)],
            size=12 if len(rows) <= FEW_ROWS and fits else 10 if step > 0.28 else 8,
            colour=INK, middle=True,
        )  # fmt: skip
        if math.isfinite(lower) and math.isfinite(upper):
            _rule(slide, x(lower), y, x(upper), y, BLUE, 2.5)
        dot = slide.shapes.add_shape(
            MSO_SHAPE.OVAL, Inches(x(value) - 0.06), Inches(y - 0.06), Inches(0.12), Inches(0.12)
        )
        dot.fill.solid()
        dot.fill.fore_color.rgb = RGBColor.from_string(BLUE)
        dot.line.fill.background()
    write(slide, Box(box.x, bottom + 0.2, box.w, 0.25), [what], size=10, colour=GREY)
    return bottom + 0.5 - box.y


def _rule(slide: Any, x0: float, y0: float, x1: float, y1: float, colour: str, wide: float) -> None:
    line = slide.shapes.add_connector(1, Inches(x0), Inches(y0), Inches(x1), Inches(y1))
    if (style := line._element.find(qn("p:style"))) is not None:
        line._element.remove(style)  # a theme may give it a shadow
    line.line.color.rgb = RGBColor.from_string(colour)
    line.line.width = Pt(wide)
