"""The land: mountains, dunes, trees and snow, from far and hazy to near and dark."""

from __future__ import annotations

import numpy as np

from engine.training.landscape.canvas import (
    Array,
    Canvas,
    Colour,
    colour,
    mix,
    noise,
    smoothstep,
    waviness,
)
from engine.training.landscape.palettes import Light
from engine.training.landscape.scene import Scene
from engine.training.landscape.sky import Sky

SNOW = colour(0.95, 0.97, 1.0)
ROCKS = (colour(0.46, 0.46, 0.52), colour(0.52, 0.46, 0.42), colour(0.38, 0.44, 0.54))
GREENS = (colour(0.36, 0.56, 0.26), colour(0.46, 0.60, 0.28), colour(0.26, 0.50, 0.34))
LEAVES = (colour(0.92, 0.50, 0.14), colour(0.82, 0.28, 0.14), colour(0.95, 0.72, 0.22),
          colour(0.66, 0.38, 0.16))  # fmt: skip
SANDS = (colour(0.93, 0.74, 0.46), colour(0.90, 0.62, 0.36), colour(0.96, 0.82, 0.60))


def pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """A colour between two of the given ones."""
    first, second = rng.choice(len(colours), 2)
    return mix(colours[first], colours[second], float(rng.random()))


def paint_range(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    sky: Sky,
    *,
    base: float,
    height: float,
    peaks: int,
    haze: float,
    snow: float,
) -> None:
    """A mountain range on a base line; snow is the share of its height that is white."""
    at = (np.arange(peaks) + rng.uniform(0.1, 0.9, peaks)) / peaks
    tall = height * rng.uniform(0.55, 1.0, peaks)
    tall[rng.integers(peaks)] = height
    steep = rng.uniform(0.7, 1.25, peaks) * (0.6 + height)
    flanks = tall[:, None] - steep[:, None] * np.abs(canvas.x - at[:, None])  # [peak, x]
    owner = flanks.argmax(axis=0)
    rugged = 0.022 * waviness(rng, canvas.x, waves=4.0, octaves=3)
    crest = base - np.maximum(flanks.max(axis=0)[None, :], 0.04) - rugged
    rough = noise(rng, canvas.size, 5, 5, 3) - 0.5
    side = (at[owner][None, :] - canvas.x) * (1.0 if sky.light_x < 0.5 else -1.0)
    lit = smoothstep(-0.05, 0.05, side + 0.16 * rough)
    rock = pick(rng, ROCKS)
    altitude = (base - canvas.y) / height + 0.34 * rough
    white = smoothstep(1.0 - snow, 1.0 - snow + 0.16, altitude)[..., None]
    surface = rock + (SNOW - rock) * white
    body = surface * (light.shade + (light.ground - light.shade) * lit[..., None])
    near_foot = smoothstep(base - height * 0.8, base, canvas.y)
    veil = np.clip(haze + 0.4 * haze * near_foot, 0.0, 1.0)[..., None]
    canvas.paint(canvas.below(crest), body + (light.horizon - body) * veil)


def paint_hills(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    *,
    base: float,
    ground: Colour,
    haze: float,
    swing: float = 0.03,
) -> None:
    """One rolling hill or meadow that fills the picture from its crest down."""
    crest = base + swing * waviness(rng, canvas.x, waves=float(rng.uniform(0.6, 1.2)), octaves=2)
    soft = noise(rng, canvas.size, 3, 6, 2)
    lit = np.clip(0.95 - 1.3 * (canvas.y - crest) + 0.35 * (soft - 0.5), 0.0, 1.0)[..., None]
    body = ground * (light.shade + (light.ground - light.shade) * lit)
    canvas.paint(canvas.below(crest), body + (light.horizon - body) * np.float32(haze))


