"""A board as slides: an item a slide, its runs as pictures with links, all settings in the notes.

No torch. What people typed and models wrote is text of a slide and nothing else.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches

from cache.store import Store
from engine.reviews import report_lines as lines
from engine.reviews.report import byline, lines_of_kind, source_lines
from engine.reviews.report_contents import Report, ReportedItem, gathered
from engine.reviews.report_links import USUAL, link_to_item, link_to_view
from engine.reviews.slide_drawing import (
    BLUE,
    EDGE,
    FULL,
    GREY,
    HIGH,
    INK,
    WIDE,
    Box,
    dress,
    plain,
    write,
)
from engine.reviews.slide_results import draw_results, fitting_lines
from engine.reviews.slide_runs import draw_plot, draw_runs
from engine.reviews.voices import Thread

TOP = 1.85  # inches, of what an item shows
LEFTMOST = 5.6  # inches, of the column of votes
A_SLIDE = 12  # rows of the agenda on a slide
OUTCOMES = {  # background and ink of a decision
    "accepted": ("E5F5EF", "00654A"),
    "needs work": ("FDF4E0", "7A5300"),
    "rejected": ("FBEEE6", "9A3D00"),
    "open": ("EEF2F4", GREY),
}
ASKED_TOO = 0.5  # inches of a row in which a question has room below its title


def report_slides(store: Store, board: str, *, address: str = USUAL) -> bytes:
    """A board by its full id as a PPTX file; pictures lead to the dashboard at ``address``.

    Raises MissingFromStore, PayloadDamaged.
    """
    report = gathered(store, board, address)
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    deck.core_properties.title = plain(report.board.title, 200)
    deck.core_properties.author = plain(lines.who(report.board.by), 100)
    deck.core_properties.comments = f"Stepscope board {report.board.id}"
    _cover(deck, report, address)
    for first in range(0, len(report.items), A_SLIDE):
        _agenda(deck, report.items[first : first + A_SLIDE])
    for item in report.items:
        _item(deck, report, item, address)
    if report.remarks:
        slide = _slide(deck, "Remarks on the board")
        said = [line for thread in report.remarks for line in _remark(thread)]
        fits = fitting_lines([plain(line, 300) for line in said], 18, FULL, 5.2)
        left = len(said) - len(fits)
        more = [f"{left} more are in the notes."] if left else []
        write(slide, Box(EDGE, 1.4, FULL, 5.6), [*fits, *more], size=18, colour=INK)
        _note(slide, said)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _slide(deck: Any, title: str, *, size: float = 26) -> Any:
    """A slide with a title in its place, so that outlines and screen readers know it."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    number = str(len(deck.slides))
    write(slide, Box(WIDE - EDGE - 1, 7.14, 1, 0.25), [number], size=10, colour=GREY, right=True)
    shape = slide.shapes.title
    shape.left, shape.top = Inches(EDGE), Inches(0.35)
    shape.width, shape.height = Inches(FULL), Inches(0.8)
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = 0
    frame.text = plain(title, 150)
    paragraph = frame.paragraphs[0]
    paragraph.alignment = 1  # left
    long = len(title) > 70
    dress(paragraph.runs[0].font, size=size * (0.75 if long else 1), colour=INK, bold=True)
    return slide


def _cover(deck: Any, report: Report, address: str) -> None:
    slide = _slide(deck, report.board.title, size=36)
    slide.shapes.title.top = Inches(2.3)
    slide.shapes.title.height = Inches(1.1)
    about = plain(report.board.about, 600)
    write(slide, Box(EDGE, 3.5, FULL, 1.6), [about], size=20, colour=GREY)
    write(slide, Box(EDGE, 4.5, FULL, 0.6), [plain(byline(report), 400)], size=14, colour=GREY)
    link = f"{address}/board?board={report.board.id[:16]}"
    write(slide, Box(EDGE, 6.4, FULL, 0.4), ["Open the board"], size=14, colour=BLUE, link=link)
    _note(slide, [line for line, _ in source_lines(report)[:2]])


def _agenda(deck: Any, items: Sequence[ReportedItem]) -> None:
    slide = _slide(deck, "What was asked, and how it ended")
    tall = min(0.62, 5.2 / len(items))  # inches of a row
    shape = slide.shapes.add_table(
        len(items) + 1, 4, Inches(EDGE), Inches(1.4), Inches(FULL), Inches(0.4 + tall * len(items))
    )
    table = shape.table
    for column, wide in enumerate((0.5, 5.0, 2.9, FULL - 8.4)):
        table.columns[column].width = Inches(wide)
    table.rows[0].height = Inches(0.4)
    for j, text in enumerate(("", "Item", "Votes", "Decision")):
        _cell(table.cell(0, j), [text], size=14, ink="FFFFFF", background="16232B", bold=True)
    for i, item in enumerate(items, 1):
        table.rows[i].height = Inches(tall)
        ended = item.decision.outcome if item.decision is not None else lines.OPEN
        background, ink = OUTCOMES[ended]
        asked = plain(item.item.question.text, 70) if tall > ASKED_TOO else ""
        size = 15 if tall > ASKED_TOO else 12
        _cell(table.cell(i, 0), [str(item.place)], size=size)
        _cell(table.cell(i, 1), [plain(item.item.title, 52), asked], size=size)
        _cell(table.cell(i, 2), [plain(lines.votes_told(item), 90)], size=size - 1)
        told = plain(lines.ended_told(item), 90)
        _cell(table.cell(i, 3), [told], size=size, ink=ink, background=background)


