"""What an item's slide says of its votes and remarks, as much as has room. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.reviews import report_lines as lines
from engine.reviews.report_contents import ReportedItem
from engine.reviews.slide_drawing import INK, Box, chart_height, draw_intervals, plain, write

BESIDE = 3  # remarks on a slide
MOST_ROWS, FEWEST_ROWS = 12, 5  # of a chart on a slide
TALLEST_CHART = 3.1  # inches
SIZES = (16, 14, 12, 11)  # of what is written beside pictures: the largest that all fits in


def draw_results(slide: Any, box: Box, item: ReportedItem) -> None:
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
        fitting = fitting_lines(told, size, box.w, room)
        if fitting == told:
            break
    if fitting != told:
        rest = f"The rest{', and the lowest' if lowest else ''}: in the notes."
        fitting = [*fitting_lines(told, SIZES[-1], box.w, room - 0.25), rest]
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
        if fitting_lines(told, SIZES[-1], box.w, room) == list(told):
            return rows
    return min(count, FEWEST_ROWS)


def fitting_lines(told: Sequence[str], size: float, wide: float, room: float) -> list[str]:
    """As many of some lines as a box has room for; ``size`` in points, the box in inches."""
    fits, used = [], 0.0
    for line in told:
        used += size / 55 * (1 + int(len(line) * size / (wide * 151))) + 0.06
        if used > room:
            break
        fits.append(line)
    return fits
