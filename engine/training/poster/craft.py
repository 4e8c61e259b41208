"""Boats, balloons and birds."""

from __future__ import annotations

import numpy as np

from engine.training.poster.buildings import shaded
from engine.training.poster.canvas import Points, box, ellipse, mix, rgb
from engine.training.poster.looks import Look
from engine.training.poster.palettes import PAINTS


def paint_boat(look: Look, x: float, y: float, size: float, colour: str, *, to_left: bool) -> None:
    """A boat with two sails; y is the water line."""
    side = -1.0 if to_left else 1.0
    sail = look.palette.thing(PAINTS[colour])
    hull = look.palette.thing(rgb("#6a3b2e" if colour != "yellow" else "#34466e"))

    def at(points: list[tuple[float, float]]) -> Points:
        return [(x + side * size * px, y + size * py) for px, py in points]

    shadow = ellipse(x, y + 0.05 * size, 0.56 * size, 0.055 * size)
    look.canvas.polygon(shadow, look.tone(look.palette.lit(rgb("#2a3f6a"))), 0.4)
    look.thing(at([(-0.035, -0.95), (0.0, -0.95), (0.0, -0.1), (-0.035, -0.1)]), colour=hull)
    look.thing(at([(0.03, -0.95), (0.52, -0.2), (0.03, -0.2)]), colour=sail)
    look.thing(at([(-0.07, -0.8), (-0.07, -0.2), (-0.4, -0.2)]), colour=shaded(look, sail))
    look.thing(at([(-0.52, -0.14), (0.6, -0.14), (0.4, 0.06), (-0.36, 0.06)]), colour=hull)


def paint_balloon(look: Look, x: float, y: float, size: float, colour: str) -> None:
    """A hot-air balloon with a lighter stripe; y is the middle of its envelope."""
    own = look.palette.thing(PAINTS[colour])
    angles = np.linspace(-1.2 * np.pi, 0.2 * np.pi, 36)
    r = 0.42 * size
    hull = [(x + r * float(np.cos(a)), y + 1.04 * r * float(np.sin(a))) for a in angles]
    foot = y + 0.66 * size
    neck: Points = [*hull, (x + 0.09 * size, foot), (x - 0.09 * size, foot)]
    basket = look.palette.thing(rgb("#6a4a30"))
    look.thing(
        box(x - 0.1 * size, foot + 0.06 * size, x + 0.1 * size, foot + 0.22 * size), colour=basket
    )
    look.thing(neck, colour=own)
    pale = mix(own, np.ones(3, np.float32), 0.42)
    stripe = [(x + 0.42 * r * float(np.cos(a)), y + 1.02 * r * float(np.sin(a))) for a in angles]
    look.detail([*stripe, (x + 0.03 * size, foot), (x - 0.03 * size, foot)], colour=pale)
    look.detail([(px, py) for px, py in neck if px >= x + 0.62 * r] + [(x + 0.07 * size, foot)],
                colour=shaded(look, own))  # fmt: skip


def paint_bird(look: Look, x: float, y: float, size: float, colour: str, tilt: float) -> None:
    """A gliding bird: two curved wings."""
    own = PAINTS["white"] if colour == "white" else mix(PAINTS["black"], look.palette.shade, 0.15)
    t = np.linspace(-1, 1, 25)
    bend = 0.1 * np.abs(t) ** 3 - 0.42 * np.sin(0.62 * np.pi * np.minimum(np.abs(t), 0.98))
    upper = [(float(s), float(rise)) for s, rise in zip(t, bend, strict=True)]
    thick = 0.2 * (1 - np.abs(t)) ** 0.7 + 0.015
    lower = [(px, py + float(w)) for (px, py), w in zip(upper, thick, strict=True)]
    points = [(x + 0.5 * size * px, y + 0.5 * size * py + tilt * size * px) for px, py in
              [*upper, *lower[::-1]]]  # fmt: skip
    look.thing(points, colour=own)
