"""The true reverse process of absorbing-state diffusion: how many is left to chance."""

from __future__ import annotations

import numpy as np
import torch

from engine.text.rules.situation import Decision, Situation


def ancestral(seen: Situation) -> Decision:
    """Reveals each masked position with probability (alpha_s - alpha_t) / (1 - alpha_t).

    The posterior q(z_s | z_t = [MASK], x) of absorbing D3PM (Austin et al. 2021, 2107.03006) as
    MDLM (Sahoo et al. 2024, 2406.07524, eq. 7) and MD4 (Shi et al. 2024, 2406.04329, eq. 3) write
    it, from t = 1 - (step - 1) / steps to s = 1 - step / steps; alpha(0) = 1, so the last step
    reveals the rest. What is revealed never changes (no remasking). The tokens come from the whole
    tempered categorical, or what top-k and top-p leave of it, by Gumbel noise in float64: in
    float32 it is cut off near 17 and rare tokens lose (Zheng et al. 2024, 2409.02908).

    Draws one uniform number in float64 for each position that may be revealed, in ascending order.
    """
    before, after = seen.noise
    chance = (before - after) / before  # after the last step nothing is masked: 1
    drawn = torch.rand(len(seen.rows), generator=seen.generator, dtype=torch.float64)
    chosen = (drawn < chance).numpy()
    order = seen.surest_first(seen.of_rows(seen.proposal.confidence))
    return Decision(order[np.isin(order, seen.rows[chosen])])
