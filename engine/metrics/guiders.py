"""Ways to guide: one prediction out of two, the one with the prompt and the one without.

Each is a function of the two stored predictions of one step [C, h, w] and a scale, in float64; at
scale 1 each gives the prediction with the prompt. They are diffusers' guiders
(``diffusers.guiders``) with their usual numbers, but where a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Prediction = NDArray[np.floating]  # [C, h, w]
Guided = NDArray[np.float64]  # [C, h, w]
Space = Literal["prediction", "x0"]  # what a guider is given: the model's own, or predicted x0

APG_ETA = 0.0  # of the parallel part that stays
APG_NORM = 15.0  # the longest an update may be
MAG_ALPHA = 8.0  # how fast a large difference damps the scale
RESCALE = 0.7  # of the rescaled prediction in the mix
BLUR = np.array([1, 4, 6, 4, 1]) / 16  # of a pyramid (Burt and Adelson 1983)


def cfg(cond: Prediction, uncond: Prediction, scale: float) -> Guided:
    """Classifier-free guidance, u + g (c - u) (Ho and Salimans 2022, 2207.12598)."""
    c, u = _pair(cond, uncond)
    return u + scale * (c - u)


def apg(cond: Prediction, uncond: Prediction, scale: float) -> Guided:
    """Adaptive projected guidance, c + (g - 1) d (Sadat et al. 2024, 2410.02416, algorithm 1).

    d is c - u, at most APG_NORM long, without its part parallel to c (eta 0). To be given
    predictions of x0, on which the paper projects. A step alone has no momentum, which the paper
    takes from the steps before: this is its first step, or a momentum of 0.
    """
    c, u = _pair(cond, uncond)
    difference = c - u
    length = np.linalg.norm(difference)
    if length > APG_NORM:
        difference = difference * (APG_NORM / length)
    parallel, orthogonal = _parts(difference, c)
    return np.asarray(c + (scale - 1) * (orthogonal + APG_ETA * parallel))


def apg_parts(cond: Prediction, uncond: Prediction) -> tuple[float, float]:
    """RMS of the parts of cond - uncond parallel and orthogonal to cond, before any rescaling."""
    c, u = _pair(cond, uncond)
    parallel, orthogonal = _parts(c - u, c)
    return float(np.sqrt((parallel**2).mean())), float(np.sqrt((orthogonal**2).mean()))


def cfg_zero_star(cond: Prediction, uncond: Prediction, scale: float) -> Guided:
    """CFG-Zero*: CFG from s u, s = c.u / u.u (Fan et al. 2025, 2503.18886).

    Without its zero-init, which takes the first step's prediction to be 0. The paper has it for
    the velocities of flow models; as in diffusers it takes what the model predicts.
    """
    c, u = _pair(cond, uncond)
    projected = u * float((c * u).sum() / ((u**2).sum() + 1e-8))
    return np.asarray(projected + scale * (c - projected))


def tcfg(cond: Prediction, uncond: Prediction, scale: float) -> Guided:
    """Tangential damping CFG: CFG from u without its lesser direction (2503.18137).

    The directions are the two right singular vectors of the rows c and u; u keeps its part along
    the first (Kwon et al. 2025).
    """
    c, u = _pair(cond, uncond)
    _, _, directions = np.linalg.svd(np.stack([c.ravel(), u.ravel()]), full_matrices=False)
    damped = (directions[0] * float(directions[0] @ u.ravel())).reshape(u.shape)
    return np.asarray(damped + scale * (c - damped))


def fdg(cond: Prediction, uncond: Prediction, scale: float) -> Guided:
    """Frequency-decoupled guidance (Sadat et al. 2025, 2506.19713): coarse parts half as much.

    The fine parts of c - u, a level of a Laplacian pyramid, are guided by g, the coarse by g / 2
    but at least 1: the ratio of diffusers' usual 10 and 5. The pyramid is linear, so u is not
    taken apart: u + g fine(c - u) + g' coarse(c - u). Sides need not be powers of two.
    """
    c, u = _pair(cond, uncond)
    difference = c - u
    rows, columns = (_there_and_back(side) for side in c.shape[1:])
    coarse = rows @ difference @ columns.T
    low = max(1.0, scale / 2) if scale > 1 else scale
    return np.asarray(u + scale * (difference - coarse) + low * coarse)


def mag(cond: Prediction, uncond: Prediction, scale: float) -> Guided:
    """Magnitude-aware guidance (MAMBO-G, 2508.03442): the larger the difference the less of it.

    CFG by 1 + (g - 1) exp(-MAG_ALPHA |c - u| / |u|). The paper has it for flow models; as in
    diffusers it takes what the model predicts.
    """
    c, u = _pair(cond, uncond)
    ratio = float(np.linalg.norm(c - u) / max(float(np.linalg.norm(u)), 1e-12))
    return cfg(c, u, 1 + (scale - 1) * float(np.exp(-MAG_ALPHA * ratio)))


def rescaled_cfg(cond: Prediction, uncond: Prediction, scale: float) -> Guided:
    """CFG with guidance rescale (Lin et al. 2023, 2305.08891, section 3.4).

    RESCALE of the guided prediction brought back to the deviation of c, and the rest as it is.
    """
    c, u = _pair(cond, uncond)
    guided = cfg(c, u, scale)
    deviation = float(guided.std())
    factor = float(c.std()) / deviation if deviation else 1.0
    return np.asarray(guided * (RESCALE * factor + 1 - RESCALE))


@dataclass(frozen=True, slots=True)
class Guider:
    """A way to guide, its paper by its arXiv number, and what it is to be given."""

    name: str
    arxiv: str
    guided: Callable[[Prediction, Prediction, float], Guided]
    space: Space = "prediction"


GUIDERS = (
    Guider("CFG", "2207.12598", cfg),
    Guider("APG", "2410.02416", apg, "x0"),
    Guider("CFG-Zero*", "2503.18886", cfg_zero_star),
    Guider("TCFG", "2503.18137", tcfg),
    Guider("FDG", "2506.19713", fdg),
    Guider("MAG", "2508.03442", mag),
    Guider("Guidance rescale", "2305.08891", rescaled_cfg),
)


def _pair(cond: Prediction, uncond: Prediction) -> tuple[Guided, Guided]:
    """Both in float64. Raises ValueError for two shapes."""
    if cond.shape != uncond.shape or cond.ndim != 3:
        raise ValueError(
            f"predictions must be [C, h, w] of one shape, got {cond.shape} and {uncond.shape}"
        )
    return cond.astype(np.float64), uncond.astype(np.float64)


def _parts(difference: Guided, along: Guided) -> tuple[Guided, Guided]:
    """The part of a difference parallel to a prediction, and the rest (Sadat et al. 2024)."""
    unit = along / max(float(np.linalg.norm(along)), 1e-12)
    parallel = unit * float((difference * unit).sum())
    return parallel, difference - parallel


def _there_and_back(side: int) -> NDArray[np.float64]:
    """[side, side] blur, halve, double, blur: what a pyramid's coarse level keeps along one axis.

    The filter and the bilinear halves and doubles of ``kornia.geometry``'s pyrdown and pyrup,
    edges mirrored.
    """
    half = max(1, side // 2)
    kept: NDArray[np.float64] = (
        _blurred(side) @ _resized(half, side) @ _resized(side, half) @ _blurred(side)
    )
    return kept


def _blurred(side: int) -> NDArray[np.float64]:
    """[side, side] the blur along an axis whose ends are mirrored."""
    there = np.pad(np.arange(side), len(BLUR) // 2, mode="reflect" if side > 1 else "edge")
    blur = np.zeros((side, side))
    for row in range(side):
        np.add.at(blur[row], there[row : row + len(BLUR)], BLUR)
    return blur


def _resized(before: int, after: int) -> NDArray[np.float64]:
    """[after, before] bilinear, as ``interpolate(align_corners=False)`` has it."""
    middle = ((np.arange(after) + 0.5) * before / after - 0.5).clip(0, before - 1)
    low = np.floor(middle).astype(int)
    share, rows = middle - low, np.arange(after)
    resized: NDArray[Any] = np.zeros((after, before))
    np.add.at(resized, (rows, low), 1 - share)
    np.add.at(resized, (rows, np.minimum(low + 1, before - 1)), share)
    return resized
