"""The landscape world: a scene and a seed to a picture, painted with numpy alone.

The picture is painted back to front: sky, far land, water that mirrors both, near land, weather,
style. Nothing in it is finer than about one and a half pixels at 64 x 64, so that a small
autoencoder can hold it; everything is in picture units, so it renders at any size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.training.landscape.canvas import Canvas, Colour, colour, mix
from engine.training.landscape.city import paint_quay, paint_skylines
from engine.training.landscape.garden import paint_garden
from engine.training.landscape.land import (
    GREENS,
    LEAVES,
    SNOW,
    fog_bank,
    paint_dunes,
    paint_hills,
    paint_range,
    paint_trees,
    pick,
    snowflakes,
)
from engine.training.landscape.palettes import Light, draw_light
from engine.training.landscape.scene import Scene, draw_scene
from engine.training.landscape.sky import Sky, paint_sky
from engine.training.landscape.styles import apply_style
from engine.training.landscape.water import paint_beach, paint_boat, paint_headland, paint_water


def render(scene: Scene, rng: np.random.Generator, size: int = 64) -> NDArray[np.uint8]:
    """A picture of the scene, uint8 [size, size, 3]; same generator state, same picture."""
    canvas = Canvas(size)
    light = draw_light(rng, scene.time)
    horizon = float(rng.uniform(0.44, 0.62))
    sky = paint_sky(canvas, rng, scene, light, horizon)
    PAINTERS[scene.place](canvas, rng, scene, light, sky, horizon)
    if scene.fog:
        fog_bank(canvas, rng, light, horizon)
    if scene.snow and rng.random() < 0.6:
        snowflakes(canvas, rng)
    apply_style(canvas, rng, scene.style)
    picture: NDArray[np.uint8] = np.rint(canvas.image * 255.0).astype(np.uint8)
    return picture


def render_many(
    rng: np.random.Generator, count: int, size: int = 64
) -> tuple[NDArray[np.uint8], Sequence[Scene]]:
    """Random scenes and their pictures, uint8 [count, size, size, 3]."""
    pictures = np.empty((count, size, size, 3), dtype=np.uint8)
    scenes = []
    for k in range(count):
        scenes.append(draw_scene(rng))
        pictures[k] = render(scenes[-1], rng, size)
    return pictures, scenes


def _meadow(rng: np.random.Generator, scene: Scene) -> Colour:
    if scene.snow:
        return SNOW
    green = pick(rng, GREENS)
    return mix(green, LEAVES[0], 0.45) if scene.autumn else green


def _ocean(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky, horizon: float
) -> None:
    if rng.random() < 0.4:
        paint_headland(canvas, rng, light, horizon)
    waves = float(rng.uniform(0.2, 0.5))
    paint_water(canvas, rng, light, sky, shore=horizon, clear=0.55, waves=waves)
    if scene.boat:
        paint_boat(canvas, rng, light, horizon)
    if scene.beach:
        paint_beach(canvas, rng, light)


def _mountains(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky, horizon: float
) -> None:
    base = horizon + 0.16
    snow = 0.85 if scene.snow else float(rng.uniform(0.1, 0.5))
    tall = float(rng.uniform(0.34, 0.46))
    paint_range(canvas, rng, light, sky, base=base - 0.04, height=tall * 0.8, peaks=5, haze=0.55,
                snow=snow)  # fmt: skip
    paint_range(canvas, rng, light, sky, base=base, height=tall, peaks=int(rng.integers(2, 5)),
                haze=0.14, snow=snow)  # fmt: skip
    if rng.random() < 0.3:
        paint_trees(canvas, rng, light, scene, base=base + 0.02, height=0.07, haze=0.1, count=16)
        paint_water(canvas, rng, light, sky, shore=base + 0.03, clear=0.8, waves=0.12)
        return
    ground = _meadow(rng, scene)
    paint_hills(canvas, rng, light, base=base, ground=ground, haze=0.22)
    if rng.random() < 0.6:
        paint_trees(canvas, rng, light, scene, base=base + 0.12, height=0.12, haze=0.05, count=13)
    paint_hills(canvas, rng, light, base=base + 0.14, ground=ground * np.float32(0.85), haze=0.04)


def _desert(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky, horizon: float
) -> None:
    if rng.random() < 0.4:
        rock = colour(0.62, 0.40, 0.32)
        paint_hills(canvas, rng, light, base=horizon - 0.02, ground=rock, haze=0.5, swing=0.06)
    paint_dunes(canvas, rng, light, sky, horizon=horizon)


def _forest(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky, horizon: float
) -> None:
    if rng.random() < 0.35:
        paint_range(canvas, rng, light, sky, base=horizon + 0.05, height=0.3, peaks=3, haze=0.5,
                    snow=0.4)  # fmt: skip
    veil = 0.75 if scene.fog else 0.5
    rows = ((0.02, 0.16, 1.0, 15), (0.10, 0.24, 0.6, 11), (0.20, 0.34, 0.25, 8))
    for drop, height, haze, count in rows:
        paint_trees(canvas, rng, light, scene, base=horizon + drop, height=height,
                    haze=haze * veil, count=count)  # fmt: skip
    ground = _meadow(rng, scene) * np.float32(0.9)
    paint_hills(canvas, rng, light, base=horizon + 0.22, ground=ground, haze=0.02)
    if rng.random() < 0.6:
        paint_trees(canvas, rng, light, scene, base=0.98, height=float(rng.uniform(0.3, 0.5)),
                    haze=0.0, count=int(rng.integers(3, 5)))  # fmt: skip


def _city(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky, horizon: float
) -> None:
    ground = float(rng.uniform(0.66, 0.76))
    paint_skylines(canvas, rng, scene, light, ground=ground)
    paint_quay(canvas, rng, scene, light, ground=ground)
    paint_water(canvas, rng, light, sky, shore=ground + 0.02, clear=0.75, waves=0.25)


def _lake(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky, horizon: float
) -> None:
    shore = horizon + 0.04
    if rng.random() < 0.65:
        paint_range(canvas, rng, light, sky, base=shore, height=float(rng.uniform(0.2, 0.34)),
                    peaks=4, haze=0.4, snow=0.8 if scene.snow else 0.3)  # fmt: skip
    paint_hills(canvas, rng, light, base=shore - 0.04, ground=_meadow(rng, scene), haze=0.4)
    paint_trees(canvas, rng, light, scene, base=shore, height=float(rng.uniform(0.07, 0.14)),
                haze=0.15, count=15)  # fmt: skip
    paint_water(canvas, rng, light, sky, shore=shore, clear=0.95, waves=0.13)
    if scene.boat:
        paint_boat(canvas, rng, light, shore)


def _garden(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky, _: float
) -> None:
    paint_garden(canvas, rng, scene, light, sky)


PAINTERS = {
    "ocean": _ocean,
    "mountains": _mountains,
    "desert": _desert,
    "forest": _forest,
    "city": _city,
    "lake": _lake,
    "garden": _garden,
}
