"""Masking schedules of absorbing-state diffusion: the probability of [MASK] at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.specs import ScheduleName


@dataclass(frozen=True, slots=True)
class NoiseSchedule:
    """The marginal probability that a position is masked at time t in [0, 1]; 0 at 0, 1 at 1."""

    name: ScheduleName

    def mask_probability(self, time: float) -> float:
        """1 - alpha(t). Linear: t. Cosine: 1 - cos(pi t / 2), slow at first (MaskGIT, 2202.04200).

        Raises ValueError when time is outside [0, 1].
        """
        if not 0 <= time <= 1:
            raise ValueError(f"time must be 0 to 1, got {time}")
        if time in (0, 1):
            return float(time)
        return time if self.name == "linear" else 1 - math.cos(math.pi * time / 2)
