"""The way back of uniform discrete diffusion, as arithmetic on probabilities. Torch and no more.

Of D3PM with a uniform kernel (Austin et al. 2021, 2107.03006; Hoogeboom et al. 2021, 2102.05379):
with K words and alpha the share of words that are still their own,
q(x_t | x_0) = alpha_t [x_t = x_0] + (1 - alpha_t) / K.
"""

from __future__ import annotations

from torch import Tensor, nn


def step_back(tokens: Tensor, first: Tensor, *, kept: float, kept_to: float) -> Tensor:
    """[m, K] probabilities of the words one step back: q(x_s | x_t, x_0) summed over x_0.

    ``tokens`` [m] are the words at time t, 0 to K - 1; ``first`` [m, K] the model's probabilities
    of x_0. ``kept`` is alpha_t, ``kept_to`` alpha_s of the earlier time s; 1 there gives ``first``.

    q(x_s | x_t, x_0) = q(x_t | x_s) q(x_s | x_0) / q(x_t | x_0), where
    q(x_t | x_s) = a [x_t = x_s] + (1 - a) / K with a = alpha_t / alpha_s.
    """
    words = first.shape[1]
    here = nn.functional.one_hot(tokens, words).to(first)
    weighted = first / (kept * here + (1 - kept) / words)
    spread = (1 - kept_to) / words * weighted.sum(-1, keepdim=True)
    between = kept / kept_to
    likely = between * here + (1 - between) / words
    back = likely * (kept_to * weighted + spread)
    return back / back.sum(-1, keepdim=True)


def noised(first: Tensor, *, kept: float) -> Tensor:
    """[m, K] the marginal q(x_s | x_0) summed over x_0 of probabilities ``first`` [m, K]."""
    return kept * first + (1 - kept) / first.shape[1]
