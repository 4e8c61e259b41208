"""A canvas in picture units: polygons drawn four times as large and averaged, smooth fills.

x runs from 0 to 1 to the right and y from 0 to 1 downwards, so a picture is the same at any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Colour = NDArray[np.float32]  # [3], 0 to 1
Points = Sequence[tuple[float, float]]  # x, y
OVERSAMPLING = 4


def rgb(code: str) -> Colour:
    """The colour of a code such as "#3f9be0"."""
    return np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)], np.float32) / np.float32(255)


def mix(first: Colour, second: Colour, amount: float) -> Colour:
    """From the first colour (0) to the second (1)."""
    mixed: Colour = first + np.float32(amount) * (second - first)
    return mixed


@dataclass(frozen=True, slots=True)
class Gradient:
    """A fill that goes from one colour at height y0 to another at height y1."""

    upper: Colour
    lower: Colour
    y0: float
    y1: float

    def rows(self, y: NDArray[np.float32]) -> NDArray[np.float32]:
        """Colours [row, 1, 3] at the heights y [row]."""
        t = np.clip((y - self.y0) / max(self.y1 - self.y0, 1e-6), 0, 1).astype(np.float32)
        colours: NDArray[np.float32] = (
            self.upper + t[:, None, None] * (self.lower - self.upper)
        ).astype(np.float32)
        return colours


Fill = Colour | Gradient


def ellipse(x: float, y: float, rx: float, ry: float, *, corners: int = 40) -> Points:
    """A polygon that looks like an ellipse."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return [(x + rx * float(np.cos(a)), y + ry * float(np.sin(a))) for a in angles]


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    """An upright rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


class Canvas:
    """A picture in the making: float32 [size, size, 3]."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.image = np.zeros((size, size, 3), np.float32)
        self.x = ((np.arange(size) + 0.5) / size).astype(np.float32)
        self.y = self.x

    def sky(self, upper: Colour, middle: Colour, lower: Colour, horizon: float) -> None:
        """Fill everything with three colours, the lower one reached at the horizon."""
        knee = horizon * 0.55
        top = Gradient(upper, middle, 0, knee).rows(self.y)
        rest = Gradient(middle, lower, knee, horizon).rows(self.y)
        self.image[:] = np.where(self.y[:, None, None] < knee, top, rest)

    def polygon(self, points: Points, fill: Fill, opacity: float = 1.0) -> None:
        """Paint a polygon with anti-aliased edges."""
        self._shape([points], fill, opacity, width=0.0)

    def polygons(self, shapes: Sequence[Points], fill: Fill, opacity: float = 1.0) -> None:
        """Paint the union of several polygons at once."""
        self._shape(shapes, fill, opacity, width=0.0)

    def line(self, points: Points, fill: Fill, width: float, opacity: float = 1.0) -> None:
        """Paint a line with round joints."""
        self._shape([points], fill, opacity, width=width)

    def veil(self, amount: NDArray[np.float32], fill: Fill) -> None:
        """Mix the fill in by an amount [y, x] (or [y, 1]) from 0 to 1."""
        colours = fill.rows(self.y) if isinstance(fill, Gradient) else fill
        self.image += amount[:, :, None] * (colours - self.image)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """A soft round light; the radius is where a third of it is left."""
        squared = (self.x[None, :] - x) ** 2 + (self.y[:, None] - y) ** 2
        self.veil((strength * np.exp(-squared / radius**2)).astype(np.float32), colour)

    def mirror(self, shore: float) -> NDArray[np.float32]:
        """What the rows above the shore look like upside down, for every row [size, size, 3]."""
        reflected = np.clip((2 * shore - self.y) * self.size - 0.5, 0, self.size - 1)
        upper = np.floor(reflected).astype(int)
        part = (reflected - upper).astype(np.float32)[:, None, None]
        lower = np.minimum(upper + 1, self.size - 1)
        mirrored: NDArray[np.float32] = (
            self.image[upper] * (1 - part) + self.image[lower] * part
        ).astype(np.float32)
        return mirrored

    def _shape(self, shapes: Sequence[Points], fill: Fill, opacity: float, *, width: float) -> None:
        placed = [np.asarray(points, np.float64) * self.size for points in shapes]
        margin = width * self.size + 1
        left, top = np.min([corners.min(axis=0) for corners in placed], axis=0) - margin
        right, bottom = np.max([corners.max(axis=0) for corners in placed], axis=0) + margin
        x0, y0 = max(int(left), 0), max(int(top), 0)
        x1, y1 = min(int(np.ceil(right)), self.size), min(int(np.ceil(bottom)), self.size)
        if x0 >= x1 or y0 >= y1:
            return
        mask = Image.new("L", ((x1 - x0) * OVERSAMPLING, (y1 - y0) * OVERSAMPLING))
        draw = ImageDraw.Draw(mask)
        for corners in placed:
            flat = ((corners - (x0, y0)) * OVERSAMPLING).ravel().tolist()
            if width:
                draw.line(flat, 255, round(width * self.size * OVERSAMPLING), joint="curve")
            else:
                draw.polygon(flat, 255)
        cover = np.asarray(mask.reduce(OVERSAMPLING), np.float32)[:, :, None]
        cover *= np.float32(opacity / 255)
        colours = fill.rows(self.y[y0:y1]) if isinstance(fill, Gradient) else fill
        part = self.image[y0:y1, x0:x1]
        part += cover * (colours - part)
