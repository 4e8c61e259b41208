"""Text runs for the pages: loading, and the tables behind the figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.text.records import CorruptionRun, TextRun


def step_table(run: TextRun) -> pd.DataFrame:
    """One row a step and position that the model was asked about: everything kept about it."""
    rows = []
    for step in run.steps[1:]:
        revealed = {int(p): order for order, p in enumerate(step.revealed)}
        for row, position in enumerate(step.masked.tolist()):
            rows.append(
                {
                    "step": step.index,
                    "position": position,
                    "token": run.pieces[step.proposed[row]],
                    "confidence": float(step.confidence[row]),
                    "probability": float(step.probability[row]),
                    "entropy_nats": float(step.entropy_nats[row]),
                    "revealed": position in revealed,
                    "order_in_step": revealed.get(position),
                }
            )
    return pd.DataFrame(rows)


def candidate_table(run: TextRun, *, step: int, position: int) -> pd.DataFrame:
    """The 16 best candidates of a masked position before a step; empty when it was not masked."""
    taken = run.steps[step]
    row = taken.row(position)
    if row is None:
        return pd.DataFrame({"rank": [], "token": [], "probability": []})
    ids = taken.candidates[row]
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(ids) + 1),
            "token": [run.pieces[i] for i in ids],
            "probability": taken.candidate_probability[row],
        }
    )


def most_open_position(run: TextRun, *, step: int) -> int | None:
    """The masked position with the highest entropy before a step, to look at first."""
    taken = run.steps[step]
    if len(taken.masked) == 0:
        return None
    return int(taken.masked[int(np.argmax(taken.entropy_nats))])


def corruption_table(run: CorruptionRun) -> pd.DataFrame:
    """One row a level and position of a forward process."""
    start = run.words(0)
    words = {s.index: start if run.masked_kernel else run.words(s.index) for s in run.steps}
    return pd.DataFrame(
        {
            "level": step.index,
            "mask_probability": step.mask_probability,
            "position": position,
            "token": words[step.index][position],
            "masked": bool(step.masked[position]),
        }
        for step in run.steps
        for position in range(len(start))
    )


def half_masked(run: CorruptionRun) -> int:
    """The step of a forward process whose share of masked positions is nearest to a half."""
    return min(range(len(run.steps)), key=lambda i: abs(float(run.steps[i].masked.mean()) - 0.5))
