"""Every run of a store at a glance: read once each, found again by filters, shown a page at a time.

What a run was asked for never changes, so it is read once; its tags, its note and its pin are
looked up anew whenever the Library is opened, by stamps that cost one query for all runs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cache.errors import StepscopeError
from cache.store import Store
from dashboard.data.library import age, described, first_words
from dashboard.data.thumbnails import run_thumbnail
from engine import stored_runs
from engine.records import Manifest

PAGE = 200  # runs on a page
STATES = ("complete", "partial", "pinned")


@dataclass(frozen=True, slots=True)
class Card:
    """What the Library knows of every run, small enough that thousands are held."""

    run: str
    kind: str
    model: str
    spec: Mapping[str, Any]
    settings: str
    created_at: float  # seconds since the epoch
    step_count: int
    last_step: str  # its key
    tags: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the Library: a card with what is looked up for the runs on the page alone."""

    manifest: Manifest
    words: str
    steps_stored: int
    pinned: bool
    size_bytes: int = 0  # of its steps and what they need; what runs share counts in each
    picture: str = ""  # a data URI; '' where there is none

    @property
    def short(self) -> str:
        """The id as people are shown it."""
        return self.manifest.run[: stored_runs.SHORT]

    @property
    def complete(self) -> bool:
        """Whether every step is stored."""
        return self.steps_stored == self.manifest.step_count


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs somebody looks for; an empty field asks for nothing."""

    kinds: Sequence[str] = ()
    models: Sequence[str] = ()
    tags: Sequence[str] = ()
    states: Sequence[str] = ()  # of STATES
    text: str = ""


class Shelf:
    """The cards of one store. Threads may share it."""

    def __init__(self) -> None:
        self._cards: dict[str, tuple[str, Card]] = {}
        self._words: dict[str, str] = {}
        self._pictures: dict[str, str] = {}
        self._lock = threading.Lock()
        self.damaged: tuple[str, ...] = ()  # runs whose manifest cannot be read

    def cards(self, store: Store) -> list[Card]:
        """Every run, newest first; only what is new or was changed is read."""
        with self._lock:
            stamps = {
                key.removeprefix("run:"): stamp for key, stamp in store.stamps("run:").items()
            }
            damaged = []
            for run, stamp in stamps.items():
                known = self._cards.get(run)
                if known is not None and known[0] == stamp:
                    continue
                try:
                    manifest = stored_runs.load_manifest(store, run)
                except (StepscopeError, TypeError):  # damaged, or deleted since it was listed
                    self._cards.pop(run, None)
                    damaged.append(run)
                    continue
                self._cards[run] = (stamp, _card(manifest))
            for gone in self._cards.keys() - stamps.keys():
                del self._cards[gone]
            self.damaged = tuple(damaged)
            return [self._cards[run][1] for run in stamps if run in self._cards]

    def find(self, store: Store, wanted: Wanted) -> list[Card]:
        """The runs that match, newest first.

        Complete is a run whose last step is stored. All words of the text must be in a run's id,
        words, settings, tags, note or model.
        """
        found = [
            card
            for card in self.cards(store)
            if (not wanted.kinds or card.kind in wanted.kinds)
            and (not wanted.models or card.model in wanted.models)
            and all(tag in card.tags for tag in wanted.tags)
        ]
        if "pinned" in wanted.states:
            pins = store.pins()
            found = [card for card in found if card.run in pins]
        if ("complete" in wanted.states) != ("partial" in wanted.states):
            whole = "complete" in wanted.states
            there = store.present([card.last_step for card in found])
            found = [card for card, last in zip(found, there, strict=True) if last == whole]
        words = wanted.text.lower().split()
        if words:
            found = [card for card in found if _holds(self._searched(store, card), words)]
        return found

    def entries(self, store: Store, cards: Sequence[Card]) -> list[Entry]:
        """The lines of some runs; those that were deleted meanwhile are left out."""
        pins = store.pins()
        lines = []
        for card in cards:
            try:
                manifest = stored_runs.load_manifest(store, card.run)
            except StepscopeError:
                continue
            sizes = store.sizes([*manifest.step_keys, *manifest.shared_keys])
            steps = _prefix(manifest, sizes)
            lines.append(
                Entry(
                    manifest=manifest,
                    words=self._words_of(store, manifest, complete=steps == card.step_count),
                    steps_stored=steps,
                    pinned=card.run in pins,
                    size_bytes=sum(sizes.values()),
                    picture=self._picture_of(store, manifest, steps),
                )
            )
        return lines

    def _words_of(self, store: Store, manifest: Manifest, *, complete: bool) -> str:
        if manifest.run in self._words:
            return self._words[manifest.run]
        words = first_words(store, manifest)
        if complete:  # they never change again
            self._words[manifest.run] = words
        return words

    def _searched(self, store: Store, card: Card) -> str:
        words = self._words.get(card.run)
        if words is None and card.kind == "text":
            try:
                manifest = stored_runs.load_manifest(store, card.run)
            except StepscopeError:
                return ""
            complete = store.has(card.last_step)
            words = self._words_of(store, manifest, complete=complete)
        prompt = " ".join(str(card.spec.get(name) or "") for name in ("prompt", "text", "template"))
        prompts = " ".join(card.spec.get("texts", ()))
        told = (card.run, card.model, words or "", prompt, prompts, card.note, *card.tags)
        return " ".join([*told, card.settings]).lower()

    def _picture_of(self, store: Store, manifest: Manifest, steps: int) -> str:
        if manifest.kind != "image":
            return ""
        if manifest.run not in self._pictures:
            picture, final = run_thumbnail(store, manifest, steps)
            if not final:
                return picture
            self._pictures[manifest.run] = picture
        return self._pictures[manifest.run]


def table(found: Sequence[Entry]) -> pd.DataFrame:
    """Lines of the Library as a table, in the same order; no pictures, no such column."""
    columns: dict[str, list[Any]] = {
        "picture": [e.picture for e in found],
        "words": [e.words for e in found],
        "settings": [_settings(e.manifest.spec) for e in found],
        "kind": [e.manifest.kind for e in found],
        "model": [e.manifest.model.rsplit("/", 1)[-1] for e in found],
        "pinned": [e.pinned for e in found],
        "steps": [_steps(e) for e in found],
        "size": [e.size_bytes / 1e6 for e in found],
        "made": [age(e.manifest.created_at) for e in found],
        "tags": [list(e.manifest.tags) for e in found],
        "run": [e.manifest.run[:8] for e in found],
        "note": [e.manifest.note for e in found],
    }
    for name in ("picture", "tags", "note"):
        if not any(columns[name]):
            del columns[name]
    return pd.DataFrame(columns)


def tags_of(cards: Sequence[Card]) -> list[str]:
    """Every tag that is in use, in order."""
    return sorted({tag for card in cards for tag in card.tags})


def _card(manifest: Manifest) -> Card:
    return Card(
        run=manifest.run,
        kind=manifest.kind,
        model=manifest.model,
        spec=manifest.spec,
        settings=described(manifest.spec),
        created_at=manifest.created_at,
        step_count=manifest.step_count,
        last_step=manifest.step_keys[-1],
        tags=manifest.tags,
        note=manifest.note,
    )


def _prefix(manifest: Manifest, sizes: Mapping[str, int]) -> int:
    missing = (i for i, key in enumerate(manifest.step_keys) if key not in sizes)
    return max(0, next(missing, len(manifest.step_keys)) - 1)


def _steps(entry: Entry) -> str:
    whole = entry.manifest.step_count
    if entry.complete:
        return str(whole) if whole else ""
    return f"{entry.steps_stored} of {whole}"


def _settings(spec: Mapping[str, Any]) -> str:
    """A spec in words without its steps, which have a column of their own."""
    return described({name: value for name, value in spec.items() if name != "steps"})


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)
