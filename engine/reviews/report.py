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
from engine.reviews.report_style import POLICY, STYLE
from engine.reviews.voices import Thread

MADE = "made on"
KEPT_TOGETHER = 140  # millimetres: what is higher may begin on one page and end on the next


def report_html(store: Store, board: str) -> bytes:
    """A board by its full id as one HTML file. Raises MissingFromStore, PayloadDamaged."""
    report = gathered(store, board)
    title = _said(report.board.title)
    shown_before = _first_with(report.items)
    body = [
        f"<header><h1>{title}</h1>",
        _paragraphs(report.board.about),
        f'<p class="who">{_said(byline(report))}</p></header>',
        _summary(report),
        *(_item(item, shown_before.get(item.place)) for item in report.items),
        _remarks("Said of the board", report.remarks),
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
        ended = item.decision.outcome if item.decision is not None else "open"
        rows.append(
            f'<tr><td>{item.place}</td><td><a href="#item-{item.place}">{_said(item.item.title)}'
            f"</a></td><td>{lines.votes_told(item)}</td>"
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


def _item(item: ReportedItem, shown_before: int | None) -> str:
    asked = lines.question_line(item.item.question)
    long = ' class="long"' if _millimetres(item, shown_before) > KEPT_TOGETHER else ""
    parts = [
        f'<section id="item-{item.place}"{long}>',
        f"<h2>{item.place}. {_said(item.item.title)}</h2>",
        f'<p class="asked">{_said(asked)}</p>' if asked else "",
        _shown_runs(item, shown_before),
        *(_figure(figure) for figure in item.figures),
        _paragraphs(item.item.caption, css="caption"),
        _differing(item),
        _votes(item),
        _remarks("", item.threads, item.places),
    ]
    if item.decision is not None:
        ended = item.decision.outcome.replace(" ", "-")
        parts.append(f'<p class="decision {ended}">{_said(lines.decision_line(item.decision))}</p>')
    return "".join([*parts, "</section>"])


def _millimetres(item: ReportedItem, shown_before: int | None) -> int:
    """About how high an item is on paper; the style says so much for each of its parts."""
    rows = len(lines.result_rows(item.results, {})[1])
    if item.grid is not None:
        pictures = len(item.grid.rows) * (20 if shown_before else 31)
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
    """Pictures in a table, the settings of its columns above and of its rows before them."""
    head = "".join(f"<th>{_said(name)}</th>" for name in ("", *grid.columns))
    rows = []
    for name, pictures in zip(grid.rows, grid.pictures, strict=True):
        cells = "".join(
            f'<td><img src="{picture_uri(run.picture)}" alt="{_said(run.name)}"></td>'
            for run in pictures
        )
        rows.append(f"<tr><th>{_said(name)}</th>{cells}</tr>")
    return (
        f'<table class="grid"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _runs(runs: Sequence[ReportedRun]) -> str:
    shown = []
    for run in runs:
        name = _said(run.name)
        said = f'<blockquote class="words">{_said(run.words)}</blockquote>' if run.words else ""
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
    what, rows = lines.result_rows(item.results, {r.run: r.name for r in item.runs})
    told = [*lines.result_lines(item.results), *lines.unvoted_lines(item)]
    said = "".join(f"<li>{_said(line)}</li>" for line in told)
    answers = "".join(
        f"<blockquote>{_said(str(v.answer))}<footer>{_said(lines.who(v.by))}, "
        f"{lines.when(v.at)}</footer></blockquote>"
        for v in item.results.texts
    )
    chart = interval_svg(rows, what=what) if rows else ""
    return f'<div class="votes">{chart}{answers}<ul>{said}</ul></div>'


def _remarks(title: str, threads: Sequence[Thread], places: Mapping[str, str] = {}) -> str:
    if not threads:
        return ""
    shown = []
    for thread in threads:
        said = []
        for comment in (thread.first, *thread.answers):
            first = comment is thread.first
            text, by = lines.comment_line(comment, places.get(thread.id, "") if first else "")
            said.append(f"{_paragraphs(text)}<footer>{_said(by)}</footer>")
        css = ' class="settled"' if thread.resolved else ""
        shown.append(f"<blockquote{css}>{''.join(said)}</blockquote>")
    head = f'<h2 class="apart">{_said(title)}</h2>' if title else ""
    return f'{head}<div class="remarks">{"".join(shown)}</div>'


def _sources(report: Report) -> str:
    rows = "".join(f"<li>{_said(line)}</li>" for line in source_lines(report))
    return f"<section class=sources><h2>Where it comes from</h2><ul>{rows}</ul></section>"


def source_lines(report: Report) -> list[str]:
    """Which board and runs a report is of, with all their settings, and what is approximate."""
    said = [
        f"Board {report.board.id}, begun {lines.when(report.board.at)}.",
        f"Stepscope with numpy {version('numpy')}, pillow {version('pillow')}. Run ids are hashes "
        "of all that a run depends on: the runs open under them in any store that has them.",
        *lines.approximate_lines(report.items),
    ]
    runs = {run.run: run for item in report.items for run in item.runs}
    for kind in dict.fromkeys(run.kind for run in runs.values()):
        said += _lines_of_kind([run for run in runs.values() if run.kind == kind], kind)
    return said


def _lines_of_kind(runs: Sequence[ReportedRun], kind: str) -> list[str]:
    """A line a run, and before them what all runs of the kind have in common."""
    told = [{**run.settings, MADE: run.made or "what it does not say"} for run in runs]
    same = {n: v for n, v in told[0].items() if all(t.get(n) == v for t in told)}
    if len(runs) == 1:
        return [f"Run {runs[0].run}: {_settings_line(told[0])}."]
    said = [f"All {len(runs)} runs of {kind} here: {_settings_line(same)}."] if same else []
    for run, own in zip(runs, told, strict=True):
        rest = _settings_line({n: v for n, v in own.items() if n not in same})
        said.append(f"Run {run.run}" + (f": {rest}." if rest else "."))
    return said


def _settings_line(settings: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value or 'empty'}" for name, value in settings.items()
    )


def _said(text: str) -> str:
    """Text as HTML shows it, and never as HTML."""
    return html.escape(" ".join(text.split()))


def _paragraphs(text: str, css: str = "") -> str:
    named = f' class="{css}"' if css else ""
    parts = [part for part in text.split("\n") if part.strip()]
    return "".join(f"<p{named}>{_said(part)}</p>" for part in parts)
