"""The reverse process that may change what it wrote without masking it first."""

from __future__ import annotations

import numpy as np

from engine.text.rules.parallel import threshold
from engine.text.rules.situation import Decision, Situation


def edit(seen: Situation) -> Decision:
    """Reveals by ``threshold``, and replaces what it wrote where the model now says otherwise.

    LLaDA 2.1 (Bie et al. 2026, 2602.08676): mask to token where p >= threshold (at least one),
    token to token where the proposed token is another and p > edit_threshold, both of one forward
    that sees the tokens as they stand. Words of a template and of a fork are given, and never
    changed. The paper trains its model to judge tokens that it can see; one that was trained on
    masks alone (all the built-in ones) tends to repeat what it sees. Draws nothing.
    """
    rows = np.searchsorted(seen.asked, seen.written).astype(np.int32)
    proposed = seen.proposal.tokens.numpy()[rows]
    sure = seen.proposal.probability.numpy()[rows]
    passed = (proposed != seen.tokens[rows]) & (sure > np.float32(seen.spec.edit_threshold))
    order = np.argsort(-sure[passed], kind="stable")
    return Decision(np.concatenate([threshold(seen).rows, rows[passed][order]]).astype(np.int32))
