"""Skylines: rows of towers, the nearest with windows that shine after sunset."""

from __future__ import annotations

import numpy as np

from engine.training.poster.canvas import Colour, box, mix, rgb
from engine.training.poster.looks import Look
from engine.training.poster.palettes import WINDOW

WALLS = ("#5f7596", "#7a6f96", "#4f7f92", "#92705f", "#6a7a8a")


def paint_skyline(look: Look, rng: np.random.Generator, *, foot: float) -> None:
    """Three rows of towers, the far ones pale."""
    own = rgb(WALLS[int(rng.integers(len(WALLS)))])
    middle = float(rng.uniform(0.3, 0.7))
    for depth, tall, width in ((0.72, 0.50, 0.085), (0.4, 0.40, 0.105), (0.06, 0.29, 0.135)):
        _row(look, rng, look.palette.lit(own, depth), foot, tall, width, middle, depth)


def _row(
    look: Look, rng: np.random.Generator, colour: Colour, foot: float, tall: float, width: float,
    middle: float, depth: float,
) -> None:  # fmt: skip
    x = float(rng.uniform(-0.06, 0.0))
    while x < 1.0:
        wide = width * float(rng.uniform(0.75, 1.25))
        towards = 0.62 + 0.55 * float(np.exp(-(((x + wide / 2 - middle) / 0.28) ** 2)))
        height = tall * towards * float(rng.uniform(0.55, 1.0))
        _tower(look, rng, x, foot, wide, height, colour, lit=depth < 0.2)
        x += wide + (float(rng.uniform(0.0, 0.03)) if depth < 0.2 else 0.0)


def _tower(
    look: Look, rng: np.random.Generator, x: float, foot: float, wide: float, height: float,
    colour: Colour, *, lit: bool,
) -> None:  # fmt: skip
    top, right = foot - height, x + wide
    tint = mix(colour, look.palette.shade, float(rng.uniform(0.0, 0.22)))
    roof = rng.integers(5)
    shape = [box(x, top, right, foot + 0.01)]
    if roof == 0:
        shape.append([(x, top), (right, top - 0.45 * wide), (right, top)])
    elif roof == 1:
        shape.append([(x, top), (x + wide / 2, top - 0.8 * wide), (right, top)])
    elif roof == 2:
        shape.append(box(x + 0.28 * wide, top - 0.4 * wide, right - 0.28 * wide, top))
    look.plant(*shape, colour=tint)
    if lit:
        _windows(look, rng, x, top, wide, height, tint)


def _windows(
    look: Look, rng: np.random.Generator, x: float, top: float, wide: float, height: float,
    wall: Colour,
) -> None:  # fmt: skip
    columns = 3 if wide > 0.135 else 2
    rows = max(1, int(height / 0.062) - 1)
    after_dark = look.palette.pull > 0.3
    pane = 0.5 * wide / columns
    panes = [
        box(cx - pane / 2, cy, cx + pane / 2, cy + 0.032)
        for column in range(columns)
        for row in range(rows)
        for cx in [x + wide * (column + 0.5) / columns]
        for cy in [top + 0.032 + 0.062 * row]
        if rng.random() < (0.62 if after_dark else 0.9)
    ]
    if not panes:
        return
    if after_dark:
        look.canvas.polygons(panes, mix(WINDOW, wall, 0.05))
    else:
        look.detail(*panes, colour=mix(wall, look.palette.sky[2], 0.5))
