"""Trees, cacti, islands, waterfalls and pyramids; x is the middle and y the foot of each."""

from __future__ import annotations

import numpy as np

from engine.training.poster.canvas import Colour, Gradient, Points, box, ellipse, mix, rgb
from engine.training.poster.looks import Look
from engine.training.poster.palettes import SNOW

TRUNK = rgb("#5f4032")


def paint_pine(look: Look, x: float, y: float, size: float, colour: Colour) -> None:
    """A fir of three tiers, darker on one half."""
    tiers = ((0.0, 0.46, 0.17), (0.24, 0.70, 0.235), (0.48, 0.94, 0.30))
    shapes: list[Points] = [box(x - 0.045 * size, y - 0.1 * size, x + 0.045 * size, y)]
    for top, bottom, half in tiers:
        shapes.append(
            [(x, y - size + top * size), (x + half * size, y - size + bottom * size),
             (x - half * size, y - size + bottom * size)]
        )  # fmt: skip
    look.plant(*shapes, colour=colour)


def paint_snowy_pine(look: Look, x: float, y: float, size: float, colour: Colour) -> None:
    """A fir with snow on its tip and its tiers."""
    paint_pine(look, x, y, size, colour)
    if size < 0.12:
        return
    white = mix(colour, look.palette.lit(SNOW), 0.9)
    for top, half in ((0.0, 0.085), (0.40, 0.10), (0.64, 0.12)):
        level = y - size + top * size
        look.detail(
            [(x, level), (x + half * size, level + 0.2 * size), (x, level + 0.15 * size),
             (x - half * size, level + 0.2 * size)],
            colour=white,
        )  # fmt: skip


def paint_tree(look: Look, x: float, y: float, size: float, colour: Colour) -> None:
    """A tree with a round crown of three balls."""
    trunk = look.palette.lit(TRUNK)
    w = 0.055 * size
    look.plant([(x - w, y), (x - 0.6 * w, y - 0.5 * size),
                (x + 0.6 * w, y - 0.5 * size), (x + w, y)],
               colour=trunk)  # fmt: skip
    look.plant(
        ellipse(x - 0.17 * size, y - 0.52 * size, 0.21 * size, 0.19 * size),
        ellipse(x + 0.18 * size, y - 0.55 * size, 0.2 * size, 0.19 * size),
        ellipse(x, y - 0.73 * size, 0.27 * size, 0.27 * size),
        colour=colour,
    )
    if size > 0.16:
        lit = mix(colour, look.palette.disc, 0.3)
        look.detail(ellipse(x - 0.06 * size, y - 0.79 * size, 0.14 * size, 0.13 * size), colour=lit)


def paint_bush(look: Look, x: float, y: float, size: float, colour: Colour) -> None:
    """The crown of a tree whose trunk is hidden by the one before it."""
    look.plant(ellipse(x, y - 0.42 * size, 0.36 * size, 0.46 * size, corners=24), colour=colour)


def paint_palm(look: Look, x: float, y: float, size: float, lean: float) -> None:
    """A palm with five drooping leaves."""
    top_x, top_y = x + lean * size, y - 0.85 * size
    trunk = look.palette.thing(rgb("#7a5238"))
    w = 0.05 * size
    look.thing([(x - w, y), (top_x - 0.6 * w, top_y), (top_x + 0.6 * w, top_y), (x + w, y)],
               colour=trunk)  # fmt: skip
    leaves = []
    for angle in (-2.75, -2.1, -1.3, -0.75, -0.25):
        dx, dy = 0.42 * size * np.cos(angle), 0.3 * size * np.sin(angle)
        tip = (top_x + 1.15 * dx, top_y + 0.4 * dy + 0.16 * size)
        leaves.append([(top_x, top_y + 0.03 * size),
                       (top_x + 0.5 * dx, top_y + dy - 0.02 * size), tip,
                       (top_x + 0.5 * dx, top_y + dy + 0.13 * size)])  # fmt: skip
    look.thing(*leaves, colour=look.palette.thing(rgb("#2f8a50")))


