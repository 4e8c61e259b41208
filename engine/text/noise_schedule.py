"""Masking schedules of absorbing-state diffusion: the probability of [MASK] at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.text.spec import ScheduleName

LEAST, MOST = 1e-5, 20.0  # of the geometric schedule's noise


@dataclass(frozen=True, slots=True)
class NoiseSchedule:
    """The marginal probability that a position is masked at time t in [0, 1]; 0 at 0, 1 at 1."""

    name: ScheduleName

    def mask_probability(self, time: float) -> float:
        """1 - alpha(t). Linear: t. Cosine: sin(pi t / 2), fast at first and slow at the end.
        Geometric: 1 - exp(-b0^(1 - t) b1^t) with b0 = 1e-5 and b1 = 20, nearly nothing until
        half the time is over (MD4, table 4; its ends, 1e-5 and 1 - 2e-9, are 0 and 1 here).

        Cosine is alpha(t) = 1 - cos(pi (1 - t) / 2) (MD4, Shi et al. 2024, 2406.04329); read
        backwards, from all masked on, it is MaskGIT's cos(pi r / 2) (2202.04200), which reveals
        few tokens first and many at the end.
        Raises ValueError when time is outside [0, 1].
        """
        if not 0 <= time <= 1:
            raise ValueError(f"time must be 0 to 1, got {time}")
        if time in (0, 1):
            return float(time)
        if self.name == "geometric":
            return -math.expm1(-(LEAST ** (1 - time)) * MOST**time)
        return time if self.name == "linear" else math.sin(math.pi * time / 2)
