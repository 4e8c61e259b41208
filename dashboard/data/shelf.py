"""Every run of a store at a glance: read once each, found again by filters, shown a page at a time.

What a run was asked for never changes, so it is read once; its tags, its note and its pin are
looked up anew whenever the Library is opened, by stamps that cost one query for all runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from cache.errors import StepscopeError
from cache.store import Store
from dashboard.data.cards import Card, card_of
from dashboard.data.conditions import Condition, fulfil, read_conditions
from dashboard.data.finding import Asked, asked_for, holds, searched
from dashboard.data.library import first_words, may_be_done_sooner
from dashboard.data.thumbnails import SIDE, run_thumbnail
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.text.stored import count_used

PAGE = 100  # runs on a page of the table
STATES = ("complete", "partial", "pinned")
SEARCHES = 32  # that are kept
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the Library: a card with what is looked up for the runs on the page alone."""

    manifest: Manifest
    words: str
    steps_stored: int
    pinned: bool
    size_bytes: int = 0  # of its steps and what they need; what runs share counts in each
    picture: str = ""  # a data URI; '' where there is none
    steps_used: int | None = None  # of a whole text whose rule may be done sooner

    @property
    def short(self) -> str:
        """The id as people are shown it."""
        return self.manifest.short

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
    text: str = ""  # words, and conditions as ``guidance=4``


def shelf_of(store: Store) -> Shelf:
    """The shelf of an open store: one for everybody who asks."""
    with _lock:
        return _shelves.setdefault(store, Shelf())


