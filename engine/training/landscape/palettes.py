"""The light of each time of day: skies, suns, and what they do to the ground."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.training.landscape.canvas import Colour, colour, mix
from engine.training.landscape.scene import Time


@dataclass(frozen=True, slots=True)
class Light:
    """The colours that one time of day gives to everything."""

    zenith: Colour
    middle: Colour
    horizon: Colour
    sun: Colour  # the disc, and what glitters on water
    glow: Colour  # the light around the sun or moon
    ground: Colour  # multiplies the ground's own colours
    shade: Colour  # multiplies them on the far side
    cloud: Colour
    cloud_shade: Colour


def _light(*colours: tuple[float, float, float]) -> Light:
    return Light(*(colour(*c) for c in colours))


LIGHTS: dict[Time, tuple[Light, ...]] = {
    "day": (
        _light((0.16, 0.42, 0.78), (0.42, 0.66, 0.90), (0.82, 0.91, 0.97), (1.0, 0.98, 0.88),
               (1.0, 0.95, 0.80), (1.0, 0.98, 0.94), (0.52, 0.60, 0.76), (1.0, 1.0, 1.0),
               (0.72, 0.79, 0.88)),
        _light((0.10, 0.50, 0.74), (0.36, 0.72, 0.85), (0.86, 0.94, 0.90), (1.0, 0.99, 0.90),
               (1.0, 0.96, 0.82), (1.0, 1.0, 0.94), (0.48, 0.62, 0.70), (1.0, 1.0, 0.99),
               (0.70, 0.80, 0.86)),
        _light((0.26, 0.46, 0.82), (0.56, 0.70, 0.92), (0.96, 0.92, 0.84), (1.0, 0.96, 0.82),
               (1.0, 0.90, 0.70), (1.04, 0.97, 0.88), (0.58, 0.58, 0.72), (1.0, 0.98, 0.95),
               (0.76, 0.76, 0.86)),
    ),
    "sunrise": (
        _light((0.48, 0.58, 0.84), (0.90, 0.72, 0.80), (1.0, 0.87, 0.66), (1.0, 0.96, 0.80),
               (1.0, 0.82, 0.62), (0.96, 0.82, 0.76), (0.50, 0.48, 0.66), (1.0, 0.88, 0.84),
               (0.74, 0.66, 0.80)),
        _light((0.44, 0.68, 0.82), (0.82, 0.84, 0.82), (1.0, 0.88, 0.70), (1.0, 0.97, 0.82),
               (1.0, 0.86, 0.60), (0.98, 0.86, 0.74), (0.46, 0.54, 0.64), (1.0, 0.92, 0.84),
               (0.70, 0.72, 0.80)),
        _light((0.58, 0.54, 0.82), (0.96, 0.72, 0.74), (1.0, 0.82, 0.72), (1.0, 0.92, 0.78),
               (1.0, 0.76, 0.66), (0.95, 0.80, 0.80), (0.52, 0.46, 0.66), (1.0, 0.86, 0.86),
               (0.76, 0.62, 0.80)),
    ),
    "sunset": (
        _light((0.22, 0.15, 0.42), (0.78, 0.30, 0.40), (1.0, 0.64, 0.24), (1.0, 0.86, 0.50),
               (1.0, 0.55, 0.20), (0.86, 0.52, 0.42), (0.30, 0.20, 0.34), (0.98, 0.56, 0.38),
               (0.48, 0.26, 0.44)),
        _light((0.13, 0.20, 0.44), (0.62, 0.36, 0.50), (1.0, 0.56, 0.28), (1.0, 0.80, 0.46),
               (1.0, 0.48, 0.22), (0.80, 0.50, 0.44), (0.24, 0.22, 0.38), (0.96, 0.50, 0.42),
               (0.38, 0.28, 0.48)),
        _light((0.40, 0.14, 0.34), (0.92, 0.38, 0.26), (1.0, 0.76, 0.32), (1.0, 0.92, 0.60),
               (1.0, 0.62, 0.20), (0.92, 0.56, 0.36), (0.34, 0.18, 0.26), (1.0, 0.62, 0.34),
               (0.56, 0.24, 0.34)),
    ),
    "night": (
        _light((0.04, 0.06, 0.20), (0.09, 0.15, 0.36), (0.22, 0.32, 0.54), (0.98, 0.96, 0.86),
               (0.56, 0.66, 0.90), (0.40, 0.50, 0.80), (0.16, 0.20, 0.38), (0.34, 0.42, 0.62),
               (0.14, 0.19, 0.36)),
        _light((0.09, 0.05, 0.24), (0.20, 0.13, 0.40), (0.40, 0.30, 0.56), (1.0, 0.94, 0.84),
               (0.66, 0.58, 0.90), (0.48, 0.44, 0.80), (0.20, 0.16, 0.38), (0.44, 0.38, 0.64),
               (0.20, 0.16, 0.38)),
        _light((0.02, 0.10, 0.20), (0.06, 0.22, 0.34), (0.18, 0.42, 0.50), (0.96, 0.97, 0.88),
               (0.50, 0.74, 0.84), (0.36, 0.56, 0.74), (0.12, 0.22, 0.34), (0.30, 0.46, 0.58),
               (0.10, 0.22, 0.34)),
    ),
}  # fmt: skip


def draw_light(rng: np.random.Generator, time: Time) -> Light:
    """A light between two of the time's palettes, slightly warmer or cooler."""
    first, second = rng.choice(len(LIGHTS[time]), 2)
    amount = float(rng.random())
    tint = rng.uniform(0.95, 1.05, 3).astype(np.float32)
    a, b = LIGHTS[time][first], LIGHTS[time][second]
    mixed = [mix(getattr(a, f.name), getattr(b, f.name), amount) * tint for f in fields(Light)]
    return Light(*mixed)
