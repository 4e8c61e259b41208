"""As many at once as are safe: the number of steps is a result. None of these draws.

They read the untempered model (Fast-dLLM's and the EB-sampler's own choice), reveal at least one
position a step, and the last step reveals the rest.
"""

from __future__ import annotations

import numpy as np

from engine.chain.records import Ints
from engine.text.proposals import rank
from engine.text.rules.situation import Decision, Situation


def threshold(seen: Situation) -> Decision:
    """Every position whose token has probability >= threshold, else the surest one.

    Fast-dLLM, Wu et al. 2025, 2505.22618, algorithm 1 (confidence-aware parallel decoding).
    """
    sure, order = _by_probability(seen)
    count = int((sure >= np.float32(seen.spec.threshold)).sum())
    return _reveal(seen, order, count)


def factor(seen: Situation) -> Decision:
    """The n surest, for the largest n with (n + 1) (1 - c_n) < factor; c_n is the n-th surest.

    Fast-dLLM, Wu et al. 2025, 2505.22618, section 3.3 and theorem 1 (factor-based decoding): where
    it holds with factor 1, the greedy parallel choice is that of the joint distribution.
    """
    sure, order = _by_probability(seen)
    products = (np.arange(1, len(sure) + 1) + 1) * (1 - sure.astype(np.float64))
    return _reveal(
        seen, order, int(np.flatnonzero(products < seen.spec.factor).max(initial=-1)) + 1
    )


def entropy_bound(seen: Situation) -> Decision:
    """The longest beginning U of the order with sum of H over U - largest H in U <= bound, in nats.

    EB-sampler, Ben-Hamu et al. 2025, 2505.24857, eq. 7: what is left of the sum bounds the mutual
    information of the positions, the price of drawing them at once. The spec's order is its error
    proxy (confidence, margin or entropy; ``random`` draws one number a masked position).
    """
    order = rank(seen.spec.order, seen.proposal, seen.prediction, seen.generator)
    order = order[np.isin(order, seen.rows)]
    entropies = seen.prediction.entropy_nats.numpy()[order].astype(np.float64)
    beyond = np.cumsum(entropies) - np.maximum.accumulate(entropies)
    fits = beyond <= seen.spec.entropy_bound  # never falls: a beginning fits, or none does
    return _reveal(seen, order, int(fits.sum()))


def _by_probability(seen: Situation) -> tuple[np.ndarray, Ints]:
    """([m] the model's probability of each held token, highest first; the rows in that order)."""
    values = seen.of_rows(seen.proposal.probability)
    order = seen.surest_first(values)
    return seen.proposal.probability.numpy()[order], order


def _reveal(seen: Situation, order: Ints, count: int) -> Decision:
    return Decision(order if seen.last else order[: max(1, count)])
