"""How alike are prompts and pictures in CLIP's space? Embeddings in, cosines out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.floating]  # [n, dimension]
Table = NDArray[np.float64]

CLIP_SCORE_WEIGHT = 100.0


def cosine_table(first: Vectors, second: Vectors) -> Table:
    """[n, m] cosines between the rows of two sets. Raises ValueError for other dimensions."""
    a, b = unit(first), unit(second)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"embeddings must have one dimension, got {a.shape} and {b.shape}")
    table: Table = (a @ b.T).clip(-1.0, 1.0)
    return table


def clip_scores(texts: Vectors, pictures: Vectors) -> NDArray[np.float64]:
    """[n] max(0, 100 cos) of each prompt with its picture (Hessel et al. 2021, 2104.08718).

    The scale of torchmetrics; Hessel's own weight is 2.5 on the cosine. Compare scores of one
    CLIP model only.
    """
    if len(texts) != len(pictures):
        raise ValueError(f"one text a picture, got {len(texts)} and {len(pictures)}")
    cosines = (unit(texts) * unit(pictures)).sum(axis=1)
    scores: NDArray[np.float64] = CLIP_SCORE_WEIGHT * np.maximum(0.0, cosines)
    return scores


def token_alignment(first: Vectors, second: Vectors) -> Table:
    """[n, m] cosines of two prompts' token states: which word answers to which.

    States are CLIP's projected hidden states; each has seen the words before it, not after it.
    """
    return cosine_table(first, second)


def prompt_shares(cosines: Table, logit_scale: float) -> Table:
    """[prompt, picture] softmax over the prompts of each picture; a picture's shares sum to 1.

    CLIP's zero-shot classification (Radford et al. 2021, 2103.00020): the cosines times the
    model's own ``logit_scale``. A share is relative to the prompts that were given.
    """
    logits = logit_scale * np.asarray(cosines, np.float64)
    weights = np.exp(logits - logits.max(axis=0, keepdims=True))
    shares: Table = weights / weights.sum(axis=0, keepdims=True)
    return shares


def unit(vectors: Vectors) -> Table:
    """Rows of length 1; a row of zeros stays."""
    known = np.asarray(vectors, np.float64)
    norms = np.linalg.norm(known, axis=-1, keepdims=True)
    rows: Table = np.divide(known, norms, out=np.zeros_like(known), where=norms > 0)
    return rows
