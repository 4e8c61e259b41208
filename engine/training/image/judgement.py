"""Does CLIP tell a poster's right caption from one with a single attribute changed?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import CLIPModel, CLIPTokenizer

from engine.training.image.changes import CHANGES, changes
from engine.training.image.evaluation import (
    HELD_OUT_SEED,
    Pictures,
    image_features,
    text_features,
    vision_side,
)
from engine.training.image.wording import FLYING, worded
from engine.training.worlds import world_of

EACH = 50  # renderings of every attribute, while training
OF_CARD = 300  # and for what is told of a model
Rng = np.random.Generator


def judgement(
    model: CLIPModel, tokenizer: CLIPTokenizer, *, each: int = EACH, seed: int = 11
) -> dict[str, dict[str, Any]]:
    """By attribute: the share of fresh renderings whose right caption scores higher than another.

    Both captions have one fixed wording and differ in that attribute only. ``flying`` and
    ``standing`` are the same where what differs is a balloon or a bird, and where it is not.
    """
    rng = np.random.default_rng(HELD_OUT_SEED + seed)
    shares = {}
    for attribute in CHANGES:
        pictures, right, wrong, kinds = compared(attribute, rng, each, vision_side(model))
        seen = image_features(model, pictures)
        scores = [
            torch.einsum("nd,nd->n", seen, text_features(model, tokenizer, texts))
            for texts in (right, wrong)
        ]
        told = (scores[0] > scores[1]).numpy()
        flying = np.isin(kinds, FLYING)
        shares[attribute] = {"renderings": each, "right": float(told.mean())} | {
            name: {"right": float(told[of].mean()), "renderings": int(of.sum())}
            for name, of in (("flying", flying), ("standing", ~flying))
            if of.any()
        }
    return shares


def compared(
    attribute: str, rng: Rng, count: int, size: int
) -> tuple[Pictures, list[str], list[str], list[str]]:
    """Renderings, their right captions, the same with that attribute changed, and of what kind."""
    world = world_of("poster")
    pictures: list[Pictures] = []
    right: list[str] = []
    wrong: list[str] = []
    kinds: list[str] = []
    while len(pictures) < count:
        scene = world.draw_scene(rng)
        changed = changes(scene, attribute, rng)
        if not changed:
            continue
        thing, other = changed[int(rng.integers(len(changed)))]
        options: dict[str, Any] = {
            "style": scene.style, "coloured": attribute != "object", "sided": attribute == "side"
        }  # fmt: skip
        right.append(worded(scene.place, scene.time, thing, **options))
        wrong.append(worded(scene.place, scene.time, other, **options))
        pictures.append(world.render(scene, rng, size))
        kinds.append(thing.kind)
    return np.stack(pictures), right, wrong, kinds
