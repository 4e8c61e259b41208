"""A poster's description with one attribute changed: what its picture does not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from engine.training.image.wording import FLYING
from engine.training.poster.captions import caption
from engine.training.poster.scene import COLOURS, COUNTED, HEROES, SIDES, Scene, Thing
from engine.training.poster.words import NAMES

Rng = np.random.Generator
Change = Callable[[Scene, Thing, Rng], Thing | None]
FLYING_MORE = 6  # chances more of what flies, where something that stands could change, too
TRIES = 6  # wordings, until one tells the change


def changes(scene: Scene, attribute: str, rng: Rng) -> list[tuple[Thing, Thing]]:
    """Things that captions name, each with what it is when that attribute is changed."""
    return [
        (thing, other)
        for thing in scene.things
        if thing.kind in NAMES and (other := CHANGES[attribute](scene, thing, rng)) is not None
    ]


def contrasted(scene: Scene, rng: Rng) -> tuple[str, str] | None:
    """A caption and the same wording of the scene with one attribute changed.

    None where nothing of the scene can be changed, or where no wording tells it.
    """
    for attribute in dict.fromkeys(rng.permutation(ATTRIBUTES).tolist()):
        pair = _told(scene, attribute, rng)
        if pair is not None:
            return pair
    return None


def _told(scene: Scene, attribute: str, rng: Rng) -> tuple[str, str] | None:
    possible = changes(scene, attribute, rng)
    if not possible:
        return None
    flying = [pair for pair in possible if pair[0].kind in FLYING]  # rare, small, hard to tell
    thing, other = _one(rng, possible + FLYING_MORE * flying)
    changed = replace(scene, things=tuple(other if t is thing else t for t in scene.things))
    for seed in rng.integers(2**62, size=TRIES):
        right, wrong = (caption(each, np.random.default_rng(seed)) for each in (scene, changed))
        if right != wrong:
            return right, wrong
    return None


def _other_colour(_: Scene, thing: Thing, rng: Rng) -> Thing | None:
    if thing.colour is None:
        return None
    return replace(thing, colour=_one(rng, [c for c in COLOURS[thing.kind] if c != thing.colour]))


def _other_kind(scene: Scene, thing: Thing, rng: Rng) -> Thing | None:
    """Something else that could be there: a hero of the same place, or what flies."""
    there = FLYING if thing.kind in FLYING else [kind for kind in HEROES[scene.place] if kind]
    kinds = [k for k in there if scene.of(k) is None and (thing.count == 1 or k in COUNTED)]  # type: ignore[arg-type]
    return replace(thing, kind=_one(rng, kinds), colour=None) if kinds else None


def _other_side(_: Scene, thing: Thing, rng: Rng) -> Thing | None:
    if thing.count > 1 or thing.kind == "bridge":
        return None
    return replace(thing, side=_one(rng, [side for side in SIDES if side != thing.side]))


def _other_count(_: Scene, thing: Thing, rng: Rng) -> Thing | None:
    if thing.kind not in COUNTED:
        return None
    return replace(thing, count=_one(rng, [n for n in (1, 2, 3) if n != thing.count]))


def _one(rng: Rng, choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]


CHANGES: dict[str, Change] = {
    "colour": _other_colour, "object": _other_kind, "side": _other_side, "count": _other_count,
}  # fmt: skip
ATTRIBUTES = ("colour", "object", *3 * ("side",), *3 * ("count",))  # what is harder, more often
