"""The Library's runs in order: sorted by a setting or a measure, and called by what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.data.cards import Card
from dashboard.data.conditions import FIELDS, MISSING, setting_of

PAGE = 24  # cards on a page
MADE = "made"
NEWEST = {MADE: "date", "steps": "steps", "kind": "kind", "model": "model"}
LONG = frozenset(("template", "text", "prompt", "negative_prompt", "init_image", "note", "run"))
Values = Mapping[str, float]  # a measure of some runs, by run


def sortable(cards: Iterable[Card]) -> list[str]:
    """The settings in which some runs differ, in the order of their names."""
    seen: dict[str, set[Any]] = {}
    for card in cards:
        for name in ("kind", "model", *card.spec):
            if name in FIELDS and name not in LONG and len(seen.get(name, ())) < 2:
                value = setting_of(card, name)
                seen.setdefault(name, set()).add(repr(value))
    return sorted(name for name, values in seen.items() if len(values) > 1)


def in_order(
    cards: Sequence[Card], by: str, *, up: bool, measured: Values | None = None
) -> list[Card]:
    """The runs by a setting, a measure or their date; those that have none come last either way.

    Equal ones stay newest first.
    """
    if by == MADE:
        return list(cards)[::-1] if up else list(cards)
    known = [(_rank(card, by, measured), card) for card in cards]
    there = [(rank, card) for rank, card in known if rank is not None]
    there.sort(key=lambda pair: pair[0], reverse=not up)
    return [*(card for _, card in there), *(card for rank, card in known if rank is None)]


def _rank(card: Card, by: str, measured: Values | None) -> tuple[int, float, str] | None:
    if measured is not None:
        value: Any = measured.get(card.run)
    else:
        value = setting_of(card, by)
    if isinstance(value, tuple | list):  # one for each step
        value = sum(value) / len(value) if value else None
    if value is None or value is MISSING:
        return None
    if isinstance(value, int | float):
        return 0, float(value), ""
    return 1, 0.0, str(value).lower()
