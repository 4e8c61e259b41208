"""Water: the sea with the path of light below the sun, lakes that mirror what is above them."""

from __future__ import annotations

import numpy as np

from engine.training.poster.canvas import Colour, Gradient, ellipse, mix, rgb
from engine.training.poster.looks import Look
from engine.training.poster.scene import Scene

BLUES = {"day": ("#3f9ed0", "#1f6ab0"), "sunrise": ("#c8a8b8", "#5f7fb0"),
         "sunset": ("#b8587a", "#3a2f6e"), "night": ("#2f5a98", "#12275a")}  # fmt: skip


def water_colours(look: Look, scene: Scene) -> tuple[Colour, Colour]:
    """The colours of water at its shore and near the viewer: half its own, half the sky's."""
    far, near = (rgb(code) for code in BLUES[scene.time])
    upper, middle, lower = look.palette.sky
    return mix(far, mix(lower, middle, 0.5), 0.45), mix(near, upper, 0.35)


def paint_sea(
    look: Look, rng: np.random.Generator, scene: Scene, *, horizon: float, sun_x: float
) -> None:
    """Open water up to the horizon."""
    far, near = water_colours(look, scene)
    _surface(look, far, near, horizon)
    for _ in range(int(rng.integers(3, 6))):
        y = horizon + (1 - horizon) * float(rng.uniform(0.12, 0.95))
        length = 0.06 + 0.22 * (y - horizon)
        x = float(rng.uniform(0.0, 1.0))
        look.canvas.polygon(
            ellipse(x, y, length, 0.008 + 0.012 * (y - horizon)),
            look.tone(mix(near, far, 0.55)),
            0.55,
        )
    if scene.disc:
        _path_of_light(look, rng, horizon, sun_x)


def paint_lake(
    look: Look, rng: np.random.Generator, scene: Scene, *, shore: float, sun_x: float
) -> None:
    """Still water that mirrors everything above its shore."""
    far, near = water_colours(look, scene)
    mirrored = look.canvas.mirror(shore)
    picture = look.canvas.image.copy()
    _surface(look, far, near, shore)
    below = look.canvas.y >= shore
    depth = np.clip((look.canvas.y - shore) / (1 - shore), 0, 1).astype(np.float32)
    kept = (0.62 - 0.3 * depth)[:, None, None]
    look.canvas.image += kept * (mirrored - look.canvas.image)
    look.canvas.image[~below] = picture[~below]
    for _ in range(int(rng.integers(2, 4))):
        y = shore + (1 - shore) * float(rng.uniform(0.2, 0.9))
        streak = ellipse(float(rng.uniform(0.1, 0.9)), y, float(rng.uniform(0.12, 0.26)), 0.012)
        look.canvas.polygon(streak, look.tone(mix(far, look.palette.sky[2], 0.5)), 0.4)


def _surface(look: Look, far: Colour, near: Colour, shore: float) -> None:
    fill = Gradient(look.tone(far), look.tone(near), shore, 1.0)
    look.canvas.polygon([(-0.02, shore), (1.02, shore), (1.02, 1.05), (-0.02, 1.05)], fill)


def _path_of_light(look: Look, rng: np.random.Generator, horizon: float, x: float) -> None:
    """Strokes that grow wider towards the viewer."""
    colour = mix(look.tone(look.palette.disc), look.palette.sky[2], 0.25)
    count = 6
    for k in range(count):
        t = (k + 0.4) / count
        y = horizon + (1 - horizon) * t * 0.95
        wide = (0.05 + 0.1 * t) * float(rng.uniform(0.75, 1.15))
        shift = float(rng.uniform(-0.02, 0.02))
        look.canvas.polygon(ellipse(x + shift, y, wide, 0.011 + 0.008 * t), colour, 0.85 - 0.35 * t)