def paint_island(look: Look, rng: np.random.Generator, x: float, y: float) -> None:
    """A sandy island with a green hill and a palm or two."""
    wide = float(rng.uniform(0.2, 0.25))
    hill = [(x + wide * float(t) * 0.86, y - 0.085 * float(np.cos(t * np.pi / 2)) - 0.005)
            for t in np.linspace(-1, 1, 20)]  # fmt: skip
    look.thing(ellipse(x, y, wide, 0.026), colour=look.palette.thing(rgb("#f0d59a")))
    look.thing([*hill, (x + 0.8 * wide, y + 0.004), (x - 0.8 * wide, y + 0.004)],
               colour=look.palette.thing(rgb("#4f9a56")))  # fmt: skip
    paint_palm(look, x - 0.03, y - 0.05, 0.27, 0.16)
    paint_palm(look, x + 0.05, y - 0.045, 0.2, 0.3)


def paint_cactus(look: Look, x: float, y: float, size: float) -> None:
    """A saguaro with two arms."""
    colour = look.palette.thing(rgb("#3a8a5a"))
    w = 0.1 * size

    def limb(x0: float, y0: float, y1: float, half: float) -> list[Points]:
        return [box(x0 - half, y0, x0 + half, y1), ellipse(x0, y0, half, half, corners=20)]

    left, right = x - 0.3 * size, x + 0.3 * size
    shapes = [
        *limb(x, y - size + w, y, w),
        *limb(left, y - 0.7 * size, y - 0.42 * size, 0.7 * w),
        *limb(right, y - 0.82 * size, y - 0.54 * size, 0.7 * w),
        box(left - 0.7 * w, y - 0.46 * size, x, y - 0.46 * size + 1.4 * w),
        box(x, y - 0.58 * size, right + 0.7 * w, y - 0.58 * size + 1.4 * w),
    ]
    look.thing(*shapes, colour=colour)
    look.detail(box(x - 0.25 * w, y - 0.92 * size, x + 0.25 * w, y - 0.04 * size),
                colour=mix(colour, look.palette.sky[2], 0.25))  # fmt: skip


def paint_pyramid(look: Look, x: float, y: float, size: float, sun_x: float) -> None:
    """A pyramid with a side in the light and a side in the shade."""
    half, top = 0.75 * size, (x, y - 0.95 * size)
    ridge = (x + (0.18 if sun_x < x else -0.18) * size, y)
    left, right = (x - half, y), (x + half, y)
    stone = look.palette.thing(rgb("#e0a957"))
    dark = mix(stone * np.float32(0.7), look.palette.shade, 0.25)
    look.thing([left, top, right], colour=stone)
    shaded = right if sun_x < x else left
    look.detail([ridge, top, shaded], colour=dark)


def paint_waterfall(look: Look, x: float, y0: float, y1: float, width: float) -> None:
    """A white fall between dark rocks from a ledge to a pool."""
    rock = look.palette.lit(look.palette.rock * np.float32(0.72), 0.1)
    half = width / 2
    cliff = [
        (x - 3.4 * half, y1 + 0.03), (x - 2.9 * half, y0 + 0.05), (x - 1.7 * half, y0 - 0.015),
        (x + 1.8 * half, y0 - 0.005), (x + 2.8 * half, y0 + 0.06), (x + 3.5 * half, y1 + 0.03),
    ]  # fmt: skip
    look.thing(cliff, colour=rock)
    white = mix(look.palette.thing(SNOW), look.palette.sky[1], 0.08)
    blue = mix(white, rgb("#4f9fd8") * look.palette.light, 0.55)
    look.detail([(x - half, y0 - 0.008), (x + half, y0 - 0.003), (x + 1.3 * half, y1),
                 (x - 1.3 * half, y1)], colour=white)  # fmt: skip
    for dx in (-0.45, 0.4):
        look.detail(box(x + (dx - 0.17) * half, y0 + 0.04, x + (dx + 0.17) * half, y1 - 0.02),
                    colour=blue)  # fmt: skip
    look.canvas.polygon(
        ellipse(x, y1 + 0.01, 4.2 * half, 0.04),
        Gradient(look.tone(blue), look.tone(mix(blue, rgb("#1f5a9a"), 0.35)), y1 - 0.03, y1 + 0.05),
    )
    look.detail(ellipse(x, y1 - 0.002, 1.8 * half, 0.022), colour=white)
