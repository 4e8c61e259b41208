"""What a rule sees at a step, and what it says should become of the text."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from engine.chain.records import Floats, Ints
from engine.text.noise_schedule import NoiseSchedule
from engine.text.proposals import Prediction, Proposal
from engine.text.spec import TextSpec


@dataclass(frozen=True, slots=True)
class Situation:
    """A step of one run: m positions may be revealed, of all that the step has proposals for.

    ``step`` of ``steps`` counts from 1 within the block that is being written, or in the run.
    """

    spec: TextSpec
    rows: Ints  # [m] which rows of proposal and prediction may be revealed, ascending
    proposal: Proposal
    prediction: Prediction
    step: int
    steps: int
    masks_at_start: int  # positions that were masked before step 1
    written: Ints  # [r] positions that may be taken back or changed, ascending
    sureness: Floats  # [r] the sampler's confidence in them when each was revealed
    generator: torch.Generator | None
    asked: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # [n] of every proposal
    tokens: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # [n] what stands there

    @property
    def last(self) -> bool:
        """Whether nothing may stay masked after this step."""
        return self.step >= self.steps

    @property
    def noise(self) -> tuple[float, float]:
        """The probability of [MASK], 1 - alpha, before this step (time t) and after it (s)."""
        mask = NoiseSchedule(self.spec.schedule).mask_probability
        before, after = self.times
        return mask(before), mask(after)

    @property
    def times(self) -> tuple[float, float]:
        """The time before this step (t) and after it (s), from 1 down to 0."""
        return 1 - (self.step - 1) / self.steps, max(0.0, 1 - self.step / self.steps)

    def of_rows(self, values: Tensor) -> Tensor:
        """[m] values of the rows that may be revealed."""
        return values[torch.from_numpy(self.rows.astype(np.int64))]

    def surest_first(self, values: Tensor) -> Ints:
        """[m] rows by their values [m], the highest first; ties go to the earlier position."""
        ranked: Ints = self.rows[torch.argsort(values, descending=True, stable=True).numpy()]
        return ranked


@dataclass(frozen=True, slots=True)
class Decision:
    """What a step does: rows to write, the first to go first, and positions to mask again."""

    rows: Ints
    taken_back: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
