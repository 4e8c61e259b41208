"""A board as one HTML file that is read without Stepscope. No torch.

Nothing that people typed or models wrote becomes markup; the HTML file runs no script and asks
nothing of any network.
"""

from __future__ import annotations

import html
import io
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from urllib.parse import parse_qsl

from PIL import Image

from cache.store import Store
from engine.reviews import report_lines as lines
from engine.reviews.records import Figure
from engine.reviews.report_contents import (
    Grid,
    Report,
    ReportedItem,
    ReportedRun,
    gathered,
    picture_uri,
)
from engine.reviews.report_drawing import interval_svg
from engine.reviews.report_links import USUAL, link_to_item, link_to_run, link_to_view
from engine.reviews.report_style import POLICY, STYLE
from engine.reviews.voices import Thread

WIDE = '<div class="wide">{}</div>'  # on a phone it scrolls sideways
KEPT_TOGETHER = 140  # millimetres: what is higher may begin on one page and end on the next


def report_html(store: Store, board: str, *, address: str = USUAL) -> bytes:
    """A board by its full id as one HTML file whose links lead to the dashboard at ``address``.

    Raises MissingFromStore, PayloadDamaged.
    """
    report = gathered(store, board, address)
    title = _said(report.board.title)
    shown_before = _first_with(report.items)
    body = [
        f"<header><h1>{title}</h1>",
        _paragraphs(report.board.about),
        f'<p class="who">{_said(byline(report))}</p></header>',
        _summary(report),
        *(_item(report, item, shown_before.get(item.place)) for item in report.items),
        _remarks("Remarks on the board", report.remarks),
        _sources(report),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>"
    ).encode()


def byline(report: Report) -> str:
    """Who met when, and who took part."""
    people = ", ".join(report.people)
    return (
        f"Review of {lines.when(report.board.changed_at)}, begun by {lines.who(report.board.by)}"
        + (f"; judged and discussed by {people}" if people else "")
        + f". Made {lines.when(time.time())}."
    )


def _summary(report: Report) -> str:
    """The agenda in a table: what was asked, how it ended."""
    rows = []
    for item in report.items:
        ended = item.decision.outcome if item.decision is not None else lines.OPEN
        asked = _said(item.item.question.text)
        rows.append(
            f'<tr><td>{item.place}</td><td><a href="#item-{item.place}">{_said(item.item.title)}'
            f'</a><div class="note">{asked}</div></td><td>{_said(lines.votes_told(item))}</td>'
            f'<td class="{ended.replace(" ", "-")}">{_said(lines.ended_told(item))}</td></tr>'
        )
    head = "<tr><th></th><th>Item</th><th>Votes</th><th>Decision</th></tr>"
    return f'<table class="agenda"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def _first_with(items: Sequence[ReportedItem]) -> dict[int, int]:
    """By the place of an item whose runs are those of an earlier one: the place of that one."""
    first: dict[tuple[str, ...], int] = {}
    for item in items:
        first.setdefault(tuple(run.run for run in item.runs), item.place)
    found = {item.place: first[tuple(run.run for run in item.runs)] for item in items if item.runs}
    return {place: before for place, before in found.items() if place != before}


def _item(report: Report, item: ReportedItem, shown_before: int | None) -> str:
    asked = lines.question_line(item.item.question)
    long = ' class="long"' if _millimetres(item, shown_before) > KEPT_TOGETHER else ""
    parts = [
        f'<section id="item-{item.place}"{long}><div class="start">',
        f"<h2>{item.place}. {_said(item.item.title)}</h2>",
        f'<p class="asked">{_said(asked)}</p>' if asked else "",
        f'<p class="note">{_said(item.shared)}</p>' if item.shared else "",
        _caption(item),
        _shown_runs(item, shown_before),
        "</div>",
        *(_figure(figure) for figure in item.figures),
        _differing(item),
        _votes(item),
        _remarks("", item.threads, item),
    ]
    ended = item.decision.outcome.replace(" ", "-") if item.decision is not None else lines.OPEN
    link = link_to_item(report.address, report.board.id, item.item)
    there = f'<a class="there" href="{_said(link)}">Open it in Stepscope</a>'
    decided = _said(lines.decision_line(item.decision))
    return "".join([*parts, f'<p class="decision {ended}">{there}{decided}</p></section>'])