class Shelf:
    """The cards of one store. Threads may share it."""

    def __init__(self) -> None:
        self._cards: dict[str, tuple[str, Card]] = {}
        self._listed: list[Card] = []
        self._written: object | None = None  # what the store was like when it was listed
        self._standing: object | None = None
        self._stood: object | None = None  # what it was like when the same runs stood there
        self._derived: dict[str, Any] = {}
        self._words: dict[str, str] = {}
        self._used: dict[str, int] = {}  # steps in which anything happened, by run
        self._partial: tuple[object, dict[str, str]] = (None, {})
        self._haystacks: dict[str, tuple[Card, str, str]] = {}  # what each run is found by
        self._pictures: dict[tuple[str, int], str] = {}  # by run and pixels
        self._found: dict[str, tuple[object, list[Card]]] = {}  # of the last searches
        self._lock = threading.Lock()
        self.damaged: tuple[str, ...] = ()  # runs whose manifest cannot be read

    def cards(self, store: Store) -> list[Card]:
        """Every run, newest first; only what is new or was changed is read."""
        with self._lock:
            written = store.written()
            if written is None or written != self._written:
                self._standing = store.standing("run:")
                self._read(store)
                self._written = written
            return self._listed

    def runs(self, store: Store, kind: str | None = None) -> list[Card]:
        """Every run, or those of a kind, newest first; tags and notes may be older than in cards.

        For what a page asks at every rerun: no step that a job writes makes it slower.
        """
        with self._lock:
            written = store.written()
            known = written is not None and written in (self._written, self._stood)
            if not known and self._standing is not None:
                known = self._standing == store.standing("run:")
                self._stood = written if known else None
        listed = self._listed if known else self.cards(store)
        if kind is None:
            return listed
        of_kind: list[Card] = self.derived(
            store, f"kind {kind}", lambda cards: [card for card in cards if card.kind == kind]
        )
        return of_kind

    def manifests(self, store: Store, kind: str) -> list[Manifest]:
        """Every run of a kind, newest first, as ``runs`` knows them."""
        of_kind: list[Manifest] = self.derived(
            store, f"manifests {kind}", lambda cards: [c.manifest for c in cards if c.kind == kind]
        )
        return of_kind

    def derived(self, store: Store, name: str, make: Callable[[list[Card]], T]) -> T:
        """What is made of all runs, under a name, kept until a run comes, goes or is changed."""
        cards = self.runs(store)
        held = self._derived
        if name not in held:
            held[name] = make(cards)
        kept: T = held[name]
        return kept

    def _read(self, store: Store) -> None:
        """Read what is new or was changed. The lock is held."""
        stamps = {key.removeprefix("run:"): stamp for key, stamp in store.stamps("run:").items()}
        damaged, changed = [], False
        for run, stamp in stamps.items():
            known = self._cards.get(run)
            if known is not None and known[0] == stamp:
                continue
            try:
                manifest = manifests.load(store, run)
            except (StepscopeError, TypeError):  # damaged, or deleted since it was listed
                changed |= self._cards.pop(run, None) is not None
                damaged.append(run)
                continue
            changed = True
            self._cards[run] = (stamp, card_of(manifest))
        for gone in self._cards.keys() - stamps.keys():
            changed = True
            del self._cards[gone]
            self._haystacks.pop(gone, None)
        self.damaged = tuple(damaged)
        if changed:
            self._listed = [self._cards[run][1] for run in stamps if run in self._cards]
            self._derived = {}

    def find(self, store: Store, wanted: Wanted) -> list[Card]:
        """The runs that match, newest first.

        Complete is a run whose last step is stored. All words of the text must be in a run's id,
        words, settings, tags, note or model, and all its conditions must hold. Raises
        InvalidInput for a condition on no field, or with a value that its field cannot have.
        """
        conditions, words = read_conditions(wanted.text)
        cards, written = self.cards(store), store.written()
        asking = repr((wanted, conditions))  # today is another day tomorrow
        held = self._found.get(asking)
        if held is not None and written is not None and held[0] == written:
            return held[1]
        cards = self._matching(store, cards, wanted, conditions, asked_for(words))
        if len(self._found) >= SEARCHES:
            self._found = {}
        self._found[asking] = (written, cards)
        return cards

    def _matching(
        self,
        store: Store,
        cards: list[Card],
        wanted: Wanted,
        conditions: Sequence[Condition],
        asked: Asked,
    ) -> list[Card]:
        if wanted.kinds or wanted.models or wanted.tags:
            cards = [
                card
                for card in cards
                if (not wanted.kinds or card.kind in wanted.kinds)
                and (not wanted.models or card.model in wanted.models)
                and all(tag in card.tags for tag in wanted.tags)
            ]
        if conditions:
            cards = fulfil(cards, conditions)
        if "pinned" in wanted.states:
            pins = store.pins()
            cards = [card for card in cards if card.run in pins]
        if ("complete" in wanted.states) != ("partial" in wanted.states):
            whole = "complete" in wanted.states
            there = store.present([card.last_step for card in cards])
            cards = [card for card, last in zip(cards, there, strict=True) if last == whole]
        if asked:
            texts = self._searched(store, cards)
            cards = [card for card, text in zip(cards, texts, strict=True) if holds(text, asked)]
        return cards

    def entries(self, store: Store, cards: Sequence[Card], *, side: int = SIDE) -> list[Entry]:
        """The lines of some runs; those that were deleted meanwhile are left out.

        Their pictures are at most ``side`` pixels a side.
        """
        pins, lines = store.pins(), []
        there = [manifest for card in cards if (manifest := self._manifest_of(store, card))]
        keys = [key for manifest in there for key in (*manifest.step_keys, *manifest.shared_keys)]
        all_sizes = store.sizes(list(dict.fromkeys(keys)))
        for manifest in there:
            needed = dict.fromkeys((*manifest.step_keys, *manifest.shared_keys))
            sizes = {key: all_sizes[key] for key in needed if key in all_sizes}
            steps = _prefix(manifest, sizes)
            lines.append(
                Entry(
                    manifest=manifest,
                    words=self._words_of(store, manifest, complete=steps == manifest.step_count),
                    steps_stored=steps,
                    pinned=manifest.run in pins,
                    size_bytes=sum(sizes.values()),
                    picture=self._picture_of(store, manifest, steps, side),
                    steps_used=self._used_of(store, manifest, steps),
                )
            )
        return lines

    def _manifest_of(self, store: Store, card: Card) -> Manifest | None:
        """The manifest of a card: it is not read again while the card is the one that is held."""
        held = self._cards.get(card.run)
        if held is not None and held[1] is card:
            return card.manifest
        try:
            return manifests.load(store, card.run)
        except StepscopeError:
            return None

    def by_run(self, store: Store) -> Mapping[str, Card]:
        """Every run's card by its id."""
        by_id: dict[str, Card] = self.derived(store, "by run", lambda c: {x.run: x for x in c})
        return by_id

    def said(self, store: Store, runs: Sequence[str]) -> dict[str, str]:
        """What some runs say; read once each, and not before a text is finished."""
        known = self.by_run(store)
        cards = [known[run] for run in runs if run in known]
        there = store.present([card.last_step for card in cards])
        return {
            card.run: self._words_of(store, card.manifest, complete=True)
            if done or card.kind != "text"
            else f"{card.spec.get('template') or ''} (not finished)".strip()
            for card, done in zip(cards, there, strict=True)
        }

    def _words_of(self, store: Store, manifest: Manifest, *, complete: bool) -> str:
        if manifest.run in self._words:
            return self._words[manifest.run]
        words = first_words(store, manifest)
        if complete:  # they never change again
            self._words[manifest.run] = words
        return words

    def _used_of(self, store: Store, manifest: Manifest, steps: int) -> int | None:
        """In how many steps of a whole run anything happened; None where all that were asked."""
        if steps < manifest.step_count or not may_be_done_sooner(manifest.spec):
            return None
        if manifest.run not in self._used:
            try:
                self._used[manifest.run] = count_used(store, manifest)
            except StepscopeError:
                return None
        return self._used[manifest.run]

    def _searched(self, store: Store, cards: Sequence[Card]) -> list[str]:
        """All that each run can be found by; texts are read once, and again while they grow."""
        partial = self._partial_words(store)
        unread = [
            card
            for card in cards
            if card.kind == "text" and card.run not in self._words and card.run not in partial
        ]
        there = store.present([card.last_step for card in unread])
        for card, complete in zip(unread, there, strict=True):
            if complete:
                self._words_of(store, card.manifest, complete=True)
            else:
                partial[card.run] = self._words_of(store, card.manifest, complete=False)
        return [self._all_of(card, partial) for card in cards]

    def _partial_words(self, store: Store) -> dict[str, str]:
        """What unfinished texts say, kept until any step comes or goes."""
        standing = store.standing("step:")
        if self._partial[0] != standing:
            self._partial = (standing, {})
        return self._partial[1]

    def _all_of(self, card: Card, partial: Mapping[str, str]) -> str:
        words = self._words.get(card.run)
        if words is None:
            words = partial.get(card.run, "")
        held = self._haystacks.get(card.run)
        if held is None or held[0] is not card or held[1] != words:
            held = self._haystacks[card.run] = (card, words, searched(card, words))
        return held[2]

    def _picture_of(self, store: Store, manifest: Manifest, steps: int, side: int) -> str:
        if manifest.kind != "image":
            return ""
        name = manifest.run, side
        if name not in self._pictures:
            picture, final = run_thumbnail(store, manifest, steps, side=side)
            if not final:
                return picture
            self._pictures[name] = picture
        return self._pictures[name]


_shelves: WeakKeyDictionary[Store, Shelf] = WeakKeyDictionary()
_lock = threading.Lock()


def _prefix(manifest: Manifest, sizes: Mapping[str, int]) -> int:
    missing = (i for i, key in enumerate(manifest.step_keys) if key not in sizes)
    return max(0, next(missing, len(manifest.step_keys)) - 1)
