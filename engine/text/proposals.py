"""What the sampler would write at every masked position, and which positions it trusts most.

Two ways to the same proposal: from the whole distribution (the classic recipe, bit for bit), and
from the memoised candidates of a state, which need no model call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.chain.records import Ints
from engine.text.spec import ALWAYS_DRAWS, Order, TextSpec

WIDTH = 64  # candidates kept for a state: the largest top_k the forward memo can serve
SHOWN = 16  # candidates kept in a step


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one forward says of a state's m masked positions, untempered (temperature 1)."""

    candidates: Tensor  # [m, WIDTH] token ids, best first
    logits: Tensor  # [m, WIDTH] float32
    log_normaliser: Tensor  # [m] logsumexp over the allowed vocabulary
    entropy_nats: Tensor  # [m]

    @property
    def probability(self) -> Tensor:
        """[m, WIDTH] model probabilities of the candidates."""
        return (self.logits - self.log_normaliser[:, None]).exp()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The token held for each of m masked positions and the sampler's probability of it."""

    tokens: Tensor  # [m]
    confidence: Tensor  # [m]
    probability: Tensor  # [m] untempered model probability


def allow(logits: Tensor, forbidden: Sequence[int]) -> Tensor:
    """Logits [m, V] with forbidden token ids set to -inf, in a copy."""
    if not forbidden:
        return logits
    logits = logits.clone()
    logits[:, list(forbidden)] = -torch.inf
    return logits


def predict(logits: Tensor) -> Prediction:
    """Reduce logits [m, V] to what is kept of a forward."""
    width = min(WIDTH, logits.shape[1])
    top, candidates = logits.topk(width, dim=-1)
    log_normaliser = logits.logsumexp(-1)
    log_p = logits - log_normaliser[:, None]
    # -inf logits of forbidden tokens: 0 * -inf would be nan
    terms = torch.where(log_p.isinf(), torch.zeros_like(log_p), log_p.exp() * log_p)
    return Prediction(candidates, top, log_normaliser, -terms.sum(-1))


def propose_from_logits(
    logits: Tensor, spec: TextSpec, generator: torch.Generator | None
) -> Proposal:
    """The classic recipe on logits [m, V]: softmax(logits / temperature), then argmax or a draw.

    Top-k renormalises the k best probabilities; the nucleus cut comes after it. The confidence
    is the (renormalised) probability of the token.
    """
    probability = torch.softmax(logits / spec.temperature, dim=-1)
    if generator is None or is_greedy(spec):
        confidence, tokens = probability.max(dim=-1)
    else:
        width = min(spec.top_k or logits.shape[1], logits.shape[1])
        best, candidates = probability.topk(width, dim=-1)
        confidence, tokens = _draw(best, candidates, spec, generator)
    untempered = torch.softmax(logits, dim=-1).gather(1, tokens[:, None])[:, 0]
    return Proposal(tokens, confidence, untempered)


def serves(spec: TextSpec) -> bool:
    """Whether the memoised candidates of a state are enough to sample this spec."""
    if spec.exact or spec.steered:
        return False
    return is_greedy(spec) or (spec.top_k is not None and spec.top_k <= WIDTH)


def is_greedy(spec: TextSpec) -> bool:
    """Whether the held token is always the likeliest one."""
    return spec.top_k is None and spec.top_p is None and not spec.always_draws


def propose_from_candidates(
    prediction: Prediction,
    tempered_normaliser: Tensor,
    spec: TextSpec,
    generator: torch.Generator | None,
) -> Proposal:
    """The same proposal without the whole distribution; needs ``serves(spec)``.

    ``tempered_normaliser`` [m] is logsumexp(logits / temperature) over the allowed vocabulary;
    only greedy reads it.
    """
    tempered = prediction.logits / spec.temperature
    if generator is None or spec.top_k is None:
        best = torch.zeros(len(tempered), dtype=torch.long)
        tokens = prediction.candidates[:, 0]
        confidence = (tempered[:, 0] - tempered_normaliser).exp()
    else:
        width = min(spec.top_k, tempered.shape[1])
        probability = torch.softmax(tempered[:, :width], dim=-1)
        places = torch.arange(width).expand(len(probability), width)
        confidence, best = _draw(probability, places, spec, generator)
        tokens = prediction.candidates.gather(1, best[:, None])[:, 0]
    return Proposal(tokens, confidence, prediction.probability.gather(1, best[:, None])[:, 0])


def _draw(
    probability: Tensor, candidates: Tensor, spec: TextSpec, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    probability = cut_to_nucleus(probability, spec.top_p)
    probability = probability / probability.sum(-1, keepdim=True)
    if spec.rule in ALWAYS_DRAWS:
        drawn = gumbel_argmax(probability, generator)
    else:
        drawn = torch.multinomial(probability, 1, generator=generator)
    return probability.gather(1, drawn)[:, 0], candidates.gather(1, drawn)[:, 0]


def cut_to_nucleus(probability: Tensor, top_p: float | None) -> Tensor:
    """[m, k] probabilities in falling order, with 0 beyond the nucleus of mass ``top_p``."""
    if top_p is None:
        return probability
    before = probability.cumsum(-1) - probability
    nucleus = before < top_p * probability.sum(-1, keepdim=True)
    return torch.where(nucleus, probability, 0)


def gumbel_argmax(
    probability: Tensor, generator: torch.Generator, *, dtype: torch.dtype = torch.float64
) -> Tensor:
    """[m, 1] a draw from each row of probabilities [m, k]: argmax of log p + Gumbel noise.

    In float32 uniform numbers end at 1 - 6e-8 and the noise at 16.6, so tokens of small
    probability win less often than they should: a temperature below the one asked for (Zheng et
    al. 2024, 2409.02908). ``dtype`` is there to show it.
    """
    uniform = torch.rand(probability.shape, generator=generator, dtype=dtype)
    noise = -(-uniform.log()).log()
    return (probability.to(dtype).log() + noise).argmax(dim=-1, keepdim=True)


def rank(
    order: Order, proposal: Proposal, prediction: Prediction, generator: torch.Generator | None
) -> Ints:
    """[m] rows of the masked positions, the first to be revealed first.

    ``margin`` and ``entropy`` read the untempered model; ties go to the earlier position.
    """
    if order == "confidence":
        score = proposal.confidence
    elif order == "margin":
        best = prediction.probability
        score = best[:, 0] - best[:, 1]
    elif order == "entropy":
        score = -prediction.entropy_nats
    elif order == "random":
        score = torch.rand(len(proposal.tokens), generator=generator)
    else:
        score = -torch.arange(len(proposal.tokens), dtype=torch.float32)
    ranked = torch.argsort(score, descending=True, stable=True)
    return ranked.numpy().astype(np.int32)
