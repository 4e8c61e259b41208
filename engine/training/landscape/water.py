"""Water: the mirror of what stands above it, waves, the light's glitter path, boats, shores."""

from __future__ import annotations

import numpy as np

from engine.training.landscape.canvas import (
    Array,
    Canvas,
    colour,
    gradient,
    mix,
    row_noise,
    smoothstep,
    waviness,
)
from engine.training.landscape.palettes import Light
from engine.training.landscape.sky import Sky

SEAS = (colour(0.06, 0.32, 0.48), colour(0.04, 0.42, 0.50), colour(0.10, 0.26, 0.46))


def paint_water(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    sky: Sky,
    *,
    shore: float,
    clear: float,
    waves: float,
    mask: Array | None = None,
) -> None:
    """Water from the shore line down: a mirror (clear = 1) or its own colour (clear = 0)."""
    y = canvas.y[:, 0]
    depth = np.clip((y - shore) / max(1e-3, 1.0 - shore), 0.0, 1.0)  # 0 at the shore, 1 nearest
    mirror = canvas.rows_at(np.maximum(shore - (y - shore) * 0.95, 0.01) - canvas.edge)
    sea = mix(SEAS[rng.integers(3)], SEAS[rng.integers(3)], float(rng.random()))
    own = gradient(canvas.y, [(shore, mix(sea * light.ground, light.horizon, 0.45)),
                              (1.0, sea * light.ground)])  # fmt: skip
    fade = (clear * (1.0 - 0.45 * depth))[:, None, None].astype(np.float32)
    water = own + (mirror * np.float32(0.96) - own) * fade
    rows = 11.0 * np.sqrt(depth.astype(np.float32))  # waves shrink towards the shore
    swell = row_noise(rng, canvas.size, rows, 12, 4)
    strength = (waves * (0.35 + 0.65 * depth))[:, None].astype(np.float32)
    crests = (swell - 0.5) * strength
    water = water * (1.0 + crests[..., None]) + np.maximum(crests, 0.0)[..., None] * 0.25
    if sky.shines:
        water = _glitter(canvas, rng, water, light, sky, depth=depth, swell=swell)
    body = canvas.below(shore) if mask is None else mask
    canvas.paint(body, water.astype(np.float32))


def _glitter(
    canvas: Canvas,
    rng: np.random.Generator,
    water: Array,
    light: Light,
    sky: Sky,
    *,
    depth: Array,
    swell: Array,
) -> Array:
    width = float(rng.uniform(0.05, 0.08)) + 0.10 * depth[:, None]
    path = np.exp(-(((canvas.x - sky.light_x) / width) ** 2))
    shine = path * (0.25 + 0.85 * smoothstep(0.35, 0.7, swell)) * (1.0 - 0.35 * depth[:, None])
    lit = np.clip(shine * 0.9, 0.0, 1.0)[..., None].astype(np.float32)
    return np.asarray(water + lit * (light.sun - water), dtype=np.float32)


def paint_beach(canvas: Canvas, rng: np.random.Generator, light: Light) -> None:
    """Sand in the foreground with a line of foam."""
    slope = float(rng.uniform(-0.22, 0.22))
    edge = float(rng.uniform(0.78, 0.88)) + slope * (canvas.x - 0.5)
    edge = edge + 0.015 * waviness(rng, canvas.x, waves=1.3, octaves=2)
    foam = np.exp(-(((canvas.y - edge + 0.012) / 0.022) ** 2)).astype(np.float32)
    sand = mix(colour(0.93, 0.82, 0.62), colour(0.88, 0.74, 0.56), float(rng.random()))
    wet = smoothstep(0.0, 0.12, canvas.y - edge)[..., None]
    tone = sand * light.ground
    canvas.paint(canvas.below(edge), tone * (0.74 + 0.26 * wet))
    canvas.paint(0.8 * foam, mix(light.cloud, light.sun, 0.4))


def paint_headland(canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float) -> None:
    """A hazy headland or island standing on the horizon at one side."""
    centre = float(rng.choice([rng.uniform(-0.1, 0.2), rng.uniform(0.8, 1.1)]))
    rise = float(rng.uniform(0.06, 0.17))
    hump = np.exp(-(((canvas.x - centre) / rng.uniform(0.14, 0.28)) ** 2))
    crest = horizon - rise * hump + 0.012 * waviness(rng, canvas.x, waves=3.0) * hump
    land = mix(colour(0.30, 0.36, 0.34) * light.shade * 1.2, light.horizon, 0.35)
    above = canvas.below(crest.astype(np.float32)) * (1.0 - canvas.below(horizon))
    canvas.paint(above * smoothstep(0.02, 0.1, hump), land)


def paint_boat(canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float) -> None:
    """A sailboat with two sails and its reflection."""
    x, scale = float(rng.uniform(0.15, 0.85)), float(rng.uniform(0.10, 0.19))
    y = horizon + float(rng.uniform(0.04, 0.16))
    hull = colour(0.30, 0.16, 0.12) * (0.35 + 0.65 * light.ground)
    sails = (colour(0.98, 0.96, 0.90), colour(0.86, 0.26, 0.20), colour(0.98, 0.84, 0.45))
    sail = sails[rng.choice(3, p=[0.6, 0.25, 0.15])] * (0.40 + 0.60 * light.ground)
    for way, strength in ((-1.0, 0.28), (1.0, 1.0)):  # the reflection first
        up = (y - canvas.y) * way  # height over the water line
        for side, tall in ((1.0, 1.45), (-1.0, 1.1)):
            out = (canvas.x - x) * side - 0.012
            room = 0.62 * scale * (1.0 - (up - 0.25 * scale) / (tall * scale)) - out
            shape = np.minimum(np.minimum(out, room), up - 0.22 * scale)
            canvas.paint(strength * smoothstep(-canvas.edge, canvas.edge, shape), sail)
        body = np.minimum(
            0.62 * scale - np.abs(canvas.x - x) + 0.8 * (up - 0.1 * scale),
            0.09 * scale - np.abs(up - 0.09 * scale),
        )
        canvas.paint(strength * smoothstep(-canvas.edge, canvas.edge, body), hull)
