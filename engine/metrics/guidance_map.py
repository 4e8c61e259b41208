"""Where does guidance act? The difference of a step's two predictions, over the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.chain.records import Floats
from engine.image.records import ImageStep


def guidance_map(step: ImageStep) -> Floats | None:
    """[h, w] mean over the channels of \\|cond - uncond\\|, in the units the model predicts.

    What classifier-free guidance multiplies by its scale, whatever that is (Ho and Salimans 2022,
    2207.12598). None for a step without two predictions.
    """
    if step.noise_cond is None or step.noise_uncond is None:
        return None
    difference = step.noise_cond.astype(np.float32) - step.noise_uncond.astype(np.float32)
    shares: Floats = np.abs(difference).mean(axis=0)
    return shares


def largest(steps: Sequence[ImageStep]) -> float:
    """The highest value of any step's map; 0 where no step has one."""
    maps = (guidance_map(step) for step in steps)
    return max((float(each.max()) for each in maps if each is not None), default=0.0)


def totals(steps: Sequence[ImageStep]) -> NDArray[np.float64]:
    """[step] the sum of each step's map over its positions; nan where a step has none."""
    maps = (guidance_map(step) for step in steps)
    return np.array([np.nan if each is None else float(each.sum()) for each in maps], np.float64)
