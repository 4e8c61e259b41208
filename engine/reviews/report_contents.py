"""What a report of a board holds, gathered from the store. No torch."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from cache.errors import StepscopeError
from cache.store import Store
from engine.chain import manifests
from engine.chain.grids import headings_of, row_length
from engine.chain.malformed import Malformed
from engine.chain.records import Manifest
from engine.experiments.forks import described_change
from engine.image import stored as image_stored
from engine.image.previews import preview_picture
from engine.requests.kinds import KINDS
from engine.reviews import voices
from engine.reviews.boards import Board, Placed, load_board
from engine.reviews.kept_figures import figures_of
from engine.reviews.picture_marks import with_frames
from engine.reviews.records import Decision, Figure, Region
from engine.reviews.report_links import USUAL
from engine.reviews.results import Results, results_of
from engine.reviews.voices import Thread
from engine.text.stored import load_corruption_run, load_text_run

SIDE = 384  # pixels of a picture's longer side
NAMING = ("guidance", "seed", "temperature", "steps", "sampler", "model", "prompt")
MADE = {"device": "made on", "dtype": "in", "layout": "in a"}  # by a fact's name: before its value
ASKED = ("prompt", "template", "model")  # said by their value alone
TOLD = ("length", "steps", "guidance", "sampler", "temperature", "top_k", "rule")
NOT_TOLD = frozenset(("kind", "corrected"))


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """A run as a report shows it."""

    run: str
    kind: str
    name: str  # by what differs from its neighbours
    picture: bytes = b""  # PNG
    words: str = ""
    approximate: str = ""  # why it is not the finished result
    settings: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)  # where and with what its last step was


@dataclass(frozen=True, slots=True)
class Grid:
    """Pictures, or texts, in rows and columns that settings make."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[ReportedRun, ...], ...]  # [row][column]

    @property
    def pictured(self) -> bool:
        """Whether these are pictures."""
        return bool(self.cells[0][0].picture)


@dataclass(frozen=True, slots=True)
class ReportedItem:
    """An item with its runs, its votes, what was said and decided."""

    place: int
    item: Placed
    runs: tuple[ReportedRun, ...]
    lost: tuple[str, ...]  # ids of runs that are not here
    differing: tuple[str, ...]  # names of settings
    results: Results
    threads: tuple[Thread, ...]
    decision: Decision | None
    figures: tuple[Figure, ...] = ()  # kept of the page that it was made of
    places: Mapping[str, str] = field(default_factory=dict)  # by thread: its mark, or its word

    @property
    def abreast(self) -> int:
        """How many of its runs make a row of a grid of settings; 0 where they make none."""
        return row_length([run.settings for run in self.runs])

    @property
    def grid(self) -> Grid | None:
        """Its runs under headings, where all are finished and their settings make a grid."""
        settings = [run.settings for run in self.runs]
        heads = headings_of(settings, self.differing) if self.names_tell else None
        if heads is None or any(run.approximate for run in self.runs):
            return None
        if not all(r.picture for r in self.runs) and not all(r.words for r in self.runs):
            return None
        wide = self.abreast
        return Grid(
            columns=tuple(_heading(each, heads.along) for each in settings[:wide]),
            rows=tuple(_heading(each, heads.down) for each in settings[::wide]),
            cells=tuple(self.runs[i : i + wide] for i in range(0, len(settings), wide)),
        )

    @property
    def shared(self) -> str:
        """What all its runs have in common, of what people ask first; '' where nothing is."""
        if not self.runs:
            return ""
        first, *others = (run.settings for run in self.runs)
        same = {n: v for n, v in first.items() if all(o.get(n) == v for o in others)}
        told = [same[name] for name in ASKED if same.get(name, "none") != "none"]
        told += [
            f"{name.replace('_', ' ')} {same[name]}"
            for name in TOLD
            if same.get(name, "none") != "none"
        ]
        return " · ".join(told)

    @property
    def names_tell(self) -> bool:
        """Whether what its runs are called says every setting that differs."""
        return set(self.differing) <= set(NAMING)


