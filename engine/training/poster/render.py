"""A scene and a seed to a poster: sky, lands from far to near, things, what flies, the style."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.training.poster.canvas import Canvas
from engine.training.poster.craft import paint_balloon, paint_bird
from engine.training.poster.looks import LOOKS, Look
from engine.training.poster.palettes import draw_palette
from engine.training.poster.places import PAINTERS
from engine.training.poster.placing import places_x
from engine.training.poster.scene import Scene
from engine.training.poster.sky import paint_sky
from engine.training.poster.stage import Stage

HORIZONS = {"sea": (0.5, 0.66), "meadow": (0.46, 0.58), "city": (0.58, 0.68)}


def render(scene: Scene, rng: np.random.Generator, size: int = 96) -> NDArray[np.uint8]:
    """A picture of the scene, uint8 [size, size, 3]; same generator state, same picture."""
    canvas = Canvas(size)
    palette = draw_palette(rng, scene.time, scene.season)
    look = LOOKS[scene.style](canvas, palette)
    horizon = float(rng.uniform(*HORIZONS.get(scene.place, (0.48, 0.58))))
    sun_x = paint_sky(look, rng, scene, horizon)
    PAINTERS[scene.place](Stage(look, rng, scene, horizon, sun_x))
    _fly(look, rng, scene, horizon)
    look.finish()
    picture: NDArray[np.uint8] = np.rint(np.clip(canvas.image, 0, 1) * 255).astype(np.uint8)
    return picture


def _fly(look: Look, rng: np.random.Generator, scene: Scene, horizon: float) -> None:
    balloon, bird = scene.of("balloon"), scene.of("bird")
    if balloon:
        for x in places_x(rng, balloon):
            size = float(rng.uniform(0.2, 0.25)) * (0.8 if balloon.count > 1 else 1.0)
            y = float(rng.uniform(0.16, max(0.2, horizon - 0.24)))
            paint_balloon(look, x, y, size, balloon.colour or "red")
    if bird:
        for x in places_x(rng, bird):
            y = float(rng.uniform(0.14, max(0.2, horizon - 0.16)))
            size, tilt = float(rng.uniform(0.17, 0.22)), float(rng.uniform(-0.12, 0.12))
            paint_bird(look, x, y, size, bird.colour or "black", tilt)
