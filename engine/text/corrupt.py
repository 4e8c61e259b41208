"""The forward process: a text on its way to all-[MASK], or to noise (D3PM, arXiv:2107.03006)."""

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


def redraw_at(spec: CorruptionSpec, tokens: Ints, level: int, *, noise: range) -> CorruptionStep:
    """One level of the forward process with uniform noise, of token ids ``noise``.

    ``independent``: a position is redrawn with the schedule's probability. ``nested``: a true
    chain, each level redraws a position of the one before with probability
    1 - alpha_level / alpha_(level - 1), so words change several times. ``masked`` is where a word
    was redrawn at least once; a redrawn word may be the same again.
    """
    if not 0 <= level <= spec.steps:
        raise ValueError(f"level must be 0 to {spec.steps}, got {level}")
    schedule = NoiseSchedule(spec.schedule)
    probability = schedule.mask_probability(level / spec.steps)
    noisy, redrawn = tokens.astype(np.int32), np.zeros(len(tokens), bool)
    for each in range(1, level + 1) if spec.coupling == "nested" else [level]:
        kept, kept_before = (
            1 - schedule.mask_probability(each / spec.steps),
            1 - schedule.mask_probability((each - 1) / spec.steps) if each else 1.0,
        )
        chance = probability if spec.coupling == "independent" else 1 - kept / kept_before
        generator = np.random.default_rng([spec.seed, each])
        here = generator.random(len(tokens)) < chance
        drawn = generator.integers(noise.start, noise.stop, len(tokens), dtype=np.int32)
        noisy, redrawn = np.where(here, drawn, noisy), redrawn | here
    return CorruptionStep(level, tokens=noisy, masked=redrawn, mask_probability=probability)


def thresholds(spec: CorruptionSpec, level: int, length: int) -> np.ndarray:
    """[L] uniform draws in [0, 1) that a level compares with its mask probability."""
    entropy = [spec.seed] if spec.coupling == "nested" else [spec.seed, level]
    return np.random.default_rng(entropy).random(length)
