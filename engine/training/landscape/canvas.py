"""The canvas of the landscape renderer: coordinates, soft masks, smooth noise, blending.

Everything is in picture units: x from 0 (left) to 1 (right), y from 0 (top) to 1 (bottom).
The random generator is only ever asked for a number of values that does not depend on the
size, so one seed gives the same landscape at every resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # floating point
Colour = Array  # [3], red, green, blue in [0, 1]


def colour(red: float, green: float, blue: float) -> Colour:
    """A colour from three numbers in [0, 1]."""
    return np.array([red, green, blue], dtype=np.float32)


def mix(a: Colour, b: Colour, amount: float) -> Colour:
    """The colour that lies ``amount`` of the way from a to b."""
    return a + (b - a) * np.float32(amount)


def smoothstep(low: float, high: float, value: Array) -> Array:
    """0 below low, 1 above high, a smooth cubic between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


class Canvas:
    """A square picture being painted, back to front."""

    def __init__(self, size: int) -> None:
        self.size = size
        centres = (np.arange(size, dtype=np.float32) + 0.5) / size
        self.x = centres[None, :]  # [1, size]
        self.y = centres[:, None]  # [size, 1]
        self.image: Array = np.zeros((size, size, 3), dtype=np.float32)
        self.edge = max(0.010, 0.75 / size)  # half the width of a soft edge

    def paint(self, mask: Array, paint: Array) -> None:
        """Lay a colour [3] or a picture [size, size, 3] over the canvas through a mask."""
        self.image += mask[..., None] * (paint - self.image)

    def glow(self, mask: Array, light: Colour) -> None:
        """Add light by screen blending, which never exceeds white."""
        self.image += mask[..., None] * light * (1.0 - np.clip(self.image, 0.0, 1.0))

    def below(self, curve: Array | float) -> Array:
        """1 below a curve y(x) [1, size], 0 above it, softly."""
        return smoothstep(-self.edge, self.edge, self.y - np.asarray(curve, dtype=np.float32))

    def disc(self, x: float, y: float, radius: float, *, flatten: float = 1.0) -> Array:
        """A soft ellipse; flatten < 1 makes it wider than high."""
        distance = np.hypot(self.x - x, (self.y - y) / flatten)
        return 1.0 - smoothstep(radius - self.edge, radius + self.edge, distance)

    def halo(self, x: float, y: float, radius: float) -> Array:
        """A glow that falls off as a Gaussian of the given radius."""
        squared = (self.x - x) ** 2 + (self.y - y) ** 2
        return np.asarray(np.exp(-squared / (radius * radius)), dtype=np.float32)

    def box(self, left: float, right: float, top: float, bottom: float) -> Array:
        """A soft-edged rectangle."""
        across = smoothstep(-self.edge, self.edge, self.x - left) * (
            1.0 - smoothstep(-self.edge, self.edge, self.x - right)
        )
        down = smoothstep(-self.edge, self.edge, self.y - top) * (
            1.0 - smoothstep(-self.edge, self.edge, self.y - bottom)
        )
        return across * down

    def rows_at(self, y: Array) -> Array:
        """The picture's rows read at heights y [n], linearly interpolated: [n, size, 3]."""
        position = np.clip(y * self.size - 0.5, 0.0, self.size - 1.001)
        upper = position.astype(np.int64)
        weight = (position - upper).astype(np.float32)[:, None, None]
        return np.asarray(
            self.image[upper] * (1.0 - weight) + self.image[upper + 1] * weight, dtype=np.float32
        )


def waviness(rng: np.random.Generator, x: Array, *, waves: float, octaves: int = 3) -> Array:
    """A smooth random curve in about [-1, 1] with that many waves across the picture."""
    total = np.zeros_like(x)
    for octave in range(octaves):
        frequency = waves * 1.9**octave * rng.uniform(0.75, 1.25)
        phase = rng.uniform(0.0, 2 * np.pi)
        total += np.sin(2 * np.pi * frequency * x + phase) * np.float32(0.55**octave)
    return np.asarray(total / 1.6, dtype=np.float32)


@lru_cache(maxsize=256)
def _even_weights(size: int, cells: int) -> Array:
    centres = (np.arange(size, dtype=np.float32) + 0.5) / size
    return lattice_weights(centres * cells, cells)


def lattice_weights(position: Array, cells: int) -> Array:
    """Weights [n, cells + 2] of the lattice points around each position, smooth (cosine)."""
    wrapped = np.clip(position, 0.0, cells)
    lower = wrapped.astype(np.int64)
    t = (wrapped - lower).astype(np.float32)
    t = t * t * (3.0 - 2.0 * t)
    weights = np.zeros((len(position), cells + 2), dtype=np.float32)
    rows = np.arange(len(position))
    weights[rows, lower] = 1.0 - t
    weights[rows, lower + 1] = t
    return weights


def noise(rng: np.random.Generator, size: int, across: int, down: int, octaves: int = 3) -> Array:
    """Smooth value noise [size, size] around 0.5, in about [0, 1]; cells across and down."""
    total = np.zeros((size, size), dtype=np.float32)
    weight, norm = 1.0, 0.0
    for _ in range(octaves):
        lattice = rng.random((down + 2, across + 2), dtype=np.float32)
        total += np.float32(weight) * (
            _even_weights(size, down) @ lattice @ _even_weights(size, across).T
        )
        norm += weight
        weight *= 0.5
        across, down = across * 2, down * 2
    return (total / np.float32(norm) - 0.5) * np.float32(1.35) + np.float32(0.5)


def row_noise(
    rng: np.random.Generator, size: int, position: Array, cells: int, across: int
) -> Array:
    """Noise whose rows lie at given lattice positions [n]: waves that shrink with distance."""
    lattice = rng.random((cells + 2, across + 2), dtype=np.float32)
    return np.asarray(
        lattice_weights(position, cells) @ lattice @ _even_weights(size, across).T,
        dtype=np.float32,
    )


def gradient(y: Array, stops: Sequence[tuple[float, Colour]]) -> Array:
    """Colours [..., 3] at heights y, smoothly through (height, colour) stops from top to bottom."""
    heights = [height for height, _ in stops]
    channels = [np.interp(y, heights, [float(c[k]) for _, c in stops]) for k in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)
