"""What a judge leaves behind, and the measure that is made of it. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

MOST_NATS = 700.0  # a token; e to more is no float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The log-probability of a text under a model that did not write it.

    A causal model gives that of its tokens in order; a masked one the pseudo-log-likelihood, each
    token given all others (Salazar et al. 2020, 1910.14659). The two are not to be compared.
    """

    nats: float  # summed over the tokens
    tokens: int  # of the judge's own vocabulary

    @property
    def nats_a_token(self) -> float:
        """The mean log-probability of a token; nan for a text without one."""
        return self.nats / self.tokens if self.tokens else float("nan")


def perplexity(judgements: Iterable[Judgement]) -> float:
    """exp of minus the mean log-probability of all tokens; nan without a token."""
    listed = list(judgements)
    tokens = sum(each.tokens for each in listed)
    mean = sum(each.nats for each in listed) / tokens if tokens else float("nan")
    return math.exp(min(-mean, MOST_NATS))
