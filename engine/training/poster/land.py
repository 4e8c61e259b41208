"""Lands: hills, ranges of peaks with lit and shaded slopes, dunes, rows of trees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.training.poster.canvas import Colour, mix
from engine.training.poster.looks import Look
from engine.training.poster.palettes import SNOW
from engine.training.poster.placing import Ground

ACROSS: NDArray[np.float64] = np.linspace(-0.02, 1.02, 105)


def hills(rng: np.random.Generator, base: float, swing: float) -> Ground:
    """A rolling line of two waves about a height."""
    long, short = rng.uniform(3.0, 5.5), rng.uniform(7.0, 11.0)
    first, second = rng.uniform(0, 2 * np.pi, 2)
    waves = np.sin(ACROSS * long + first) + 0.4 * np.sin(ACROSS * short + second)
    return Ground(ACROSS, base - swing * waves / 1.4)


def flat(base: float) -> Ground:
    """A level line."""
    return Ground(ACROSS, np.full_like(ACROSS, base))


def paint_hills(
    look: Look, rng: np.random.Generator, *, base: float, swing: float, colour: Colour,
    depth: float, foot: float,
) -> Ground:  # fmt: skip
    """A rolling land at a depth from 0 (near) to 1 (far)."""
    ground = hills(rng, base, swing)
    look.land(ground.edge, look.palette.lit(colour, depth), foot)
    return ground


def paint_peaks(
    look: Look, rng: np.random.Generator, *, base: float, height: float, peaks: int,
    colour: Colour, depth: float, snow: float, sun_x: float, foot: float,
) -> Ground:  # fmt: skip
    """A range of peaks: every one with a slope in the shade and, from a height on, snow.

    ``snow`` is the share of the height that is white.
    """
    slots = (np.arange(peaks) + rng.uniform(0.25, 0.75, peaks)) / peaks
    tops = height * rng.uniform(0.62, 1.0, peaks)
    tops[int(rng.integers(peaks))] = height
    slopes = height / rng.uniform(0.24, 0.4, peaks) / np.sqrt(peaks / 2.5)
    rises = tops[:, None] - slopes[:, None] * np.abs(ACROSS[None, :] - slots[:, None])
    knees = 0.018 * np.sin(ACROSS * 37 + rng.uniform(0, 6))  # slopes are not ruled lines
    line = np.maximum(rises.max(axis=0), -0.02) + knees * (rises.max(axis=0) > 0.04)
    ground = Ground(ACROSS, base - line)
    own = look.palette.lit(colour, depth)
    look.land(ground.edge, own, foot)
    for x, top, slope in zip(slots, tops, slopes, strict=True):
        if ground.height(x) > base - top + 0.03:
            continue  # hidden by a higher one
        _slopes(look, ground, (float(x), float(top), float(slope)), own, base, sun_x, snow, depth,
                foot)  # fmt: skip
    return ground


def _slopes(
    look: Look, ground: Ground, peak: tuple[float, float, float], own: Colour, base: float,
    sun_x: float, snow: float, depth: float, foot: float,
) -> None:  # fmt: skip
    x, top, slope = peak
    crest = ground.height(x)
    away = 1.0 if sun_x < x else -1.0  # the shade lies on the side that the sun is not on
    reach = top / slope
    zigzag = [
        (x - away * 0.10 * reach, crest + 0.45 * top),
        (x + away * 0.06 * reach, base - 0.28 * top),
        (x - away * 0.04 * reach, base + 0.02),
    ]
    along = [x + away * reach * t for t in np.linspace(0.0, 1.0, 12)]
    edge = [(float(px), ground.height(float(px)) + 0.004) for px in along]
    dark = mix(own, look.palette.shade, 0.34 * (1 - 0.5 * depth))
    look.facet([*edge[::-1], *zigzag], dark, foot)
    if snow <= 0:
        return
    white = look.palette.lit(SNOW, 0.55 * depth)
    depth_of_snow = snow * top
    half = depth_of_snow / slope
    left = [(float(px), ground.height(float(px))) for px in np.linspace(x - half, x, 6)]
    right = [(float(px), ground.height(float(px))) for px in np.linspace(x, x + half, 6)]
    teeth = [
        (x + half * 0.5, crest + depth_of_snow * 0.72),
        (x + half * 0.16, crest + depth_of_snow * 1.12),
        (x - half * 0.2, crest + depth_of_snow * 0.7),
        (x - half * 0.55, crest + depth_of_snow * 1.02),
    ]
    look.facet([*left, *right[1:], *teeth], white, foot + 0.3)
    shaded = right if away > 0 else left[::-1]
    tooth = teeth[:2] if away > 0 else teeth[:1:-1]
    look.facet(
        [*shaded, *tooth, (x, crest + depth_of_snow * 0.6)], mix(white, dark, 0.36), foot + 0.3
    )


def paint_dune(
    look: Look, rng: np.random.Generator, *, base: float, height: float, depth: float,
    sun_x: float, foot: float,
) -> Ground:  # fmt: skip
    """A dune with a sharp crest: one side in the light, the other in the shade."""
    crest = float(rng.uniform(0.15, 0.85))
    reach_left, reach_right = rng.uniform(0.35, 0.7, 2)
    away = ACROSS - crest
    t = np.clip(np.where(away < 0, -away / reach_left, away / reach_right), 0, 1)
    rise = height * (1 - t) ** 1.5 * (1 + 0.6 * t)
    swell = 0.012 * np.sin(ACROSS * 6 + rng.uniform(0, 6))
    ground = Ground(ACROSS, base - rise - swell)
    own = look.palette.lit(look.palette.sand, depth)
    look.land(ground.edge, own, foot)
    side = 1.0 if sun_x < crest else -1.0
    across = [crest + side * float(s) for s in np.linspace(0, 1.1, 30)]
    edge = [(px, ground.height(px) + 0.003) for px in across]
    top = ground.height(crest)
    down = np.linspace(0, 1, 16)
    bends = crest + side * (0.55 * down**1.6 - 0.05 * np.sin(np.pi * down))
    ridge = [(float(px), top + (1.05 - top) * float(s)) for px, s in zip(bends, down, strict=True)]
    dark = mix(own * np.float32(0.84), look.palette.shade, 0.2 * (1 - 0.6 * depth))
    look.facet([*ridge, (crest + 1.1 * side, 1.05), *edge[::-1]], dark, foot + 0.1)
    return ground


def paint_row(
    look: Look, rng: np.random.Generator, ground: Ground, *, height: float, spacing: float,
    colour: Colour, tree: Callable[[Look, float, float, float, Colour], None],
) -> None:  # fmt: skip
    """Trees side by side along a ground, of slightly different sizes."""
    x = float(rng.uniform(-0.04, 0.02))
    while x < 1.04:
        size = height * float(rng.uniform(0.72, 1.12))
        tree(look, x, ground.height(x) + 0.02, size, colour)
        x += spacing * float(rng.uniform(0.75, 1.25))
