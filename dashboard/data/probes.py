"""Runs that measurements ask for by the dozen: they are found when asked for, not in the way.

Nothing in the store says why a run was made, so they are told by what they have in common. A run
that somebody asked for alone has too few like it to be taken for one of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.data.cards import Card
from engine.text.spec import MASK

FEWEST = 4  # hidden texts of one measurement, continuations of one run
LARGE = 64  # runs of a grid above which only one of each of its cells is listed
CELLS = 3  # settings that make a grid; seeds of one spec are none
CROSSED = {  # the settings that a grid of a kind crosses with seeds
    "text": ("temperature", "top_k", "top_p"),
    "image": ("guidance",),
}


@dataclass(frozen=True, slots=True)
class Folded:
    """Runs that are folded away, by why."""

    hidden_words: frozenset[str] = frozenset()  # texts that Calibration fills in again
    continuations: frozenset[str] = frozenset()  # of points of no return
    cells: frozenset[str] = frozenset()  # of large grids, but for one a cell
    embedded: frozenset[str] = frozenset()  # embeddings of pictures that a page measures

    @property
    def runs(self) -> frozenset[str]:
        """All of them."""
        return self.hidden_words | self.continuations | self.cells | self.embedded


def greedy_template(spec: Mapping[str, Any]) -> bool:
    """Whether a run is like those that only fill in hidden words, as Calibration asks for."""
    drawn = spec.get("top_k") is not None or spec.get("top_p") is not None
    return spec.get("kind") == "text" and bool(spec.get("template")) and not drawn


def folded(cards: Sequence[Card]) -> Folded:
    """Which of all runs are folded away."""
    return Folded(
        hidden_words=_many(cards, _hidden_words),
        continuations=_many(cards, _continuation),
        cells=_cells(cards),
        embedded=frozenset(card.run for card in cards if card.spec.get("pictures")),
    )


def _many(cards: Sequence[Card], alike: Callable[[Card], str | None]) -> frozenset[str]:
    """The runs that have enough like them."""
    names = {card.run: name for card in cards if (name := alike(card)) is not None}
    counts = Counter(names.values())
    return frozenset(run for run, name in names.items() if counts[name] >= FEWEST)


def _hidden_words(card: Card) -> str | None:
    spec = card.spec
    if not greedy_template(spec) or spec.get("changes"):
        return None
    shown = str(spec["template"]).replace(MASK, "")
    # Calibration asks for words in small letters alone
    return named(card, ("template",)) if shown == shown.lower() else None


def _continuation(card: Card) -> str | None:
    changes = card.spec.get("changes")
    if not changes or "seed" not in changes[-1] or changes[-1].get("write"):
        return None
    last = {name: value for name, value in changes[-1].items() if name != "seed"}
    return f"{named(card, ('changes',))} {list(changes[:-1])!r} {last!r}"


def _cells(cards: Sequence[Card]) -> frozenset[str]:
    grids: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        crossed = CROSSED.get(card.kind)
        if crossed is not None and not card.spec.get("changes"):
            grids[named(card, ("seed", *crossed))].append(card)
    away: set[str] = set()
    for grid in grids.values():
        if len(grid) > LARGE:
            away |= _beside_the_first(grid, CROSSED[grid[0].kind])
    return frozenset(away)


def _beside_the_first(grid: Sequence[Card], crossed: Sequence[str]) -> set[str]:
    """A grid's runs but for the first seed of each of its cells; none where it has few cells."""
    by_cell: dict[str, list[Card]] = defaultdict(list)
    for card in grid:
        by_cell[repr([card.spec.get(name) for name in crossed])].append(card)
    if len(by_cell) < CELLS:
        return set()
    first = {min(cell, key=lambda c: int(c.spec.get("seed", 0))).run for cell in by_cell.values()}
    return {card.run for card in grid} - first


def named(card: Card, but: Sequence[str]) -> str:
    """What a run's model and spec are but for some settings, as a name."""
    shared = [(name, value) for name, value in card.spec.items() if name not in but]
    return f"{card.manifest.fingerprint} {shared!r}"
