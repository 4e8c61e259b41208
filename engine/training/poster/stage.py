"""What every place is painted with: the look, the scene, where the horizon and the sun are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.poster.land import paint_hills, paint_peaks, paint_row
from engine.training.poster.looks import Look
from engine.training.poster.nature import paint_bush, paint_pine
from engine.training.poster.placing import Ground
from engine.training.poster.scene import Scene
from engine.training.poster.sky import fog_bank


@dataclass(frozen=True, slots=True)
class Stage:
    """What every place is painted with."""

    look: Look
    rng: np.random.Generator
    scene: Scene
    horizon: float
    sun_x: float

    @property
    def winter(self) -> bool:
        """Is there snow?"""
        return self.scene.season == "winter"

    def between(self, low: float, high: float) -> float:
        """A random number."""
        return float(self.rng.uniform(low, high))

    def fog(self, y: float, strength: float = 0.75) -> None:
        """A bank of fog there, if it is foggy."""
        if self.scene.weather == "foggy":
            fog_bank(self.look, y, 0.09, strength)

    def peaks(self, base: float, height: float, count: int, depth: float, foot: float) -> Ground:
        """A range of mountains."""
        snow = 0.62 if self.winter else self.between(0.22, 0.36)
        return paint_peaks(
            self.look, self.rng, base=base, height=height, peaks=count,
            colour=self.look.palette.rock, depth=depth, snow=snow, sun_x=self.sun_x, foot=foot,
        )  # fmt: skip

    def hills(self, base: float, swing: float, depth: float, foot: float) -> Ground:
        """Hills in the colour of the season."""
        return paint_hills(
            self.look, self.rng, base=base, swing=swing, colour=self.look.palette.ground,
            depth=depth, foot=foot,
        )  # fmt: skip

    def trees(
        self, ground: Ground, height: float, spacing: float, depth: float, *, firs: bool
    ) -> None:
        """A row of trees."""
        palette = self.look.palette
        own = palette.needle if firs else palette.crown
        paint_row(
            self.look, self.rng, ground, height=height, spacing=spacing,
            colour=palette.lit(own, depth), tree=paint_pine if firs else paint_bush,
        )  # fmt: skip