@dataclass(frozen=True, slots=True)
class Report:
    """A board, gathered."""

    board: Board
    items: tuple[ReportedItem, ...]
    remarks: tuple[Thread, ...]  # on the board itself
    people: tuple[str, ...]
    address: str  # of the dashboard that its links lead to


def gathered(store: Store, board_id: str, address: str = USUAL) -> Report:
    """Everything that a report of a board says. Raises MissingFromStore, PayloadDamaged."""
    board = load_board(store, board_id)
    given = voices.verdicts(store, board_id)
    decisions = voices.decisions(store, board_id)
    kept = figures_of(store, board_id)
    items = []
    for place, item in enumerate(board.items, 1):
        found, lost = _found(store, item.runs)
        settings, differing = _settings(found)
        names = _names(found, differing)
        specs = {m.run: {"model": m.model, **m.spec} for m in found}
        threads = tuple(voices.threads(store, board_id, item.id))
        numbers = _numbers(threads, found)
        marks = {
            m.run: [(n, t.first.region) for t, n in numbers if t.first.run in ("", m.run)]
            for m in found
        }
        items.append(
            ReportedItem(
                place=place,
                item=item,
                runs=tuple(
                    _reported(store, m, name, settings[m.run], marks[m.run])
                    for m, name in zip(found, names, strict=True)
                ),
                lost=tuple(lost),
                differing=tuple(differing),
                results=results_of(item, given, specs),
                threads=threads,
                decision=decisions.get(item.id, [None])[-1],
                figures=tuple(kept.get(item.id, ())),
                places={t.id: n for t, n in numbers} | _words_spoken_of(store, threads, found),
            )
        )
    remarks = tuple(voices.threads(store, board_id, ""))
    said = [v.by.shown for v in given] + [d.by.shown for ds in decisions.values() for d in ds]
    for thread in voices.threads(store, board_id):
        said += [thread.first.by.shown, *(answer.by.shown for answer in thread.answers)]
    return Report(board, tuple(items), remarks, tuple(sorted(set(said))), address)


def _numbers(threads: Sequence[Thread], found: Sequence[Manifest]) -> list[tuple[Thread, str]]:
    """The threads on a region of a picture that is shown, each with the number at its frame."""
    pictured = {m.run for m in found if KINDS[m.kind].pictured}
    alone = len(found) == 1
    placed = [
        thread
        for thread in threads
        if thread.first.region is not None
        and (thread.first.run in pictured or (not thread.first.run and alone and pictured))
    ]
    return [(thread, str(i)) for i, thread in enumerate(placed, 1)]


def _words_spoken_of(
    store: Store, threads: Sequence[Thread], found: Sequence[Manifest]
) -> dict[str, str]:
    """By thread on a position of a text: the word that stood there."""
    texts = {m.run: m for m in found if m.kind == "text"}
    words = {}
    for thread in threads:
        first = thread.first
        manifest = texts.get(first.run) or (next(iter(texts.values())) if len(texts) == 1 else None)
        if first.position is None or manifest is None:
            continue
        try:
            run = load_text_run(store, manifest.run)
            said = run.words(len(run.steps) - 1 if first.step is None else first.step)
            words[thread.id] = f"“{said[first.position]}”"
        except (StepscopeError, IndexError, *Malformed):
            continue  # the place is told in words all the same
    return words


