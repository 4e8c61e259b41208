"""Where several runs part: agreement of every pair at every step. Arrays in, arrays out.

Runs may have different numbers of steps. One that has ended keeps its last state, so that every
run has a state at every step of the longest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.chain.records import Floats, Ints
from engine.metrics.latent_trajectory import rms
from engine.text.records import TextRun

Pairs = NDArray[np.float64]  # [step, run, run], symmetric in the runs
Parted = NDArray[np.int64]  # [run, run], symmetric
Number = TypeVar("Number", np.int32, np.float32)


def tokens_over_steps(runs: Sequence[TextRun]) -> Ints:
    """[run, step, position] the tokens of runs after every step, the start included.

    Raises ValueError for no runs, runs without a step, and texts of different lengths.
    """
    return _stacked([[step.tokens for step in run.steps] for run in runs])


def token_agreement(tokens: Ints) -> Pairs:
    """[step, run, run] the share of positions with equal tokens; ``tokens`` [run, step, position].

    A mask is a token like any other: two masked positions agree.
    """
    return _of_pairs(tokens, lambda one, others: (others == one).mean(axis=-1))


def latent_rms(latents: Floats) -> Pairs:
    """[step, run, run] root mean square difference of latents [run, step, ...], in their units.

    Exactly 0 where two runs are the same to the bit; two independent draws of unit variance are
    at about 1.41.
    """
    return _of_pairs(latents, lambda one, others: rms(others - one, axis=-1))


def latent_cosine(latents: Floats) -> Pairs:
    """[step, run, run] cosine between latents [run, step, ...]; nan where one is all zeros."""

    def cosine(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
        scale = np.linalg.norm(others, axis=-1) * np.linalg.norm(one)
        cosines = np.full(len(others), np.nan)
        np.divide(others @ one, scale, out=cosines, where=scale > 0)
        return cosines

    return _of_pairs(latents, cosine)


def first_divergence(states: Ints | Floats) -> Parted:
    """[run, run] the first step at which two runs' states differ in any bit; -1: they never do.

    ``states`` is [run, step, ...]: tokens or latents. They may meet again afterwards.
    """
    count = len(states)
    steps = np.full((count, count), -1, np.int64)
    for one in range(count):
        for other in range(one + 1, count):
            differs = (states[one] != states[other]).reshape(states.shape[1], -1).any(axis=1)
            if differs.any():
                steps[one, other] = steps[other, one] = int(differs.argmax())
    return steps


def parting_steps(likeness: Pairs, alike: float) -> Parted:
    """[run, run] the step from which on two runs stay less than so much alike; -1: they end alike.

    ``likeness`` is [step, run, run]; a nan is no difference.
    """
    apart = likeness < alike
    stay = np.logical_and.accumulate(apart[::-1])[::-1]  # [step, ...] apart from here to the end
    steps: Parted = np.where(stay.any(axis=0), stay.argmax(axis=0), -1)
    np.fill_diagonal(steps, -1)
    return steps


def shared_steps(chains: Sequence[Sequence[str]]) -> int:
    """How many steps some chains of keys share from the start on; -1 when not even the start.

    Steps of one key are one and the same stored payload. Raises ValueError without any chain.
    """
    if not chains:
        raise ValueError("chains must be at least 1, got 0")
    count = 0
    for at_one_step in zip(*chains, strict=False):
        if len(set(at_one_step)) > 1:
            break
        count += 1
    return count - 1


def _of_pairs(
    states: Ints | Floats,
    compare: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
) -> Pairs:
    """``compare`` takes one run's state [n] and several others' [m, n] and gives [m]."""
    count, steps = states.shape[:2]
    pairs = np.zeros((steps, count, count))
    for step in range(steps):
        # float64, and one step at a time: 64 runs of 50 large steps do not fit twice
        at = states[:, step].reshape(count, -1).astype(np.float64)
        for one in range(count):
            values = compare(at[one], at[one:])
            pairs[step, one, one:] = pairs[step, one:, one] = values
    return pairs


def _stacked(runs: Sequence[Sequence[NDArray[Number]]]) -> NDArray[Number]:
    shapes = {steps[0].shape for steps in runs if steps}
    if not runs or len(shapes) != 1 or not all(runs):
        got = ", ".join(str(shape) for shape in sorted(shapes)) or "none"
        raise ValueError(f"runs must have steps of one shape, got {got} of {len(runs)} runs")
    longest = max(len(steps) for steps in runs)
    return np.stack(
        [np.stack([steps[min(i, len(steps) - 1)] for i in range(longest)]) for steps in runs]
    )
