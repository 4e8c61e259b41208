"""A board as Markdown, its pictures inside it or beside it in a zip. No torch.

Nothing that people typed or models wrote becomes markup.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence

from cache.store import Store
from engine.reviews import report_lines as lines
from engine.reviews.report import byline, source_lines
from engine.reviews.report_contents import (
    Grid,
    Report,
    ReportedItem,
    gathered,
    picture_uri,
)
from engine.reviews.report_links import USUAL, link_to_item
from engine.reviews.voices import Thread

MARKUP = re.compile(r"[\\`*_\[\]{}<>|~$&@]|:(?=//|\w+:)|(?<=www)\.|(?<=\])\(", re.IGNORECASE)
ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
AT_THE_START = re.compile(r"[#+=-]|(?<=\d)[.)]")  # headings, lists, lines below headings
ABREAST = 4  # pictures in a row where their settings make none
Place = Callable[[bytes, str], str]
NAME = "report.md"  # in the zip, beside the folder of figures


def report_markdown(store: Store, board: str, *, address: str = USUAL) -> bytes:
    """A board by its full id as Markdown, its pictures inline. Raises as ``report_html``."""
    return _written(gathered(store, board, address), lambda png, _: picture_uri(png))


def report_markdown_zip(store: Store, board: str, *, address: str = USUAL) -> bytes:
    """The same as a zip: ``report.md``, and its pictures as files that it names."""
    pictures: dict[str, bytes] = {}

    def place(png: bytes, called: str) -> str:
        words = re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-")[:60]
        name, number = f"figures/{words}.png", 2
        while pictures.get(name, png) != png:
            name, number = f"figures/{words}-{number}.png", number + 1
        pictures[name] = png
        return name

    text = _written(gathered(store, board, address), place)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {NAME: text, **pictures}.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return file.getvalue()


def _written(report: Report, place: Place) -> bytes:
    """A gathered board; ``place`` says where a picture that is called so is found."""
    out = [f"# {as_read(report.board.title)}", as_read(report.board.about), as_read(byline(report))]
    out.append(_overview(report))
    for item in report.items:
        out.append(f"## {item.place}\\. {as_read(item.item.title)}")
        asked = lines.question_line(item.item.question)
        out.append(f"**{as_read(asked)}**" if asked else "")
        out.append(as_read(item.shared))
        if item.item.caption.strip():
            by = as_read(lines.who(item.item.by))
            out.append(f"*{as_read(item.item.caption)}* (noted by {by})")
        out.append(_shown(item, place))
        for run in [] if item.grid is not None else item.runs:
            said = " ".join(part for part in (run.words, run.approximate) if part)
            if said:
                out.append(f"**{as_read(run.name or run.run[:12])}**: {as_read(said)}")
        for figure in item.figures:
            where = place(figure.picture, f"{item.place} {figure.name}")
            out.append(f"![{as_read(figure.name)}]({where})\\\n{as_read(figure.name)}")
        charts = [lines.setting_rows(item.results)]
        charts.append(lines.result_rows(item.results, {r.run: r.name for r in item.runs}))
        out += [_table(what, rows) for what, rows in charts if rows]
        if item.item.question.kind != "none":
            told = [*lines.result_lines(item.results), *lines.unvoted_lines(item)]
            out += [f"- {as_read(line)}" for line in told]
        out += [
            f"- {as_read(str(v.answer))} ({as_read(lines.who(v.by))})" for v in item.results.texts
        ]
        out += _thread_lines(item.threads, item)
        out.append(f"**{as_read(lines.decision_line(item.decision))}**")
        link = link_to_item(report.address, report.board.id, item.item)
        out.append(f"[Open it in Stepscope]({link})")
    if report.remarks:
        out += ["## Remarks on the board", *_thread_lines(report.remarks)]
    out.append("## Where it comes from")
    out += [
        f"- [{as_read(line)}]({link})" if link else f"- {as_read(line)}"
        for line, link in source_lines(report)
    ]
    return "\n\n".join(part for part in out if part).encode() + b"\n"


def _overview(report: Report) -> str:
    """The agenda: what was asked, how it ended."""
    rows = ["| | Item | Question | Votes | Decision |", "|---|---|---|---|---|"]
    for item in report.items:
        title, asked = as_read(item.item.title), as_read(item.item.question.text)
        cells = [str(item.place), title, asked]
        cells.append(as_read(lines.votes_told(item)))
        rows.append("| " + " | ".join([*cells, as_read(lines.ended_told(item))]) + " |")
    return "\n".join(rows)


def _shown(item: ReportedItem, place: Place) -> str:
    """What makes a grid in its rows and columns, else pictures in a table, each below its name."""
    if item.grid is not None:
        return _grid(item.grid, item.place, place)
    pictured = [run for run in item.runs if run.picture]
    if not pictured:
        return ""
    wide = min(ABREAST, len(pictured))
    table: list[str] = []
    for first in range(0, len(pictured), wide):
        row = pictured[first : first + wide]
        names = [as_read(run.name or run.run[:12]) for run in row]
        cells = [f"![picture]({place(r.picture, f'{item.place} {r.name or r.run[:12]}')})"
                 for r in row]  # fmt: skip
        empty = [""] * (wide - len(row))
        table.append("| " + " | ".join([*names, *empty]) + " |")
        if not first:
            table.append("|---" * wide + "|")
        table.append("| " + " | ".join([*cells, *empty]) + " |")
    return "\n".join(table)


def _grid(grid: Grid, number: int, place: Place) -> str:
    """Pictures or texts in a table whose columns and rows are headed by their settings."""
    table = ["| " + " | ".join(as_read(name) for name in ("", *grid.columns)) + " |"]
    table.append("|---" * (1 + len(grid.columns)) + "|")
    for name, runs in zip(grid.rows, grid.cells, strict=True):
        cells = [
            f"![picture]({place(run.picture, f'{number} {run.name}')})"
            if grid.pictured
            else as_read(run.words)
            for run in runs
        ]
        table.append("| " + " | ".join([as_read(name), *cells]) + " |")
    return "\n".join(table)


def _thread_lines(threads: Iterable[Thread], item: ReportedItem | None = None) -> list[str]:
    return [
        f"> {as_read(text)} ({as_read(by)})"
        for thread in threads
        for text, by in lines.spoken(thread, item)
    ]


def _table(what: str, rows: Sequence[lines.Row]) -> str:
    bounded = any(math.isfinite(low) for _, _, low, _, _ in rows)
    head = ["", what, *(("95 % from", "to") if bounded else ()), "votes"]
    out = ["| " + " | ".join(as_read(name) for name in head) + " |", "|---" * len(head) + "|"]
    for name, value, low, high, beside in rows:
        bounds = [_number(low), _number(high)] if bounded else []
        cells = [as_read(name), _number(value), *bounds, as_read(beside)]
        out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else ""


def as_read(text: str) -> str:
    """Text in a line of Markdown, read as the characters it is made of."""
    line = " ".join(text.split())
    marked = MARKUP.sub(lambda found: ENTITIES.get(found[0], f"\\{found[0]}"), line)
    start = re.match(r"\d*", marked)[0]  # type: ignore[index]
    after = marked[len(start) :]
    return f"{start}\\{after}" if AT_THE_START.match(marked, len(start)) else marked
