"""A fixed share of what is masked: the classic recipe."""

from __future__ import annotations

import numpy as np

from engine.text.keys import share
from engine.text.proposals import rank
from engine.text.rules.situation import Decision, Situation


def quota(seen: Situation) -> Decision:
    """The first ``share`` positions by the spec's order (MaskGIT, Chang et al. 2022, 2202.04200).

    Linear: max(1, floor(m / (steps - s))) of m masks at step s. Cosine: what leaves
    ceil(cos(pi r / 2) M) of the M masks of the start at r = step / steps: few first, many at the
    end. Draws only for the order ``random``, one number a masked position.
    """
    order = rank(seen.spec.order, seen.proposal, seen.prediction, seen.generator)
    count = share(seen.spec.schedule, len(seen.rows), seen.step, seen.steps, seen.masks_at_start)
    return Decision(order[np.isin(order, seen.rows)][:count])
