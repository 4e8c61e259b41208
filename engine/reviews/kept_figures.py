"""Figures as they stood on a page when an item was made of it: pictures, kept with the board.

No torch. A figure of a page is drawn by the dashboard; what is kept is its PNG, so that a report
holds it, and an imported board shows it, without the dashboard that drew it.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence

from cache.errors import InvalidInput
from cache.store import Store
from engine.reviews.entries import entries, put
from engine.reviews.records import Figure, Person

MOST_KEPT = 4  # of an item


def keep_figures(
    store: Store, board: str, item: str, pictures: Sequence[tuple[str, bytes]], *, by: Person
) -> list[str]:
    """Keep PNGs, each with its name, with an item of a board; their ids.

    All are checked before the first is written. Raises InvalidInput.
    """
    if len(pictures) > MOST_KEPT:
        raise InvalidInput(f"figures must be 0 to {MOST_KEPT} of an item, got {len(pictures)}")
    kept = [
        Figure(
            board=board, at=time.time(), by=by, item=item, name=name,
            png=base64.b64encode(png).decode(),
        )
        for name, png in pictures
    ]  # fmt: skip
    return [put(store, each) for each in kept]


def figures_of(store: Store, board: str) -> dict[str, list[Figure]]:
    """The figures that were kept with a board, by item, in the order they were kept."""
    kept: dict[str, list[Figure]] = {}
    for _, figure in entries(store, Figure, board):
        if figure.board == board:
            kept.setdefault(figure.item, []).append(figure)
    return kept
