"""How different are the pictures of a set of seeds? Embeddings or pixels in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.metrics.similarity import Table, Vectors, cosine_table

Pictures = NDArray[np.uint8]  # [n, height, width, 3]

SIGMA = 1.5  # pixels; Wang et al.'s window
RADIUS = 5  # 11 x 11 window
K1, K2 = 0.01, 0.03
LUMA = np.array([0.299, 0.587, 0.114])


def clip_distances(embeddings: Vectors) -> Table:
    """[n, n] 1 - cosine of every two pictures' CLIP embeddings, in [0, 2]."""
    table = 1.0 - cosine_table(embeddings, embeddings)
    np.fill_diagonal(table, 0.0)
    return table


def ssim(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Structural similarity of two pictures [h, w, 3] on luma, in [-1, 1]; 1 for the same picture.

    Wang et al. 2004: 11 x 11 Gaussian window of sigma 1.5, over the positions where the window
    lies inside. Raises ValueError for different sizes or sides under 11 pixels.
    """
    if first.shape != second.shape:
        raise ValueError(f"pictures must have one size, got {first.shape} and {second.shape}")
    if min(first.shape[:2]) < 2 * RADIUS + 1:
        raise ValueError(f"pictures must be at least 11 pixels a side, got {first.shape[:2]}")
    return float(_ssims(_Windowed.of(first @ LUMA), _Windowed.of(second @ LUMA)))


def ssim_table(pictures: Pictures) -> Table:
    """[n, n] structural similarity of every two pictures. Raises as ``ssim`` does."""
    n = len(pictures)
    table = np.ones((n, n))
    if n > 1:
        table[0, 1] = table[1, 0] = ssim(pictures[0], pictures[1])  # checks the size
    every = _Windowed.of(pictures @ LUMA)
    for i in range(1, n):
        table[i, :i] = table[:i, i] = _ssims(every.at(slice(i, i + 1)), every.at(slice(0, i)))
    return table


@dataclass(frozen=True, slots=True, eq=False)
class _Windowed:
    """Luma [..., h, w] with its mean and variance under the window, each worked out once."""

    luma: NDArray[np.float64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    @classmethod
    def of(cls, luma: NDArray[np.float64]) -> _Windowed:
        mean = _blur(luma)
        return cls(luma, mean, _blur(luma * luma) - mean**2)

    def at(self, which: slice) -> _Windowed:
        return _Windowed(self.luma[which], self.mean[which], self.variance[which])


def _ssims(a: _Windowed, b: _Windowed) -> NDArray[np.float64]:
    covariance = _blur(a.luma * b.luma) - a.mean * b.mean
    c1, c2 = (K1 * 255) ** 2, (K2 * 255) ** 2
    likeness = (2 * a.mean * b.mean + c1) * (2 * covariance + c2)
    scale = (a.mean**2 + b.mean**2 + c1) * (a.variance + b.variance + c2)
    ssims: NDArray[np.float64] = (likeness / scale).mean(axis=(-2, -1))
    return ssims


def _blur(values: NDArray[np.float64]) -> NDArray[np.float64]:
    offsets = np.arange(-RADIUS, RADIUS + 1)
    window = np.exp(-(offsets**2) / (2 * SIGMA**2))
    window /= window.sum()
    for axis in (-2, -1):
        spread = np.lib.stride_tricks.sliding_window_view(values, len(window), axis=axis)
        values = spread @ window
    return values