def _cell(
    cell: Any, said: Sequence[str], *, size: float, ink: str = INK, background: str = "FFFFFF",
    bold: bool = False,
) -> None:  # fmt: skip
    """A cell of a table: its first line, and smaller what belongs to it."""
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = _rgb(background)
    frame = cell.text_frame
    for i, line in enumerate(line for line in said if line):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = plain(line)
        dress(run.font, size=size - 4 * (i > 0), colour=GREY if i else ink, bold=bold)


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour)


def _item(deck: Any, report: Report, item: ReportedItem, address: str) -> None:
    slide = _slide(deck, f"{item.place}. {item.item.title}")
    asked = plain(lines.question_line(item.item.question), 170)
    size = 16 if len(asked) < 110 else 12
    write(slide, Box(EDGE, 1.15, FULL, 0.45), [asked], size=size, colour=BLUE)
    write(slide, Box(EDGE, 1.5, FULL, 0.25), [plain(item.shared, 150)], size=11, colour=GREY)
    told = bool(item.results.votes or item.threads)
    alone = told and not (item.runs or item.figures or item.lost)
    wide = 8.2 if told else FULL
    caption = plain(item.item.caption, 230)
    bottom = 6.1 if caption else 6.55
    right = EDGE + wide
    if not alone:
        right = draw_runs(slide, Box(EDGE, TOP, wide, bottom - TOP), item, address)
    if caption:
        size = 12 if len(caption) < 120 else 10
        write(slide, Box(EDGE, 6.15, wide, 0.45), [caption], size=size, colour=GREY, italic=True)
    if alone:
        draw_results(slide, Box(EDGE, TOP, FULL, bottom - TOP), item)
    elif told:
        left = max(right + 0.45, LEFTMOST)  # the votes take what the pictures leave
        draw_results(slide, Box(left, TOP, WIDE - EDGE - left, 6.55 - TOP), item)
    shown = [run for run in item.runs if run.picture or run.words]
    ended = item.decision.outcome if item.decision is not None else lines.OPEN
    background, ink = OUTCOMES[ended]
    line = plain(lines.decision_line(item.decision), 160)
    write(
        slide, Box(EDGE, 6.65, FULL - 2.6, 0.5), [line], size=16 if len(line) < 90 else 13,
        colour=ink, bold=True, fill=background, middle=True,
    )  # fmt: skip
    link = link_to_item(address, report.board.id, item.item)
    write(
        slide, Box(WIDE - EDGE - 2.5, 6.7, 2.5, 0.45), ["Open it in Stepscope"], size=11,
        colour=BLUE, middle=True, right=True, link=link,
    )  # fmt: skip
    _note(slide, _item_notes(item, address))
    for figure in item.figures[0 if shown else 1 :]:
        extra = _slide(deck, f"{item.place}. {item.item.title}")
        called = plain(f"{figure.name}, kept by {lines.who(figure.by)}", 120)
        write(extra, Box(EDGE, 1.15, FULL, 0.45), [called], size=16, colour=BLUE)
        draw_plot(extra, Box(EDGE, 1.7, FULL, 4.85), figure, item, address)
        if view := link_to_view(address, item.item):
            write(
                extra, Box(WIDE - EDGE - 3.5, 6.7, 3.5, 0.45), ["Open the view it is taken from"],
                size=12, colour=BLUE, middle=True, right=True, link=view,
            )  # fmt: skip
        _note(extra, [f"{figure.name}, kept by {lines.who(figure.by)}.", f"The view: {view}"])


def _item_notes(item: ReportedItem, address: str) -> list[str]:
    """All that a slide has no room for: ids, settings, every remark, where things come from."""
    out = lines.result_lines(item.results) if item.item.question.kind != "none" else []
    out += lines.unvoted_lines(item)
    what, rows = lines.result_rows(item.results, {r.run: r.name for r in item.runs})
    out += [f"{what}:"] if rows else []
    out += [
        f"{name} {value:.2f}"
        + (f" ({low:.2f} to {high:.2f})" if math.isfinite(low) else "")
        + f", {beside}"
        for name, value, low, high, beside in rows
    ]
    out += [f"{v.answer} ({lines.who(v.by)})" for v in item.results.texts]
    out += [line for thread in item.threads for line in _remark(thread, item)]
    for kind in dict.fromkeys(run.kind for run in item.runs):
        of_kind = [run for run in item.runs if run.kind == kind]
        for line, link in lines_of_kind(of_kind, kind, address):
            out += [line, link] if link else [line]
    out += [f"{r.name or r.run[:12]}: {r.approximate}." for r in item.runs if r.approximate]
    out += [f"Run {run} is not in this store." for run in item.lost]
    if link := link_to_view(address, item.item):
        out.append(f"The view it was taken from: {link}")
    return out


def _remark(thread: Thread, item: ReportedItem | None = None) -> list[str]:
    return [f"{text} ({by})".strip() for text, by in lines.spoken(thread, item)]


def _note(slide: Any, said: Sequence[str]) -> None:
    stamp = f"Made {lines.when(time.time())} by Stepscope."
    slide.notes_slide.notes_text_frame.text = "\n".join([*(plain(line) for line in said), stamp])
