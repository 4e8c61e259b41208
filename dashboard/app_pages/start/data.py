"""What the first page plays: a sentence and a picture that are in the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from cache.store import Store
from dashboard.data.cards import Card
from dashboard.data.shelf import Shelf
from engine.chain.records import Manifest
from engine.image.keys import decode_key

LOOKED_AT = 60  # newest runs of a kind


def a_text(store: Store, shelf: Shelf) -> Manifest | None:
    """The newest complete text run that came out of several masks in the usual way.

    A plain one is taken where there is one: of all its steps, and steered by nothing. Another way
    is shown where no run has the usual one; None where there is no run.
    """
    for chosen in (_is_plain, _is_usual, _is_any):
        cards = shelf.derived(store, f"start {chosen.__name__}", partial(_newest, chosen))
        if whole := _complete(store, cards):
            return whole[0]
    return None


def _newest(chosen: Callable[[Card], bool], cards: Sequence[Card]) -> list[Card]:
    return [card for card in cards if card.kind == "text" and chosen(card)][:LOOKED_AT]


def _is_any(card: Card) -> bool:
    return True


def _is_usual(card: Card) -> bool:
    spec = card.spec
    kernel, rule = spec.get("kernel", "absorbing"), spec.get("rule", "quota")
    whole = kernel == "absorbing" and rule == "quota" and not spec.get("changes")
    return whole and card.step_count > 2


def _is_plain(card: Card) -> bool:
    """With few masks a run takes fewer steps than it was asked for."""
    return (
        _is_usual(card) and card.step_count == card.spec.get("steps")
        and not card.spec.get("controls")
    )  # fmt: skip


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
