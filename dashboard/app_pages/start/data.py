"""What the first page plays: a sentence and a picture that are in the store."""

from __future__ import annotations

from cache.store import Store
from dashboard.data.cards import Card
from dashboard.data.shelf import Shelf
from engine.chain.records import Manifest
from engine.image.keys import decode_key

LOOKED_AT = 60  # newest runs of a kind


def a_text(store: Store, shelf: Shelf) -> Manifest | None:
    """The newest complete text run that came out of several masks in the usual way.

    Another way is shown where no run has the usual one; None where there is no run.
    """
    whole = _complete(store, shelf.runs(store, "text"))
    usual = (m for m in whole if m.step_count > 2 and _is_usual(m))
    return next(usual, whole[0] if whole else None)


def _is_usual(manifest: Manifest) -> bool:
    spec = manifest.spec
    kernel, rule = spec.get("kernel", "absorbing"), spec.get("rule", "quota")
    return kernel == "absorbing" and rule == "quota" and not spec.get("changes")


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
