"""What did a fork change? A child against its parent, step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.chain.records import Bools, Floats, Ints
from engine.image.records import ImageRun
from engine.metrics.latent_trajectory import rms
from engine.text.records import TextRun


@dataclass(frozen=True, slots=True, eq=False)
class TokenEffects:
    """A text fork against its parent, for every step after ``at`` that both have.

    Where one run ended earlier its last step stands for the rest.
    """

    at: int
    steps: Ints  # [n] the steps compared
    flipped: Bools  # [n, position] the tokens differ, a mask counted as a token
    confidence: Floats  # [n, position] child's minus parent's; nan where not masked in both
    written: Ints  # positions the fork wrote itself
    free: Ints  # positions that were masked after ``at`` and that it did not write

    @property
    def flipped_at_end(self) -> Ints:
        """The positions whose final tokens differ, those the fork wrote left out."""
        changed = np.flatnonzero(self.flipped[-1]).astype(np.int32)
        return np.setdiff1d(changed, self.written).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class LatentEffects:
    """An image fork against its parent by steps; latents in unit variance."""

    steps: Ints  # [n]
    rms: NDArray[np.float64]  # [n] root mean square difference of the latents
    cosine: NDArray[np.float64]  # [n] cosine between the latents


def token_effects(parent: TextRun, child: TextRun, at: int) -> TokenEffects:
    """Which tokens flipped after step ``at``, and how confidences moved.

    Raises ValueError for texts of different lengths, or when nothing after ``at`` is stored.
    """
    if parent.length != child.length:
        raise ValueError(f"runs must have one length, got {parent.length} and {child.length}")
    last = max(len(parent.steps), len(child.steps)) - 1
    if last <= at:
        raise ValueError(f"nothing is stored after step {at}")
    steps = np.arange(at + 1, last + 1, dtype=np.int32)
    confidences = [_filled(run.matrix("confidence"), last) for run in (child, parent)]
    flipped = np.stack([_tokens(child, int(i)) != _tokens(parent, int(i)) for i in steps])
    none = np.zeros(0, np.int32)
    written = np.concatenate([none, *(step.written for step in child.steps[at + 1 : at + 2])])
    free = parent.steps[at].tokens == parent.mask_id
    masked = np.flatnonzero(free if parent.masked_kernel else parent.written_by_it)
    return TokenEffects(
        at=at,
        steps=steps,
        flipped=flipped,
        confidence=(confidences[0] - confidences[1])[at:],
        written=written,
        free=np.setdiff1d(masked, written).astype(np.int32),
    )


def latent_effects(parent: ImageRun, child: ImageRun) -> LatentEffects:
    """How far apart the latents of two runs are after every step that both have."""
    count = min(len(parent.steps), len(child.steps))
    apart, cosine = [], []
    for a, b in zip(parent.steps[:count], child.steps[:count], strict=True):
        first, second = (step.unit_latents(np.float64).ravel() for step in (a, b))
        apart.append(float(rms(first - second)))
        scale = float(np.linalg.norm(first) * np.linalg.norm(second))
        cosine.append(float(first @ second) / scale if scale else float("nan"))
    return LatentEffects(np.arange(count, dtype=np.int32), np.array(apart), np.array(cosine))


def _tokens(run: TextRun, index: int) -> Ints:
    return run.steps[min(index, len(run.steps) - 1)].tokens


def _filled(matrix: Floats, steps: int) -> Floats:
    missing = steps - len(matrix)
    return np.pad(matrix, ((0, missing), (0, 0)), constant_values=np.nan)
