"""What an item's slide shows of its runs: pictures, texts, or a kept figure. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from engine.reviews.records import Figure
from engine.reviews.report_contents import Grid, ReportedItem, ReportedRun
from engine.reviews.report_links import link_to_run, link_to_view
from engine.reviews.slide_drawing import (
    BLUE,
    FULL,
    GREY,
    LABEL,
    Box,
    cells,
    place_picture,
    plain,
    write,
)

LETTERS = 13.0  # of ten points in an inch
MOST_SHOWN = {"picture": 16, "words": 6}  # runs on a slide; the notes name all
MOST_LINES = 6  # of a text that has lines of its own
MOST_TALL = 1.3  # inches of a text in a grid


def draw_runs(slide: Any, box: Box, item: ReportedItem, address: str) -> float:
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
        draw_plot(slide, box, item.figures[0], item, address)
    elif link := link_to_view(address, item.item):
        write(slide, Box(box.x, box.y, box.w, 0.4), ["Open the view it was taken from"], size=14,
              colour=BLUE, link=link)  # fmt: skip
    return box.x + box.w


def draw_plot(slide: Any, box: Box, figure: Figure, item: ReportedItem, address: str) -> None:
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
