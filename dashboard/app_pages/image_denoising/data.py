"""What the denoising page tells of guidance: its total at every step."""

from __future__ import annotations

import pandas as pd

from engine.image.records import ImageRun
from engine.metrics.guidance_map import totals


def guidance_table(run: ImageRun) -> pd.DataFrame:
    """One row a step: the guidance scale, and the sum of the map of where it acts."""
    return pd.DataFrame(
        {
            "step": [step.index for step in run.steps[1:]],
            "guidance": [step.guidance for step in run.steps[1:]],
            "total_difference": totals(run.steps)[1:],
        }
    )
