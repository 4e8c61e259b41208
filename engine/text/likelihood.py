"""Pseudo-log-likelihood: how probable is a text to the model, one position hidden at a time?"""

from __future__ import annotations

import numpy as np
import torch

from cache.errors import InvalidInput
from engine.records import Floats, Ints
from engine.text.denoiser import BertDenoiser


def token_log_probabilities(denoiser: BertDenoiser, tokens: Ints) -> Floats:
    """[L] log p(token | the others) in nats, each position masked in turn; L model calls."""
    if (tokens == denoiser.mask_id).any():
        raise InvalidInput("text must hold no [MASK] for a pseudo-log-likelihood")
    states = np.tile(tokens, (len(tokens), 1))
    np.fill_diagonal(states, denoiser.mask_id)
    rows = denoiser.logits(list(states))
    log_p = torch.stack([row[0].log_softmax(-1)[t] for row, t in zip(rows, tokens, strict=True)])
    return log_p.numpy().astype(np.float32)


def pseudo_log_likelihood(denoiser: BertDenoiser, tokens: Ints) -> float:
    """Sum of the token log-probabilities in nats (Salazar et al. 2020, arXiv:1910.14659, eq. 3)."""
    return float(token_log_probabilities(denoiser, tokens).sum())
