"""Noise schedules of Gaussian diffusion: how much signal is left at every timestep. No torch.

The masking schedules of text are in ``engine.text.noise_schedule``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

ImageSchedule = Literal["linear", "scaled-linear", "cosine"]
Curve = NDArray[np.float64]

TRAINING_STEPS = 1000
BOUNDS = {"linear": (1e-4, 0.02), "scaled-linear": (0.00085, 0.012)}
COSINE_OFFSET = 0.008
MOST_BETA = 0.999
NAMES_IN_CONFIGS: dict[str, ImageSchedule] = {
    "linear": "linear",
    "scaled_linear": "scaled-linear",
    "squaredcos_cap_v2": "cosine",
}


def betas(
    name: ImageSchedule,
    *,
    steps: int = TRAINING_STEPS,
    bounds: tuple[float, float] | None = None,
) -> Curve:
    """[steps] the variance of the noise that each forward step adds.

    ``linear`` is that of DDPM (Ho et al. 2020, 2006.11239, section 4), ``scaled-linear`` that of
    Stable Diffusion (linear in the square root of beta; Rombach et al. 2022, 2112.10752, and its
    code), ``cosine`` that of Nichol and Dhariwal 2021 (2102.09672, eq. 17, capped at 0.999).
    ``bounds`` are the first and the last beta; the cosine has none. Raises ValueError for an
    unknown name or fewer than one step.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    if name == "cosine":
        edges = [_cosine(i / steps) for i in range(steps + 1)]
        return np.array([min(1 - b / a, MOST_BETA) for a, b in itertools.pairwise(edges)])
    if name not in BOUNDS:
        raise ValueError(f"unknown schedule {name!r}; choose from linear, scaled-linear, cosine")
    first, last = bounds or BOUNDS[name]
    if name == "linear":
        return np.asarray(np.linspace(first, last, steps), np.float64)
    return np.asarray(np.linspace(math.sqrt(first), math.sqrt(last), steps) ** 2, np.float64)


def alpha_bars(beta: Curve) -> Curve:
    """[steps] the share of the signal's variance after each step (Ho et al. 2020, eq. 4)."""
    return np.asarray(np.cumprod(1 - beta), np.float64)


def signal_to_noise(alpha_bar: Curve) -> Curve:
    """[steps] alpha_bar / (1 - alpha_bar), as Kingma et al. 2021 (2107.00630, eq. 2)."""
    ratio: Curve = alpha_bar / (1 - alpha_bar)
    return ratio


def betas_of(config: Mapping[str, Any]) -> Curve | None:
    """[steps] the betas of a diffusers scheduler's config; None for one that is not known here.

    Configs that rescale their betas to end without signal (Lin et al. 2023, 2305.08891) are not.
    """
    if config.get("rescale_betas_zero_snr"):
        return None
    if config.get("trained_betas") is not None:
        return np.asarray(config["trained_betas"], np.float64)
    name = NAMES_IN_CONFIGS.get(str(config.get("beta_schedule")))
    if name is None:
        return None
    steps = int(config.get("num_train_timesteps", TRAINING_STEPS))
    low, high = BOUNDS["linear"]
    bounds = float(config.get("beta_start", low)), float(config.get("beta_end", high))
    return betas(name, steps=steps, bounds=bounds)


def _cosine(time: float) -> float:
    """f(t) of Nichol and Dhariwal 2021, eq. 17, up to its factor."""
    return math.cos((time + COSINE_OFFSET) / (1 + COSINE_OFFSET) * math.pi / 2) ** 2
