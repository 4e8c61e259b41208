"""The way a picture takes through latent space. Latents of every step in, curves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """Curves over the steps of a run, the start included; n steps give n + 1 points."""

    norm: Curve  # [n + 1] root mean square of the latents
    step_length: Curve  # [n] root mean square of the move of each step
    cosine_to_final: Curve  # [n + 1] 1 at the end
    straightness: float  # end-to-end distance over the length of the way, in (0, 1]


def rms(values: NDArray[np.floating], axis: int | tuple[int, ...] | None = None) -> Any:
    """The root mean square of some values, or of each of their rows along axes, in their units."""
    return np.sqrt((values**2).mean(axis=axis))


def trajectory(latents: NDArray[np.floating]) -> Trajectory:
    """The trajectory of latents [step, C, h, w]. Raises ValueError for fewer than two points.

    Root mean squares, not norms, so that pictures of any size compare. Latents that grow with
    sigma (Euler, Heun) should be scaled to unit variance first: ``step.latents_scale``.
    """
    if len(latents) < 2:
        raise ValueError(f"a trajectory must have at least 2 points, got {len(latents)}")
    points = np.asarray(latents, np.float64).reshape(len(latents), -1)
    moves = np.diff(points, axis=0)
    lengths = rms(moves, axis=1)
    norms = np.linalg.norm(points, axis=1)
    scale = norms * norms[-1]
    cosine = np.divide(points @ points[-1], scale, out=np.zeros(len(points)), where=scale > 0)
    way = float(lengths.sum())
    end_to_end = float(rms(points[-1] - points[0]))
    return Trajectory(
        norm=rms(points, axis=1),
        step_length=lengths,
        cosine_to_final=cosine,
        straightness=end_to_end / way if way else float("nan"),
    )
