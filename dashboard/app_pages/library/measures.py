"""What runs can be sorted and compared by beyond their settings: read from one step of each.

Only what is stored is read, once a run: of a text its last step, of a picture its last step and,
where somebody embedded it, what CLIP said of it. Nothing is computed for it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cache.errors import StepscopeError
from cache.store import Store
from dashboard.data.cards import Card
from dashboard.data.finished import load_finished
from dashboard.data.shelf import Shelf
from engine.chain.malformed import Malformed
from engine.embed.keys import embedding_key
from engine.metrics.similarity import clip_scores

MOST = 2000  # runs that are measured; the newest of those that were found
COST, CONFIDENCE, CLIP = "cost", "confidence", "clip"
MEASURES = {
    COST: "model seconds, about",
    CONFIDENCE: "mean confidence of the last step",
    CLIP: "CLIP score",
}
Measured = Mapping[str, Mapping[str, float]]  # by measure, then by run


@dataclass(frozen=True, slots=True)
class _Clip:
    """What CLIP models were asked about: their fingerprints, and the pictures by digest."""

    fingerprints: tuple[str, ...]
    pictures: frozenset[str]


class Measures:
    """What has been read of the runs of one store. Threads may share it."""

    def __init__(self) -> None:
        self._ended: dict[str, dict[str, float]] = {}  # by last step: it never changes
        self._scored: dict[str, tuple[object, float | None]] = {}
        self._lock = threading.Lock()

    def of(self, store: Store, shelf: Shelf, cards: Sequence[Card]) -> Measured:
        """The measures of some runs; a run has only those that can be read of it."""
        with self._lock:
            told = {card.run: self._read(store, card) for card in cards[:MOST]}
            scores = self._scores(store, shelf, cards[:MOST])
        measured: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
        for run, values in told.items():
            for name, value in values.items():
                measured[name][run] = value
        measured[CLIP] = scores
        return {name: values for name, values in measured.items() if values}

    def _read(self, store: Store, card: Card) -> dict[str, float]:
        if card.last_step in self._ended:
            return self._ended[card.last_step]
        try:
            payload = store.find(card.last_step)
        except StepscopeError:
            return {}
        if payload is None:
            return {}
        values = {}
        try:
            seconds = float(payload.meta.get("seconds") or 0.0)
            if seconds > 0 and card.step_count:
                values[COST] = seconds * card.step_count
            if card.kind == "text" and payload.arrays["confidence"].size:
                values[CONFIDENCE] = float(np.mean(payload.arrays["confidence"], dtype=np.float64))
        except Malformed:
            return {}
        self._ended[card.last_step] = values
        return values

    def _scores(self, store: Store, shelf: Shelf, cards: Sequence[Card]) -> dict[str, float]:
        clip = _clip_of(store, shelf)
        if not clip.pictures:
            return {}
        standing, scores = store.standing("embedding:"), {}
        for card in cards:
            if card.kind != "image" or not card.spec.get("prompt"):
                continue
            held = self._scored.get(card.run)
            if held is None or held[0] != standing:
                held = self._scored[card.run] = (standing, _score(store, card, clip))
            if held[1] is not None:
                scores[card.run] = held[1]
        return scores


def _clip_of(store: Store, shelf: Shelf) -> _Clip:
    def make(cards: list[Card]) -> _Clip:
        asked = [card for card in cards if card.kind == "embed"]
        return _Clip(
            tuple(dict.fromkeys(card.manifest.fingerprint for card in asked)),
            frozenset(digest for card in asked for digest in card.spec.get("pictures", ())),
        )

    return shelf.derived(store, "asked of CLIP", make)


def _score(store: Store, card: Card, clip: _Clip) -> float | None:
    """What the newest CLIP that saw both a run's prompt and its picture says of them."""
    try:
        picture = load_finished(store, card.manifest)
        if picture is None or picture.digest not in clip.pictures:
            return None
        for fingerprint in clip.fingerprints:
            keys = [
                embedding_key(fingerprint, {"text": card.spec["prompt"]}),
                embedding_key(fingerprint, {"picture": picture.digest}),
            ]
            found = [store.find(key) for key in keys]
            if found[0] is not None and found[1] is not None:
                vectors = [found[0].arrays["pooled"][None], found[1].arrays["pooled"][None]]
                return float(clip_scores(*vectors)[0])
    except (StepscopeError, *Malformed):
        return None
    return None
