"""The sky: gradient, sun, moon, stars, aurora, clouds, rainbow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.landscape.canvas import (
    Array,
    Canvas,
    colour,
    gradient,
    mix,
    noise,
    smoothstep,
    waviness,
)
from engine.training.landscape.palettes import Light
from engine.training.landscape.scene import Scene

RAINBOW = np.array(
    [[0.55, 0.35, 0.85], [0.30, 0.50, 0.95], [0.35, 0.85, 0.45], [1.0, 0.92, 0.35],
     [1.0, 0.62, 0.25], [0.95, 0.30, 0.30]], dtype=np.float32
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sky:
    """Where the light stands: what water, snow and slopes need to know of the sky."""

    light_x: float
    light_y: float
    shines: bool  # a sun or moon stands in the picture


def paint_sky(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, horizon: float
) -> Sky:
    """Fill the canvas with a sky down to the horizon and say where its light stands."""
    bend = horizon * rng.uniform(0.45, 0.7)
    canvas.image[:] = gradient(
        canvas.y, [(0.0, light.zenith), (bend, light.middle), (horizon, light.horizon)]
    )
    sky = _place_light(rng, scene, horizon)
    low = scene.time in ("sunrise", "sunset")
    if low:
        side = 0.55 * canvas.halo(sky.light_x, horizon, 0.6)
        canvas.glow(side, light.glow)
    if scene.stars:
        _stars(canvas, rng, horizon)
    if scene.aurora:
        _aurora(canvas, rng, horizon)
    if scene.sun:
        _sun(canvas, rng, sky, light, low=low)
    if scene.moon:
        _moon(canvas, rng, sky, light)
    if scene.rainbow:
        _rainbow(canvas, rng, horizon)
    _clouds(canvas, rng, light, horizon, heavy=scene.clouds)
    return sky


def _place_light(rng: np.random.Generator, scene: Scene, horizon: float) -> Sky:
    x = float(rng.uniform(0.16, 0.84))
    if scene.time in ("sunrise", "sunset"):
        y = horizon - float(rng.uniform(0.03, 0.26)) * horizon / 0.55
    else:
        y = float(rng.uniform(0.12, 0.30))
    return Sky(x, y, scene.sun or scene.moon)


def _sun(canvas: Canvas, rng: np.random.Generator, sky: Sky, light: Light, *, low: bool) -> None:
    radius = float(rng.uniform(0.05, 0.095) if low else rng.uniform(0.045, 0.07))
    canvas.glow(0.75 * canvas.halo(sky.light_x, sky.light_y, radius * 4.2), light.glow)
    canvas.glow(0.8 * canvas.halo(sky.light_x, sky.light_y, radius * 1.9), light.sun)
    canvas.paint(canvas.disc(sky.light_x, sky.light_y, radius), light.sun)


def _moon(canvas: Canvas, rng: np.random.Generator, sky: Sky, light: Light) -> None:
    radius = float(rng.uniform(0.055, 0.1))
    canvas.glow(0.55 * canvas.halo(sky.light_x, sky.light_y, radius * 3.6), light.glow)
    disc = canvas.disc(sky.light_x, sky.light_y, radius)
    if rng.random() < 0.35:
        way = 1 if rng.random() < 0.5 else -1
        bite = canvas.disc(sky.light_x + way * radius * 0.62, sky.light_y - radius * 0.22, radius)
        disc = disc * (1.0 - bite)
    canvas.paint(disc, light.sun)


def _stars(canvas: Canvas, rng: np.random.Generator, horizon: float) -> None:
    count = int(rng.integers(12, 26))
    x, y = rng.uniform(0.02, 0.98, count), rng.uniform(0.02, horizon * 0.85, count)
    size = rng.uniform(0.013, 0.021, count)
    bright = rng.uniform(0.55, 1.0, count)
    across = np.exp(-(((canvas.x - x[:, None]) / size[:, None]) ** 2))  # [star, x]
    down = np.exp(-(((canvas.y.T - y[:, None]) / size[:, None]) ** 2))  # [star, y]
    mask = np.einsum("s,sy,sx->yx", bright, down, across).astype(np.float32)
    canvas.glow(np.minimum(mask, 1.0), colour(1.0, 0.98, 0.9))


def _aurora(canvas: Canvas, rng: np.random.Generator, horizon: float) -> None:
    low = mix(colour(0.25, 1.0, 0.55), colour(0.2, 0.95, 0.8), float(rng.random()))
    high = mix(colour(0.55, 0.25, 0.95), colour(0.95, 0.35, 0.7), float(rng.random()))
    for _ in range(int(rng.integers(2, 4))):
        foot = horizon * rng.uniform(0.5, 0.85) + 0.1 * waviness(
            rng, canvas.x, waves=float(rng.uniform(0.5, 1.2)), octaves=2
        )
        height = float(rng.uniform(0.16, 0.34))
        lean = float(rng.uniform(-0.35, 0.35))
        rise = (foot - canvas.y) / height  # 0 at the foot, 1 at the top of the curtain
        rays = 0.62 + 0.38 * waviness(
            rng, canvas.x + lean * (canvas.y - 0.3), waves=float(rng.uniform(2.5, 4.5)), octaves=2
        )
        veil = smoothstep(-0.14, 0.06, rise) * np.exp(-np.maximum(rise, 0.0) * 1.7)
        mask = np.clip(veil * rays * rng.uniform(0.75, 1.05), 0.0, 1.0).astype(np.float32)
        blend = smoothstep(0.1, 1.3, rise)[..., None]
        tone = low + (high - low) * blend
        canvas.image += mask[..., None] * tone * (1.0 - np.clip(canvas.image, 0.0, 1.0))


def _rainbow(canvas: Canvas, rng: np.random.Generator, horizon: float) -> None:
    centre_x, radius = float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.38, 0.55))
    width = float(rng.uniform(0.09, 0.12))
    distance = np.hypot(canvas.x - centre_x, canvas.y - horizon - 0.05)
    across = (distance - radius) / width + 0.5
    index = np.clip(across * 5.0, 0.0, 5.0)
    tone = np.stack([np.interp(index, np.arange(6), RAINBOW[:, k]) for k in range(3)], axis=-1)
    band = np.exp(-(((across - 0.5) / 0.42) ** 4)) * 0.62
    canvas.paint(band.astype(np.float32), tone.astype(np.float32))


def _clouds(
    canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float, *, heavy: bool
) -> None:
    across, down = int(rng.integers(2, 4)), int(rng.integers(5, 8))
    puffs: Array = noise(rng, canvas.size, across, down, 3)
    under: Array = noise(rng, canvas.size, across, down, 2)
    density = smoothstep(0.5, 0.78, puffs) if heavy else 0.45 * smoothstep(0.58, 0.9, puffs)
    fade = 1.0 - smoothstep(horizon - 0.12, horizon + 0.02, canvas.y)
    lit = smoothstep(0.25, 0.75, under)[..., None]
    tone = light.cloud_shade + (light.cloud - light.cloud_shade) * lit
    canvas.paint(density * fade * np.float32(0.88), tone)
