"""The garden: trees behind, a pond that mirrors them, lily pads, flowers, a bridge."""

from __future__ import annotations

import numpy as np

from engine.training.landscape.canvas import Canvas, colour, mix, noise, smoothstep
from engine.training.landscape.land import GREENS, LEAVES, paint_trees, pick
from engine.training.landscape.palettes import Light
from engine.training.landscape.scene import Scene
from engine.training.landscape.sky import Sky
from engine.training.landscape.water import paint_water

FLOWERS = (colour(1.0, 0.45, 0.62), colour(1.0, 0.80, 0.30), colour(0.98, 0.95, 0.95),
           colour(0.72, 0.45, 0.92), colour(0.95, 0.32, 0.30))  # fmt: skip
LOTUS = (colour(1.0, 0.62, 0.76), colour(1.0, 0.92, 0.94))


def paint_garden(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, sky: Sky
) -> None:
    """A garden pond below a row or two of round trees."""
    horizon = float(rng.uniform(0.36, 0.46))
    paint_trees(canvas, rng, light, scene, base=horizon, height=0.26, haze=0.35, count=8)
    paint_trees(canvas, rng, light, scene, base=horizon + 0.05, height=0.2, haze=0.1, count=6)
    lawn = pick(rng, GREENS) * np.float32(1.3)
    lawn = mix(lawn, LEAVES[0], 0.3) if scene.autumn else lawn
    soft = noise(rng, canvas.size, 4, 8, 2)
    sun_side = 0.5 * canvas.halo(sky.light_x, horizon, 0.5)
    lit = np.clip(0.62 + 0.9 * (soft - 0.5) + 0.2 * canvas.y + sun_side, 0.0, 1.25)[..., None]
    warm = mix(light.ground, colour(0.95, 0.95, 0.85), 0.25)
    canvas.paint(canvas.below(horizon + 0.04), lawn * (light.shade + (warm - light.shade) * lit))
    _flowers(canvas, rng, light, horizon)
    x, y = float(rng.uniform(0.38, 0.62)), float(rng.uniform(0.72, 0.80))
    wide, high = float(rng.uniform(0.38, 0.56)), float(rng.uniform(0.15, 0.21))
    rim = canvas.disc(x, y, wide + 0.025, flatten=(high + 0.025) / (wide + 0.025))
    canvas.paint(
        0.9 * rim, mix(colour(0.78, 0.72, 0.62), lawn, 0.25) * mix(light.shade, light.ground, 0.6)
    )
    pond = canvas.disc(x, y, wide, flatten=high / wide)
    paint_water(canvas, rng, light, sky, shore=y - high, clear=0.75, waves=0.14, mask=pond)
    _lilies(canvas, rng, light, x=x, y=y, wide=wide, high=high)
    if scene.bridge:
        _bridge(canvas, rng, light, x=x, y=y - 0.3 * high, wide=wide)


def _flowers(canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float) -> None:
    count = int(rng.integers(10, 20))
    first, second = rng.integers(len(FLOWERS), size=2)
    for _ in range(count):
        y = float(rng.uniform(horizon + 0.08, 0.97))
        radius = 0.016 + 0.030 * (y - horizon)
        tone = FLOWERS[first if rng.random() < 0.6 else second]
        spot = canvas.halo(float(rng.random()), y, radius * 1.3)
        canvas.paint(0.95 * spot, tone * (0.3 + 0.7 * light.ground))


def _lilies(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    *,
    x: float,
    y: float,
    wide: float,
    high: float,
) -> None:
    green = pick(rng, GREENS) * (0.4 + 0.85 * light.ground)
    lotus = LOTUS[rng.integers(2)] * (0.35 + 0.65 * light.ground)
    for _ in range(int(rng.integers(3, 8))):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8)
        at_x = x + wide * reach * float(np.cos(angle))
        at_y = y + high * reach * float(np.sin(angle))
        radius = float(rng.uniform(0.035, 0.06))
        canvas.paint(canvas.disc(at_x, at_y, radius, flatten=0.5), green)
        if rng.random() < 0.55:
            canvas.paint(canvas.halo(at_x, at_y - 0.012, 0.028), lotus)


def _bridge(
    canvas: Canvas, rng: np.random.Generator, light: Light, *, x: float, y: float, wide: float
) -> None:
    paint = mix(colour(0.78, 0.20, 0.16), colour(0.55, 0.34, 0.20), float(rng.random() < 0.35))
    span = wide * 1.08
    arch = y - 0.17 * (1.0 - ((canvas.x - x) / span) ** 2)
    inside = 1.0 - smoothstep(span - 0.02, span + 0.02, np.abs(canvas.x - x))
    deck = np.exp(-(((canvas.y - arch) / 0.028) ** 4)) * inside
    rail = np.exp(-(((canvas.y - arch + 0.085) / 0.016) ** 2)) * inside
    posts = smoothstep(0.7, 0.95, np.abs(np.sin(np.pi * (canvas.x - x) * 7.0)))
    posts = posts * inside * canvas.below(arch - 0.085) * (1.0 - canvas.below(arch))
    tone = paint * (0.3 + 0.7 * light.ground)
    canvas.paint(np.maximum(0.75 * posts, 0.9 * rail).astype(np.float32), tone)
    canvas.paint(deck.astype(np.float32), tone * np.float32(0.8))
