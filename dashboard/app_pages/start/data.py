"""What the first page plays: a sentence and a picture that are in the store."""

from __future__ import annotations

from cache.store import Store
from dashboard.data.cards import Card
from dashboard.data.shelf import Shelf
from engine.chain.records import Manifest
from engine.image.keys import decode_key

LOOKED_AT = 60  # newest runs of a kind


def a_text(store: Store, shelf: Shelf) -> Manifest | None:
    """The newest complete text run that began with several masks; None where there is none."""
    whole = _complete(store, shelf.runs(store, "text"))
    return next((m for m in whole if m.step_count > 2), whole[0] if whole else None)


def a_picture(store: Store, shelf: Shelf) -> Manifest | None:
    """The newest complete image run whose steps are decoded, else the newest; None without one."""
    whole = _complete(store, shelf.runs(store, "image"))
    middle = [decode_key(m.step_keys[m.step_count // 2], "predicted_x0") for m in whole]
    decoded = store.present(middle)
    both = zip(whole, decoded, strict=True)
    return next((m for m, there in both if there), whole[0] if whole else None)


def _complete(store: Store, cards: list[Card]) -> list[Manifest]:
    newest = cards[:LOOKED_AT]
    there = store.present([card.last_step for card in newest])
    return [card.manifest for card, whole in zip(newest, there, strict=True) if whole]
