"""A small board over the demo's runs, so that nobody meets an empty review. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cache.store import Store
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.reviews.boards import add_items, make_board
from engine.reviews.records import Person, Question

TITLE = "A first review"
ABOUT = "An example: judge by keys, say why, decide, take the report home. Archive it when done."


def demo_board(store: Store, runs: Sequence[str]) -> str | None:
    """A board of the demo's pictures and texts; its id, None where there is nothing to judge."""
    found = [manifests.load(store, run) for run in dict.fromkeys(runs)]
    drawn = [m for m in found if m.kind == "image" and m.spec.get("seed") == 0]
    images = [m for m in drawn if not m.spec.get("exact")]  # the others compare samplers
    texts = [m for m in found if m.kind == "text" and m.spec.get("template")]
    items = [*_pictures(images), *_texts(texts)]
    if not items:
        return None
    by = Person(name="the demo", how="said")
    board = make_board(store, TITLE, by=by, about=ABOUT)
    add_items(store, board, items, by=by)
    return board


def _pictures(images: Sequence[Manifest]) -> list[dict[str, Any]]:
    if len(images) < 2:
        return []
    runs = tuple(m.run for m in images)
    return [
        {
            "title": "One seed, three guidance scales",
            "caption": "Sides are swapped at random; what is what is told after the vote.",
            "question": Question(kind="pair", text="Which is better?", blind=True),
            "runs": runs,
        },
        {
            "title": "How it came about",
            "question": Question(kind="stars", text="How good is the picture?"),
            "runs": runs[-1:],
        },
    ]


def _texts(texts: Sequence[Manifest]) -> list[dict[str, Any]]:
    return [
        {
            "title": "A template, filled",
            "question": Question(kind="yes_no", text="Would somebody say that?"),
            "runs": (manifest.run,),
        }
        for manifest in texts[:1]
    ]
