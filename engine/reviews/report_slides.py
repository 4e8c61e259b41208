"""A board as slides: an item a slide, its runs as pictures with links, all settings in the notes.

No torch. What people typed and models wrote is text of a slide and nothing else.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches

from cache.store import Store
from engine.reviews import report_lines as lines
from engine.reviews.records import Figure
from engine.reviews.report import byline, lines_of_kind, source_lines
from engine.reviews.report_contents import Grid, Report, ReportedItem, ReportedRun, gathered
from engine.reviews.report_links import USUAL, link_to_item, link_to_run, link_to_view
from engine.reviews.slide_drawing import (
    BLUE,
    GREY,
    INK,
    LABEL,
    Box,
    cells,
    chart_height,
    draw_intervals,
    dress,
    place_picture,
    plain,
    write,
)
from engine.reviews.voices import Thread

TOP = 1.85  # inches, of what an item shows
LEFTMOST = 5.6  # inches, of the column of votes
LETTERS = 13.0  # of ten points in an inch
WIDE, HIGH, EDGE = 13.333, 7.5, 0.5  # inches
MOST_SHOWN = {"picture": 16, "words": 6}  # runs on a slide; the notes name all
A_SLIDE = 12  # rows of the agenda on a slide
FULL = WIDE - 2 * EDGE
OUTCOMES = {  # background and ink of a decision
    "accepted": ("E5F5EF", "00654A"),
    "needs work": ("FDF4E0", "7A5300"),
    "rejected": ("FBEEE6", "9A3D00"),
    "open": ("EEF2F4", GREY),
}
MOST_LINES = 6  # of a text that has lines of its own
MOST_TALL = 1.3  # inches of a text in a grid
MOST_ROWS, FEWEST_ROWS = 12, 5  # of a chart on a slide
TALLEST_CHART = 3.1  # inches
ASKED_TOO = 0.5  # inches of a row in which a question has room below its title
BESIDE = 3  # remarks on a slide
SIZES = (16, 14, 12, 11)  # of what is written beside pictures: the largest that all fits in


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
        fits = _fitting([plain(line, 300) for line in said], 18, FULL, 5.2)
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
        right = _runs(slide, Box(EDGE, TOP, wide, bottom - TOP), item, address)
    if caption:
        size = 12 if len(caption) < 120 else 10
        write(slide, Box(EDGE, 6.15, wide, 0.45), [caption], size=size, colour=GREY, italic=True)
    if alone:
        _results(slide, Box(EDGE, TOP, FULL, bottom - TOP), item)
    elif told:
        left = max(right + 0.45, LEFTMOST)  # the votes take what the pictures leave
        _results(slide, Box(left, TOP, WIDE - EDGE - left, 6.55 - TOP), item)
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
        _plot(extra, Box(EDGE, 1.7, FULL, 4.85), figure, item, address)
        if view := link_to_view(address, item.item):
            write(
                extra, Box(WIDE - EDGE - 3.5, 6.7, 3.5, 0.45), ["Open the view it is taken from"],
                size=12, colour=BLUE, middle=True, right=True, link=view,
            )  # fmt: skip
        _note(extra, [f"{figure.name}, kept by {lines.who(figure.by)}.", f"The view: {view}"])


def _runs(slide: Any, box: Box, item: ReportedItem, address: str) -> float:
    """The runs of an item as pictures or words, as many as can be seen on a slide; how far right.

    Pictures alone may leave some of the box free.
    """
    if item.grid is not None and len(item.runs) <= MOST_SHOWN["picture"]:
        return _grid(slide, box, item.grid, address)
    pictured = [run for run in item.runs if run.picture][: MOST_SHOWN["picture"]]
    worded = [run for run in item.runs if run.words][: MOST_SHOWN["words"]]
    left = len(item.runs) - len(pictured) - len(worded)
    lost = len(item.lost)
    said = f"{left} more runs are in the notes. " if left > 0 else ""
    said += f"{lost} runs are not in this store." if lost else ""
    if said:
        box = Box(box.x, box.y, box.w, box.h - 0.3)
        write(slide, Box(box.x, box.y + box.h + 0.05, box.w, 0.25), [said], size=10, colour=GREY)
    if pictured and worded:
        half = box.h / 2
        _pictures(slide, Box(box.x, box.y, box.w, half), pictured, address)
        _words(slide, Box(box.x, box.y + half, box.w, half), worded, address)
    elif pictured:
        return _pictures(slide, box, pictured, address, centred=box.w == FULL)
    elif worded:
        _words(slide, box, worded, address)
    elif item.figures:
        _plot(slide, box, item.figures[0], item, address)
    elif link := link_to_view(address, item.item):
        write(slide, Box(box.x, box.y, box.w, 0.4), ["Open the view it was taken from"], size=14,
              colour=BLUE, link=link)  # fmt: skip
    return box.x + box.w


def _plot(slide: Any, box: Box, figure: Figure, item: ReportedItem, address: str) -> None:
    """A figure that was kept, with a link to the view it was taken from."""
    link = link_to_view(address, item.item) or ""
    place_picture(slide, box, figure.picture, said=figure.name, link=link)


def _grid(slide: Any, box: Box, grid: Grid, address: str) -> float:
    """Runs under the settings of their columns, beside those of their rows; how far right."""
    gap, above, before = 0.08, 0.3, 1.25  # inches
    wide, high = len(grid.columns), len(grid.rows)
    room, tall = (box.w - before) / wide - gap, (box.h - above) / high - gap
    side = min(room, tall) if grid.pictured else room
    tall = side if grid.pictured else min(tall, MOST_TALL)
    left = box.x + before
    for i, name in enumerate(grid.columns):
        write(slide, Box(left + i * (side + gap), box.y, side, above), [plain(name, 40)], size=12,
              colour=GREY, centred=True)  # fmt: skip
    for j, (name, runs) in enumerate(zip(grid.rows, grid.cells, strict=True)):
        y = box.y + above + j * (tall + gap)
        write(slide, Box(box.x, y, before - 0.12, tall), [plain(name, 60)], size=12, colour=GREY,
              middle=True)  # fmt: skip
        for i, run in enumerate(runs):
            place = Box(left + i * (side + gap), y, side, tall)
            if not grid.pictured:
                write(slide, place, [plain(run.words, 160)], size=12 if side > 1.5 else 10,
                      fill="F5F8FA", middle=True)  # fmt: skip
                continue
            link = link_to_run(address, run.kind, run.run)
            place_picture(slide, place, run.picture, said=run.name, link=link)
    return left + wide * (side + gap)


def _pictures(
    slide: Any, box: Box, runs: Sequence[ReportedRun], address: str, *, centred: bool = False
) -> float:
    """The pictures with their names below; where the last column ends."""
    names = [
        f"{run.name or run.run[:12]}{f' ({run.approximate})' if run.approximate else ''}"
        for run in runs
    ]
    place = partial(cells, box, len(runs), centred=centred)
    places = place()
    tall = any(len(name) > places[0].w * LETTERS for name in names)
    if tall:  # a setting a line
        places = place(label=2 * LABEL)
    for cell, run, name in zip(places, runs, names, strict=True):
        link = link_to_run(address, run.kind, run.run)
        place_picture(slide, cell, run.picture, said=name, link=link)
        under = Box(cell.x, cell.y + cell.h, cell.w, LABEL * (1 + tall))
        parts = name.split(", ", 1) if tall else [name]
        size = 9 if tall else 10
        most = max(12, int(cell.w * LETTERS * 10 / size))
        write(slide, under, [plain(part, most) for part in parts], size=size, colour=GREY)
    return max(cell.x + cell.w for cell in places)


def _words(slide: Any, box: Box, runs: Sequence[ReportedRun], address: str) -> None:
    high = min(1.9, box.h / len(runs))
    for i, run in enumerate(runs):
        words = plain(run.words, 420 if len(runs) < 4 else 220)
        said = [plain(line, 120) for line in run.words.split("\n")[:MOST_LINES]]
        named = 0.3 if run.name else 0.0
        roomy = high > 1.2 and len(runs) < 4
        size = 24 if len(words) < 130 and roomy else 18 if len(words) < 120 and high > 1 else 13
        size = size if len(words) < 260 else 10
        place = Box(box.x, box.y + i * high, box.w, high - 0.12 - named)
        if len(said) == 1:
            said = [words]
        size = min(size, 16) if len(said) > 1 else size
        write(slide, place, said, size=size, fill="F5F8FA", middle=True)
        if run.name:
            under = Box(place.x, place.y + place.h + 0.02, place.w, 0.25)
            link = link_to_run(address, run.kind, run.run)
            write(slide, under, [plain(run.name, 110)], size=10, colour=GREY, link=link)


def _results(slide: Any, box: Box, item: ReportedItem) -> None:
    """The votes with their intervals, what they tell, and the last remarks."""
    what, rows = lines.setting_rows(item.results)
    if not rows:  # else what the settings do stands here, and single runs are in the notes
        what, rows = lines.result_rows(item.results, {r.run: r.name for r in item.runs})
    asks = item.item.question.kind != "none"
    said = [*lines.unvoted_lines(item), *lines.result_lines(item.results)] if asks else []
    tells = [line for line in said if ": preferred in " not in line]  # the chart says these
    if settings := item.results.settings:
        even = sum(not row.share.tells for row in settings)
        which = "All" if even == len(settings) else str(even)
        if even:
            tells.insert(1, f"{which} of these are too few or too even to tell.")
    remarks = _beside(item)
    # what is said of settings comes first, of each judge last
    late = [line for line in tells if line.endswith("repeats.") or line.startswith("In no vote")]
    told = [*(plain(line, 150) for line in tells if line not in late), *remarks, *late]
    y, lowest = box.y, 0
    if rows:
        if item.results.mean is not None:  # the marks stand beside it, how many gave what below
            told.insert(1, f"{rows[0][4]}.")
            rows = [(*rows[0][:4], "")]
        kept = rows[: _rows_beside(len(rows), told, box)]
        if lowest := len(rows) - len(kept):
            told.append(f"The {lowest} lowest are in the notes.")
        y += draw_intervals(slide, Box(box.x, y, box.w, TALLEST_CHART), kept, what=what)
    room = box.y + box.h - y
    for size in SIZES:
        fitting = _fitting(told, size, box.w, room)
        if fitting == told:
            break
    if fitting != told:
        rest = f"The rest{', and the lowest' if lowest else ''}: in the notes."
        fitting = [*_fitting(told, SIZES[-1], box.w, room - 0.25), rest]
    if fitting:
        write(slide, Box(box.x, y, box.w, room), fitting, size=size, colour=INK)


def _beside(item: ReportedItem) -> list[str]:
    """Answers in words and the first remarks, each with who said it and on what."""
    remarks = [f"“{plain(str(v.answer), 110)}” {v.by.shown}" for v in item.results.texts[:4]]
    for thread in item.threads[:BESIDE]:
        mark = item.places.get(thread.id, "")
        by = plain(thread.first.by.shown, 30)
        if mark:
            by += f", on {mark}" if mark.startswith("“") else f", box {mark}"
        if thread.first.step is not None:
            by += f", step {thread.first.step}"
        remarks.append(f"“{plain(thread.first.text, 110)}” {by}")
    if len(item.threads) > BESIDE:
        remarks.append(f"{len(item.threads) - BESIDE} more remarks are in the notes.")
    return remarks


def _rows_beside(count: int, told: Sequence[str], box: Box) -> int:
    """How many rows a chart may have so that what is told has room; no fewer than FEWEST_ROWS."""
    for rows in range(min(count, MOST_ROWS), FEWEST_ROWS, -1):
        room = box.h - chart_height(rows, TALLEST_CHART)
        if _fitting(told, SIZES[-1], box.w, room) == list(told):
            return rows
    return min(count, FEWEST_ROWS)


def _fitting(told: Sequence[str], size: float, wide: float, room: float) -> list[str]:
    """As many of some lines as a box has room for; ``size`` in points, the box in inches."""
    fits, used = [], 0.0
    for line in told:
        used += size / 55 * (1 + int(len(line) * size / (wide * 151))) + 0.06
        if used > room:
            break
        fits.append(line)
    return fits


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