def _caption(item: ReportedItem) -> str:
    """What was noted of an item, and by whom."""
    if not item.item.caption.strip():
        return ""
    by = f'<p class="note">noted by {_said(lines.who(item.item.by))}</p>'
    return f"{_paragraphs(item.item.caption, css='caption')}{by}"


def _millimetres(item: ReportedItem, shown_before: int | None) -> int:
    """About how high an item is on paper; the style says so much for each of its parts."""
    rows = len(lines.result_rows(item.results, {})[1])
    if item.grid is not None:
        pictures = len(item.grid.rows) * (20 if shown_before or not item.grid.pictured else 31)
    else:
        pictures = 55 if item.runs else 0
    said = 6 * len(lines.result_lines(item.results)) + 15 * len(item.threads)
    return 35 + pictures + 80 * len(item.figures) + (10 + 5 * rows if rows else 0) + said


def _shown_runs(item: ReportedItem, shown_before: int | None) -> str:
    """The runs of an item; small where an item before shows the same."""
    shown = _runs(item.runs) if item.grid is None else _grid(item.grid)
    if shown_before is None or not any(run.picture for run in item.runs):
        return shown
    link = f'<a href="#item-{shown_before}">item {shown_before}</a>'
    return f'<div class="again"><p class="note">The runs of {link}:</p>{shown}</div>'


