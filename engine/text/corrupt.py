"""The forward process: a text on its way to all-[MASK] (D3PM absorbing, arXiv:2107.03006)."""

from __future__ import annotations

import numpy as np

from engine.chain.records import Ints
from engine.text.noise_schedule import NoiseSchedule
from engine.text.records import CorruptionStep
from engine.text.spec import CorruptionSpec


def corrupt_at(spec: CorruptionSpec, tokens: Ints, level: int, *, mask_id: int) -> CorruptionStep:
    """One level of the forward process of ``tokens`` [L], at time level / steps; 0 is clean.

    ``nested``: position i is masked once the schedule passes its one threshold u_i, so masks
    only grow. ``independent``: each level draws its own thresholds.
    """
    if not 0 <= level <= spec.steps:
        raise ValueError(f"level must be 0 to {spec.steps}, got {level}")
    probability = NoiseSchedule(spec.schedule).mask_probability(level / spec.steps)
    masked = thresholds(spec, level, len(tokens)) < probability
    noisy = np.where(masked, np.int32(mask_id), tokens).astype(np.int32)
    return CorruptionStep(level, tokens=noisy, masked=masked, mask_probability=probability)


def thresholds(spec: CorruptionSpec, level: int, length: int) -> np.ndarray:
    """[L] uniform draws in [0, 1) that a level compares with its mask probability."""
    entropy = [spec.seed] if spec.coupling == "nested" else [spec.seed, level]
    return np.random.default_rng(entropy).random(length)
