import dataclasses

import numpy as np
import pytest

from engine.image.records import ImageStep
from engine.metrics.guidance_map import guidance_map, largest, totals

START = ImageStep(index=0, latents=np.zeros((2, 1, 2), np.float32))
UNCOND = np.zeros((2, 1, 2), np.float16)
COND = np.array([[[1.0, 0.0]], [[-3.0, 0.5]]], np.float16)
STEP = dataclasses.replace(START, index=1, noise_cond=COND, noise_uncond=UNCOND)
ALONE = dataclasses.replace(STEP, index=2, noise_uncond=None)


def test_the_map_is_the_mean_over_channels_of_what_differs():
    found = guidance_map(STEP)
    assert found is not None
    assert found.dtype == np.float32
    assert found.tolist() == [[2.0, 0.25]]


def test_a_step_without_two_predictions_has_none():
    assert guidance_map(START) is None
    assert guidance_map(ALONE) is None


def test_totals_and_the_scale_are_over_all_steps():
    twice = dataclasses.replace(STEP, noise_cond=2 * COND)
    steps = [START, STEP, ALONE, twice]
    assert totals(steps) == pytest.approx([np.nan, 2.25, np.nan, 4.5], nan_ok=True)
    assert largest(steps) == 4.0
    assert largest([START, ALONE]) == 0