def _grid(grid: Grid) -> str:
    """Pictures or texts in a table, the settings of columns above and of rows before them."""
    head = "".join(f"<th>{_said(name)}</th>" for name in ("", *grid.columns))
    rows = []
    for name, runs in zip(grid.rows, grid.cells, strict=True):
        cells = "".join(
            f'<td><img src="{picture_uri(run.picture)}" alt="{_said(run.name)}"></td>'
            if grid.pictured
            else f"<td>{_said(run.words)}</td>"
            for run in runs
        )
        rows.append(f"<tr><th>{_said(name)}</th>{cells}</tr>")
    css = "grid" if grid.pictured else "grid words"
    return WIDE.format(
        f'<table class="{css}"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _runs(runs: Sequence[ReportedRun]) -> str:
    shown = []
    for run in runs:
        name = _said(run.name)
        said = (
            f'<blockquote class="words">{_paragraphs(run.words)}</blockquote>' if run.words else ""
        )
        picture = ""
        if run.picture:
            picture = f'<img src="{picture_uri(run.picture)}" alt="{name or "picture"}">'
        note = f'<p class="note">{_said(run.approximate)}</p>' if run.approximate else ""
        worded = ' class="worded"' if said else ""
        shown.append(
            f"<figure{worded}>{picture}{said}<figcaption>{name}</figcaption>{note}</figure>"
        )
    css = "runs many" if len(runs) > 8 else "runs"
    return f'<div class="{css}">{"".join(shown)}</div>' if shown else ""


def _figure(figure: Figure) -> str:
    name = _said(figure.name)
    with Image.open(io.BytesIO(figure.picture), formats=["PNG"]) as opened:
        tall = " tall" if opened.height > opened.width else ""
    picture = f'<img src="{picture_uri(figure.picture)}" alt="{name}">'
    picture = WIDE.format(picture)
    return f'<figure class="plot{tall}">{picture}<figcaption>{name}</figcaption></figure>'


def _differing(item: ReportedItem) -> str:
    """The settings that differ, a column each, where the runs are not called by them already."""
    if len(item.runs) < 2 or item.names_tell:
        return ""
    head = "".join(f"<th>{_said(name.replace('_', ' '))}</th>" for name in item.differing)
    rows = "".join(
        f"<tr><td><code>{run.run[:12]}</code></td>"
        + "".join(f"<td>{_said(run.settings.get(name, ''))}</td>" for name in item.differing)
        + "</tr>"
        for run in item.runs
    )
    return (
        "<details open><summary>Settings that differ</summary>"
        f"<table><thead><tr><th>run</th>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _votes(item: ReportedItem) -> str:
    if item.item.question.kind == "none":
        return ""
    charts = [lines.setting_rows(item.results)]
    charts.append(lines.result_rows(item.results, {r.run: r.name for r in item.runs}))
    told = [*lines.result_lines(item.results), *lines.unvoted_lines(item)]
    said = "".join(f"<li>{_said(line)}</li>" for line in told)
    answers = "".join(
        f"<blockquote>{_said(str(v.answer))}<footer>{_said(lines.who(v.by))}, "
        f"{lines.when(v.at)}</footer></blockquote>"
        for v in item.results.texts
    )
    chart = "".join(WIDE.format(interval_svg(rows, what=what)) for what, rows in charts if rows)
    return f'<div class="votes">{chart}{answers}<ul>{said}</ul></div>'


def _remarks(title: str, threads: Sequence[Thread], item: ReportedItem | None = None) -> str:
    if not threads:
        return ""
    shown = []
    for thread in threads:
        said = [
            f"{_paragraphs(text)}<footer>{_said(by)}</footer>"
            for text, by in lines.spoken(thread, item)
        ]
        css = ' class="settled"' if thread.resolved else ""
        shown.append(f"<blockquote{css}>{''.join(said)}</blockquote>")
    head = f'<h2 class="apart">{_said(title)}</h2>' if title else ""
    return f'{head}<div class="remarks">{"".join(shown)}</div>'


def _sources(report: Report) -> str:
    rows = "".join(
        f"<li>{_said(line)}</li>"
        if not link
        else f'<li><a href="{_said(link)}">{_said(line)}</a></li>'
        for line, link in source_lines(report)
    )
    return f"<section class=sources><h2>Where it comes from</h2><ul>{rows}</ul></section>"


def source_lines(report: Report) -> list[tuple[str, str]]:
    """Which board, views and runs a report is of, and what is approximate; each with its link.

    Settings that all runs of a kind have in common are said once.
    """
    said = [(line, "") for line in _board_lines(report)]
    for item in report.items:
        if link := link_to_view(report.address, item.item):
            shown = "".join(f", {name} {value}" for name, value in parse_qsl(item.item.query)[:50])
            page = item.item.page.replace("_", " ")
            said.append((f"Item {item.place} was made from the page {page}{shown}.", link))
    runs = {run.run: run for item in report.items for run in item.runs}
    for kind in dict.fromkeys(run.kind for run in runs.values()):
        said += lines_of_kind(
            [run for run in runs.values() if run.kind == kind], kind, report.address
        )
    return said


def _board_lines(report: Report) -> list[str]:
    return [
        f"Board {report.board.id}, begun {lines.when(report.board.at)}.",
        f"Stepscope with numpy {version('numpy')}, pillow {version('pillow')}. Run ids are hashes "
        "of all that a run depends on: the runs open under them in any store that has them.",
        *lines.approximate_lines(report.items),
    ]


def lines_of_kind(runs: Sequence[ReportedRun], kind: str, address: str) -> list[tuple[str, str]]:
    """A line a run, and before them what all runs of the kind have in common."""
    told = [{**run.settings, **run.made} for run in runs]
    same = {n: v for n, v in told[0].items() if all(t.get(n) == v for t in told)}
    if len(runs) == 1:
        same = {}
    said = [(f"All {len(runs)} {kind} runs: {_settings_line(same)}.", "")] if same else []
    for run, own in zip(runs, told, strict=True):
        rest = _settings_line({n: v for n, v in own.items() if n not in same})
        line = f"Run {run.run}" + (f": {rest}." if rest else ".")
        said.append((line, link_to_run(address, run.kind, run.run)))
    return said


def _settings_line(settings: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value or 'empty'}"
        for name, value in settings.items()
        if value != "none"
    )


def _said(text: str) -> str:
    """Text as HTML shows it, and never as HTML."""
    return html.escape(" ".join(text.split()))


def _paragraphs(text: str, css: str = "") -> str:
    named = f' class="{css}"' if css else ""
    parts = [part for part in text.split("\n") if part.strip()]
    return "".join(f"<p{named}>{_said(part)}</p>" for part in parts)
