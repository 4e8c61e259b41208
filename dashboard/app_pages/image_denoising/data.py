"""What the denoising page tells of guidance: its total, and what other guiders had made of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from dashboard.data.image_runs import clean_of
from engine.chain.records import Floats
from engine.image.records import ImageRun, ImageStep
from engine.metrics.guidance_map import totals
from engine.metrics.guiders import Guider, apg_parts


def guidance_table(run: ImageRun) -> pd.DataFrame:
    """One row a step: the guidance scale, and the sum of the map of where it acts."""
    return pd.DataFrame(
        {
            "step": [step.index for step in run.steps[1:]],
            "guidance": [step.guidance for step in run.steps[1:]],
            "total_difference": totals(run.steps)[1:],
        }
    )


def guided_x0(before: ImageStep, step: ImageStep, guider: Guider, scale: float) -> Floats | None:
    """[C, h, w] the x0 this step would have predicted under another guider.

    From the step's two stored predictions, as ``image_runs.counterfactual_x0``: the guider has the
    model's own predictions, or both as x0 where its paper has it so. None as there.
    """
    if step.noise_cond is None or step.noise_uncond is None:
        return None
    if guider.space == "x0":
        both = _clean_pair(before, step)
        return None if both is None else guider.guided(*both, scale).astype(np.float32)
    guided = guider.guided(step.noise_cond, step.noise_uncond, scale)
    return clean_of(before, step, guided.astype(np.float32))


def apg_table(run: ImageRun) -> pd.DataFrame:
    """One row a step: RMS of the parts of what guidance adds to x0, along it and across it."""
    rows = []
    for before, step in pairwise(run.steps):
        both = _clean_pair(before, step)
        parallel, orthogonal = (np.nan, np.nan) if both is None else apg_parts(*both)
        rows.append({"step": step.index, "parallel": parallel, "orthogonal": orthogonal})
    return pd.DataFrame(rows, columns=["step", "parallel", "orthogonal"])


def _clean_pair(before: ImageStep, step: ImageStep) -> tuple[Floats, Floats] | None:
    """The x0 that a step predicts with the prompt, and without it."""
    if step.noise_cond is None or step.noise_uncond is None:
        return None
    cond = clean_of(before, step, step.noise_cond.astype(np.float32))
    uncond = clean_of(before, step, step.noise_uncond.astype(np.float32))
    return None if cond is None or uncond is None else (cond, uncond)