def _heading(settings: Mapping[str, str], names: Sequence[str]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {settings.get(name, 'none')}" for name in names)


def picture_uri(png: bytes) -> str:
    """A picture as an address that holds all of it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def said_value(value: object) -> str:
    """A setting's value as it is read."""
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _found(store: Store, runs: Sequence[str]) -> tuple[list[Manifest], list[str]]:
    found, lost = [], []
    for run in runs:
        try:
            found.append(manifests.load(store, run))
        except StepscopeError:
            lost.append(run)
    return found, lost


def _settings(found: Sequence[Manifest]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Each run's settings in words, and the names of those that are not the same in all."""
    specs = {m.run: {"model": m.model, **m.spec} for m in found}
    names = list(dict.fromkeys(name for spec in specs.values() for name in spec))
    told = {
        run: {
            name: _told(name, spec[name]) for name in names if name in spec and name not in NOT_TOLD
        }
        for run, spec in specs.items()
    }
    differing = [n for n in names if len({repr(s.get(n)) for s in specs.values()}) > 1]
    return told, [name for name in differing if name not in NOT_TOLD]


def _told(name: str, value: Any) -> str:
    if name == "changes":
        return "; ".join(described_change(change) for change in value) or "none"
    return said_value(value)


def _names(found: Sequence[Manifest], differing: Sequence[str]) -> list[str]:
    names = []
    for place, manifest in enumerate(found, 1):
        spec = {"model": manifest.model, **manifest.spec}
        parts = [
            f"{name.replace('_', ' ')} {said_value(spec.get(name))[:40]}"
            for name in differing
            if name in NAMING
        ]
        names.append(", ".join(parts) or (f"run {place}" if len(found) > 1 else _alone(manifest)))
    return names


def _alone(manifest: Manifest) -> str:
    """A run that has no neighbours: what it was asked is said of its item."""
    return f"seed {manifest.spec['seed']}" if "seed" in manifest.spec else ""


def _reported(
    store: Store,
    manifest: Manifest,
    name: str,
    settings: Mapping[str, str],
    marks: Sequence[tuple[str, Region | None]],
) -> ReportedRun:
    shown: dict[str, Any] = {"run": manifest.run, "kind": manifest.kind}
    shown |= {"name": name, "settings": settings}
    try:
        if KINDS[manifest.kind].pictured:
            png, approximate = _picture(store, manifest)
            shown |= {"picture": with_frames(png, marks), "approximate": approximate}
        elif KINDS[manifest.kind].worded:
            load = load_text_run if manifest.kind == "text" else load_corruption_run
            run = load(store, manifest.run)
            words = run.text(len(run.steps) - 1)
            stored, last = len(run.steps) - 1, manifest.step_count
            partial = f"step {stored} of {last}: the rest is not stored" if stored < last else ""
            shown |= {"words": words, "approximate": partial}
        elif manifest.kind == "embed":
            prompts = manifest.spec.get("texts", ())
            shown["words"] = "\n".join(f"{i}. {text}" for i, text in enumerate(prompts, 1))
        shown["made"] = _made(store, manifest)
    except (StepscopeError, *Malformed) as error:
        shown["approximate"] = f"it cannot be read here: {error}"[:200]
    return ReportedRun(**shown)


def _picture(store: Store, manifest: Manifest) -> tuple[bytes, str]:
    result = image_stored.find_result(store, manifest)
    if result is not None:
        return _shrunk(result.png), ""
    stored = manifests.stored_steps(store, manifest)
    preview = image_stored.find_preview(store, manifest.fingerprint)
    if preview is None or not store.has(manifest.step_keys[stored]):
        return b"", "no picture of it was decoded"
    step = image_stored.image_step(store.get(manifest.step_keys[stored]))
    png = preview_picture(step.unit_latents(), preview, scale=4).png
    return _shrunk(png), f"a linear preview of step {stored} of {manifest.step_count}, not decoded"


def _shrunk(png: bytes) -> bytes:
    """A picture that is small enough for a document and holds nothing but its pixels."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        small = opened.convert("RGB")
    if max(small.size) > SIDE:
        small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "PNG", optimize=True)
    return data.getvalue()


def _made(store: Store, manifest: Manifest) -> dict[str, str]:
    """Where a run's last stored step was made, and with which versions, by what to call it."""
    stored = manifests.stored_steps(store, manifest)
    said = store.get(manifest.step_keys[stored]).meta.get("provenance")
    if not isinstance(said, Mapping):
        return {}
    versions = said.get("versions")
    packages = dict(versions) if isinstance(versions, Mapping) else {}
    parts = {called: said[name] for name, called in MADE.items() if name in said}
    return {str(name): str(value) for name, value in (parts | packages).items()}