def paint_trees(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    scene: Scene,
    *,
    base: float,
    height: float,
    haze: float,
    count: int,
) -> None:
    """A row of trees and the ground under it: firs, or round crowns in autumn and gardens."""
    at = (np.arange(count) + rng.uniform(0.0, 1.0, count)) / count * 1.1 - 0.05
    tall = height * rng.uniform(0.55, 1.0, count)
    round_crowns = scene.autumn or scene.place == "garden"
    offset = np.abs(canvas.x - at[:, None])  # [tree, x]
    if round_crowns:
        wide = rng.uniform(0.32, 0.5, count) * height + 0.02
        shape = tall[:, None] * np.sqrt(np.maximum(1.0 - (offset / wide[:, None]) ** 2, 0.0))
    else:
        wide = rng.uniform(0.2, 0.3, count) * tall + 0.015
        shape = tall[:, None] * np.maximum(1.0 - offset / wide[:, None], 0.0) ** 0.85
    crowns = np.stack([_crown(rng, scene) for _ in range(count)])
    nearest = np.exp((shape - shape.max(axis=0)) * 40.0)
    tone = (nearest / nearest.sum(axis=0)).T @ crowns  # [x, 3]
    crest = base - np.maximum(shape.max(axis=0)[None, :], height * 0.12)
    lit = np.clip(0.9 - (canvas.y - crest) / (height + 0.05) * 0.75, 0.0, 1.0)[..., None]
    if round_crowns:  # one side of each crown is turned to the light
        side = ((canvas.x - at[:, None]) / wide[:, None])[
            shape.argmax(axis=0), np.arange(canvas.size)
        ]
        lit = np.clip(lit + 0.28 * np.clip(side, -1.0, 1.0)[None, :, None], 0.0, 1.1)
    body = tone[None] * (light.shade + (light.ground - light.shade) * lit)
    body = body + (light.horizon - body) * np.float32(haze)
    canvas.paint(canvas.below(crest.astype(np.float32)), body.astype(np.float32))


def _crown(rng: np.random.Generator, scene: Scene) -> Colour:
    if scene.autumn:
        return pick(rng, LEAVES)
    green = pick(rng, GREENS) * np.float32(rng.uniform(0.62, 0.95))
    return mix(green, SNOW, float(rng.uniform(0.45, 0.75))) if scene.snow else green


def paint_dunes(
    canvas: Canvas, rng: np.random.Generator, light: Light, sky: Sky, *, horizon: float
) -> None:
    """Layered dunes with a lit and a shaded side, sharp at the crest."""
    sand = pick(rng, SANDS)
    layers = int(rng.integers(3, 5))
    for k in range(layers):
        depth = k / (layers - 1)
        base = horizon + 0.02 + (0.86 - horizon) * depth**1.3
        swell = float(rng.uniform(0.06, 0.10)) * (0.6 + 0.9 * depth)
        frequency = float(rng.uniform(1.5, 2.2)) * (1.0 - 0.45 * depth)
        drift = float(rng.uniform(0.5, 1.4)) * (1.0 if rng.random() < 0.5 else -1.0)
        phase = float(rng.random())
        bend = 0.10 * waviness(rng, canvas.x, waves=0.8, octaves=2)
        ridge = np.abs(np.sin(np.pi * (frequency * canvas.x + phase + bend)))
        crest = base - swell * (1.0 - ridge) ** 1.1 - 0.02 * waviness(rng, canvas.x, waves=0.7)
        turn = frequency * canvas.x + phase + bend + drift * (canvas.y - crest)
        p = np.asarray(turn - np.floor(turn), dtype=np.float32)  # 0 just after a crest line
        lit = (1.0 - p) * smoothstep(0.0, 0.11, p)
        lit = np.asarray(lit if sky.light_x > 0.5 else 1.0 - lit, dtype=np.float32)[..., None]
        shade = mix(light.shade, light.ground, 0.3)
        body = sand * (shade + (light.ground * np.float32(1.03) - shade) * lit)
        haze = np.float32(0.45 * (1.0 - depth))
        canvas.paint(canvas.below(crest), body + (light.horizon - body) * haze)


def snowflakes(canvas: Canvas, rng: np.random.Generator) -> None:
    """Soft falling flakes over the whole picture."""
    count = int(rng.integers(16, 30))
    x, y = rng.random(count), rng.random(count)
    size = rng.uniform(0.016, 0.028, count)
    bright = rng.uniform(0.4, 0.9, count)
    across = np.exp(-(((canvas.x - x[:, None]) / size[:, None]) ** 2))
    down = np.exp(-(((canvas.y.T - y[:, None]) / size[:, None]) ** 2))
    mask: Array = np.einsum("s,sy,sx->yx", bright, down, across).astype(np.float32)
    canvas.glow(np.minimum(mask, 1.0), SNOW)


def fog_bank(canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float) -> None:
    """Fog around the horizon, thicker and thinner in soft swathes."""
    swathes = noise(rng, canvas.size, 2, 5, 2)
    profile = np.exp(-(((canvas.y - horizon - 0.02) / rng.uniform(0.2, 0.3)) ** 2))
    density = np.clip(profile * (0.5 + 0.6 * swathes), 0.0, 0.9).astype(np.float32)
    canvas.paint(density, mix(light.horizon, light.cloud, 0.35))
