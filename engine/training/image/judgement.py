"""Does CLIP tell a poster's right caption from one with a single attribute changed?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from transformers import CLIPModel, CLIPTokenizer

from engine.training.image.evaluation import (
    HELD_OUT_SEED,
    Pictures,
    image_features,
    text_features,
    vision_side,
)
from engine.training.image.wording import FLYING, worded
from engine.training.poster.scene import COLOURS, COUNTED, HEROES, SIDES, Scene, Thing
from engine.training.poster.words import NAMES
from engine.training.worlds import world_of

EACH = 50  # renderings of every attribute
Rng = np.random.Generator
Change = Callable[[Scene, Thing, Rng], Thing | None]


def judgement(
    model: CLIPModel, tokenizer: CLIPTokenizer, *, each: int = EACH, seed: int = 11
) -> dict[str, dict[str, float]]:
    """By attribute: the share of fresh renderings whose right caption scores higher than another.

    Both captions have one fixed wording and differ in that attribute only.
    """
    rng = np.random.default_rng(HELD_OUT_SEED + seed)
    shares = {}
    for attribute in CHANGES:
        pictures, right, wrong = compared(attribute, rng, each, vision_side(model))
        seen = image_features(model, pictures)
        scores = [
            torch.einsum("nd,nd->n", seen, text_features(model, tokenizer, texts))
            for texts in (right, wrong)
        ]
        shares[attribute] = {
            "renderings": each,
            "right": float((scores[0] > scores[1]).float().mean()),
        }
    return shares


def compared(
    attribute: str, rng: Rng, count: int, size: int
) -> tuple[Pictures, list[str], list[str]]:
    """Renderings, their right captions, and the same with that attribute changed."""
    world = world_of("poster")
    pictures: list[Pictures] = []
    right: list[str] = []
    wrong: list[str] = []
    while len(pictures) < count:
        scene = world.draw_scene(rng)
        named = [thing for thing in scene.things if thing.kind in NAMES]
        changed = [
            (thing, other)
            for thing in named
            if (other := CHANGES[attribute](scene, thing, rng)) is not None
        ]
        if not changed:
            continue
        thing, other = changed[int(rng.integers(len(changed)))]
        options: dict[str, Any] = {
            "style": scene.style, "coloured": attribute != "object", "sided": attribute == "side"
        }  # fmt: skip
        right.append(worded(scene.place, scene.time, thing, **options))
        wrong.append(worded(scene.place, scene.time, other, **options))
        pictures.append(world.render(scene, rng, size))
    return np.stack(pictures), right, wrong


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


def _one(rng: Rng, choices: list[Any]) -> Any:
    return choices[int(rng.integers(len(choices)))]


CHANGES: dict[str, Change] = {
    "colour": _other_colour, "object": _other_kind, "side": _other_side, "count": _other_count,
}  # fmt: skip
