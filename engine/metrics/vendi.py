"""The Vendi score: how many different things a set holds, from its similarities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def vendi_score(similarity: NDArray[np.floating]) -> float:
    """exp of the von Neumann entropy of K / n for a similarity matrix K [n, n] with K_ii = 1.

    From 1 (all the same) to n (nothing alike). Friedman and Dieng 2022, arXiv:2210.02410, eq. 3.
    Raises ValueError for a matrix that is not square, symmetric and of unit diagonal.
    """
    k = np.asarray(similarity, np.float64)
    if k.ndim != 2 or k.shape[0] != k.shape[1] or len(k) == 0:
        raise ValueError(f"similarity must be a square matrix, got shape {k.shape}")
    if not np.allclose(k, k.T, atol=1e-6) or not np.allclose(np.diag(k), 1, atol=1e-6):
        raise ValueError("similarity must be symmetric with ones on its diagonal")
    return effective_number(k)


def effective_number(similarity: NDArray[np.floating]) -> float:
    """``vendi_score`` of a matrix that is known to be one of similarities: nothing is checked."""
    eigenvalues = np.linalg.eigvalsh(np.asarray(similarity, np.float64) / len(similarity))
    positive = eigenvalues[eigenvalues > 1e-12]
    return float(np.exp(-(positive * np.log(positive)).sum()))
