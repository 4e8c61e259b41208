"""The city: hazy and near skylines, lit windows, neon, and a river that mirrors them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.landscape.canvas import Canvas, Colour, colour, mix, noise, smoothstep
from engine.training.landscape.palettes import Light
from engine.training.landscape.scene import Scene

WALLS = (colour(0.62, 0.64, 0.70), colour(0.74, 0.66, 0.58), colour(0.50, 0.58, 0.68),
         colour(0.70, 0.58, 0.54), colour(0.80, 0.78, 0.74))  # fmt: skip
NEONS = (colour(1.0, 0.25, 0.70), colour(0.20, 0.90, 1.0), colour(0.65, 0.35, 1.0),
         colour(1.0, 0.55, 0.25), colour(0.25, 1.0, 0.70))  # fmt: skip
LAMPS = (colour(1.0, 0.84, 0.48), colour(1.0, 0.74, 0.40), colour(0.90, 0.92, 0.86))


@dataclass(frozen=True, slots=True)
class Building:
    """A house in a row: where it stands and what it is made of."""

    left: float
    right: float
    top: float
    wall: Colour
    lamp: Colour
    spire: bool


def paint_skylines(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, *, ground: float
) -> None:
    """Three rows of buildings from far to near, standing on the ground line."""
    dark = {"night": 1.0, "sunset": 0.6, "sunrise": 0.25, "day": 0.0}[scene.time]
    if scene.neon:
        glow = mix(NEONS[rng.integers(3)], NEONS[rng.integers(3)], float(rng.random()))
        haze = np.exp(-(((canvas.y - ground) / 0.34) ** 2)) * np.ones_like(canvas.x)
        canvas.glow((0.30 + 0.25 * dark) * haze.astype(np.float32), glow)
    elif dark > 0.5:
        haze = np.exp(-(((canvas.y - ground) / 0.25) ** 2)) * np.ones_like(canvas.x)
        canvas.glow(0.35 * dark * haze.astype(np.float32), colour(1.0, 0.70, 0.42))
    tall = float(rng.uniform(0.34, 0.5)) * (1.15 if scene.neon else 1.0)
    for share, count, haze_amount in ((1.0, 9, 0.62), (0.88, 7, 0.34), (0.66, 6, 0.08)):
        for house in _row(rng, scene, light, ground=ground, tall=tall * share, count=count):
            _paint_building(
                canvas, rng, scene, light, house, ground=ground, haze=haze_amount, dark=dark
            )


def _row(
    rng: np.random.Generator,
    scene: Scene,
    light: Light,
    *,
    ground: float,
    tall: float,
    count: int,
) -> list[Building]:
    widths = rng.uniform(0.7, 1.3, count)
    gaps = rng.uniform(0.0, 0.5, count)
    right = np.cumsum(widths + gaps) / (widths + gaps).sum() * 1.16 - 0.08
    left = right - widths / (widths + gaps).sum() * 1.16
    centre, spread = rng.uniform(0.25, 0.75), rng.uniform(0.3, 0.6)
    middle = (left + right) / 2
    heights = rng.uniform(0.4, 1.0, count) * (
        0.55 + 0.45 * np.exp(-(((middle - centre) / spread) ** 2))
    )
    houses = []
    for k in range(count):
        wall = mix(WALLS[rng.integers(5)], WALLS[rng.integers(5)], float(rng.random()))
        if scene.neon:
            wall = mix(wall, colour(0.30, 0.34, 0.50), 0.7)
        houses.append(
            Building(
                left=float(left[k]),
                right=float(right[k]),
                top=float(ground - tall * heights[k]),
                wall=mix(wall, colour(0.92, 0.94, 1.0), 0.35) if scene.snow else wall,
                lamp=LAMPS[rng.integers(3)],
                spire=bool(rng.random() < (0.5 if scene.neon else 0.2)),
            )
        )
    return houses


def _paint_building(
    canvas: Canvas,
    rng: np.random.Generator,
    scene: Scene,
    light: Light,
    house: Building,
    *,
    ground: float,
    haze: float,
    dark: float,
) -> None:
    mask = canvas.box(house.left, house.right, house.top, 1.1) * (1.0 - canvas.below(ground + 0.03))
    width = house.right - house.left
    if house.spire:
        middle, rise = (house.left + house.right) / 2, float(rng.uniform(0.05, 0.11))
        taper = 0.32 * width * (1.0 - (house.top - canvas.y) / rise)
        cone = smoothstep(-canvas.edge, canvas.edge, taper - np.abs(canvas.x - middle))
        mask = np.maximum(mask, cone * (canvas.y < house.top + 0.01) * (taper > 0))
    across = np.clip((canvas.x - house.left) / width, 0.0, 1.0)
    lit = (0.95 - 0.5 * across)[..., None] * np.ones_like(mask)[..., None]
    body = house.wall * (light.shade + (light.ground - light.shade) * lit)
    veil = light.horizon if not scene.neon else mix(light.horizon, colour(0.5, 0.3, 0.7), 0.4)
    body = body + (veil - body) * np.float32(haze)
    windows = _windows(canvas, rng, house, share=0.25 + 0.35 * dark)[..., None]
    pane = mix(body.mean(axis=(0, 1)) * 0.62, house.lamp, 0.12 + 0.78 * dark)
    body = body + windows * (pane - body) * np.float32((1.0 - 0.75 * haze) * (0.35 + 0.6 * dark))
    canvas.paint(mask.astype(np.float32), body.astype(np.float32))
    if scene.neon and haze < 0.5 and rng.random() < 0.75:
        tone = NEONS[rng.integers(len(NEONS))]
        x = house.left if rng.random() < 0.5 else house.right
        strip = np.exp(-(((canvas.x - x) / 0.016) ** 2)) * canvas.box(
            0.0, 1.0, house.top, ground + 0.02
        )
        spread = np.exp(-(((canvas.x - x) / 0.06) ** 2)) * canvas.box(
            0.0, 1.0, house.top - 0.03, ground + 0.02
        )
        strength = (0.45 + 0.5 * dark) * (1.0 - haze)
        canvas.glow((strength * np.maximum(strip, 0.35 * spread)).astype(np.float32), tone)


def _windows(
    canvas: Canvas, rng: np.random.Generator, house: Building, *, share: float
) -> np.ndarray:
    """Soft panes on a grid of cells about 0.055 wide and 0.06 high; some are lit."""
    columns = max(1, round((house.right - house.left) / 0.055))
    u = np.clip((canvas.x - house.left) / (house.right - house.left), 0.0, 0.999) * columns
    v = np.clip((canvas.y - house.top - 0.02) / 0.062, 0.0, 11.999)
    on = rng.random((12, columns)) < share
    bright = rng.uniform(0.5, 1.0, (12, columns)) * on
    level = bright[v.astype(np.int64), u.astype(np.int64)]
    pane = np.sin(np.pi * (u % 1.0)) * np.sin(np.pi * (v % 1.0))
    return np.asarray(level * smoothstep(0.1, 0.75, pane), dtype=np.float32)


def paint_quay(
    canvas: Canvas, rng: np.random.Generator, scene: Scene, light: Light, *, ground: float
) -> None:
    """A dark bank with trees between the houses and the water."""
    bank = mix(colour(0.24, 0.34, 0.24), colour(0.34, 0.34, 0.36), float(rng.random()))
    bank = mix(bank, colour(0.9, 0.93, 1.0), 0.7) if scene.snow else bank
    bumps = noise(rng, canvas.size, 9, 1, 1).mean(axis=0)[None, :]
    crest = ground - 0.05 * np.clip(bumps * 1.6 - 0.5, 0.0, 1.0)
    body = canvas.below(crest.astype(np.float32)) * (1.0 - canvas.below(ground + 0.03))
    canvas.paint(body, bank * mix(light.shade, light.ground, 0.75))
