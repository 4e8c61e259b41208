"""Where things stand: sides of the picture, and heights of the ground below them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.training.poster.canvas import Points
from engine.training.poster.scene import Side, Thing

SPANS: dict[Side, tuple[float, float]] = {
    "left": (0.17, 0.29), "middle": (0.44, 0.56), "right": (0.71, 0.83),
}  # fmt: skip


def place_x(rng: np.random.Generator, side: Side) -> float:
    """An x on that side."""
    return float(rng.uniform(*SPANS[side]))


def places_x(rng: np.random.Generator, thing: Thing) -> list[float]:
    """The x of every one of a thing: one on its side, or several spread over the picture."""
    if thing.count == 1:
        return [place_x(rng, thing.side)]
    slots = (np.arange(thing.count) + 0.5) / thing.count
    spread = 0.5 + (slots - 0.5) * 0.92
    return [float(x + rng.uniform(-0.045, 0.045)) for x in spread]


class Ground:
    """The upper edge of a land, a line from left to right."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        self.x, self.y = x, y

    @property
    def edge(self) -> Points:
        """The line as points."""
        return [(float(x), float(y)) for x, y in zip(self.x, self.y, strict=True)]

    def height(self, x: float) -> float:
        """The y of the ground at an x."""
        return float(np.interp(x, self.x, self.y))

    def below(self, drop: float) -> Ground:
        """The same line further down."""
        return Ground(self.x, self.y + drop)
