"""The worlds that image models are trained on: how each draws, paints and names its scenes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cache.errors import InvalidInput
from engine.training.landscape import captions as landscape_captions
from engine.training.landscape import render as landscape_render
from engine.training.landscape import scene as landscape_scene
from engine.training.poster import captions, render, scene

Scene = Any  # every world has its own frozen dataclass


@dataclass(frozen=True, slots=True)
class World:
    """A procedural world: what its pictures show is known, so captions and probes have labels."""

    name: str
    edition: int  # rendered pictures are kept on disk under it: raise it when a picture changes
    draw_scene: Callable[[np.random.Generator], Scene]
    render: Callable[[Scene, np.random.Generator, int], NDArray[np.uint8]]
    caption: Callable[..., str]  # of a scene and a generator; ``sides=SHARE`` where it is sided
    scene_of: Callable[[Mapping[str, Any]], Scene]  # from what asdict made of it
    known_words: Callable[[], tuple[str, ...]]
    sided: bool  # captions tell left from right: a picture must not be flipped

    def telling(self, sides: float | None) -> Callable[..., str]:
        """Its captions, with the side of a single thing told so often; None: as often as usual."""
        return self.caption if sides is None else partial(self.caption, sides=sides)

    def render_many(
        self, rng: np.random.Generator, count: int, size: int
    ) -> tuple[NDArray[np.uint8], list[Scene]]:
        """Random scenes and their pictures, uint8 [count, size, size, 3]."""
        pictures = np.empty((count, size, size, 3), dtype=np.uint8)
        scenes = []
        for k in range(count):
            scenes.append(self.draw_scene(rng))
            pictures[k] = self.render(scenes[-1], rng, size)
        return pictures, scenes


WORLDS: dict[str, World] = {
    "landscape": World(
        name="landscape",
        edition=1,
        draw_scene=landscape_scene.draw_scene,
        render=landscape_render.render,
        caption=landscape_captions.caption,
        scene_of=lambda facts: landscape_scene.Scene(**facts),
        known_words=landscape_captions.known_words,
        sided=False,
    ),
    "poster": World(
        name="poster",
        edition=1,
        draw_scene=scene.draw_scene,
        render=render.render,
        caption=captions.caption,
        scene_of=scene.scene_of,
        known_words=captions.known_words,
        sided=True,
    ),
}


def world_of(name: str) -> World:
    """The world of that name; raises InvalidInput for another."""
    if name not in WORLDS:
        raise InvalidInput(f"unknown world {name!r}; choose from {', '.join(WORLDS)}")
    return WORLDS[name]
