"""How close two pictures are: PSNR, and SSIM as defined by Wang et al. (2004)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]  # [picture, y, x, 3]

WINDOW, SIGMA = 11, 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr_db(first: Pictures, second: Pictures) -> NDArray[np.float64]:
    """Peak signal-to-noise ratio of every pair, in dB."""
    error = (first.astype(np.float64) - second.astype(np.float64)) ** 2
    return np.asarray(10 * np.log10(255.0**2 / np.maximum(error.mean(axis=(1, 2, 3)), 1e-10)))


def ssim(first: Pictures, second: Pictures) -> NDArray[np.float64]:
    """Structural similarity of every pair: 11 x 11 Gaussian windows, mean over the channels."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a = _blurred(a * a) - mean_a**2
    variance_b = _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + C1) * (2 * covariance + C2)
    likeness /= (mean_a**2 + mean_b**2 + C1) * (variance_a + variance_b + C2)
    return np.asarray(likeness.mean(axis=(1, 2, 3)))


def _blurred(pictures: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Gaussian blur over y and x, valid part only."""
    offset = np.arange(WINDOW) - WINDOW // 2
    kernel = np.exp(-(offset**2) / (2 * SIGMA**2))
    kernel /= kernel.sum()
    for axis in (1, 2):
        windows = np.lib.stride_tricks.sliding_window_view(pictures, WINDOW, axis=axis)
        pictures = windows @ kernel
    return pictures
