"""A step back of uniform discrete diffusion: every open word is drawn anew."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.text.noise_schedule import NoiseSchedule
from engine.text.posterior import noised, step_back
from engine.text.proposals import Prediction, Proposal, cut_to_nucleus, gumbel_argmax
from engine.text.spec import TextSpec


def redraw(
    prediction: Prediction,
    logits: Tensor | None,
    tokens: Tensor,
    spec: TextSpec,
    index: int,
    noise: range,
    generator: torch.Generator,
) -> Proposal:
    """The words at the end of step ``index`` for ``tokens`` [m], of the ids of the ``noise``.

    From t = 1 - (index - 1) / steps to s = 1 - index / steps by q(x_s | x_t, x_0) summed over
    x_0 of the model's distribution, tempered and cut (D3PM, Austin et al. 2021, 2107.03006); at
    s = 0 that is the distribution itself. ``corrector`` c mixes it with the marginal,
    (1 - c) q(x_s | x_t, x_0) + c q(x_s | x_0), which has the same marginals at every time: the
    predictor-corrector of Deschenaux et al. 2026 (2602.21185, psi-samplers), one model call all
    the same. c = 0 is without a corrector; with c = 1 nothing but the prediction is kept.

    Draws by Gumbel noise in float64, a number for every position and word. The confidence is the
    tempered and cut probability that the word which is held is the first one: low for noise.
    """
    schedule = NoiseSchedule(spec.schedule)
    kept = 1 - schedule.mask_probability(1 - (index - 1) / spec.steps)
    kept_to = 1 - schedule.mask_probability(max(0.0, 1 - index / spec.steps))
    first = _first(prediction, logits, spec, noise)
    back = step_back(tokens - noise.start, first, kept=kept, kept_to=kept_to)
    if spec.corrector:
        back = (1 - spec.corrector) * back + spec.corrector * noised(first, kept=kept_to)
    drawn = gumbel_argmax(back, generator)
    confidence = first.gather(1, drawn)[:, 0]
    return Proposal(
        drawn[:, 0] + noise.start, confidence, _untempered(prediction, logits, drawn, noise)
    )


def _first(prediction: Prediction, logits: Tensor | None, spec: TextSpec, noise: range) -> Tensor:
    """[m, K] the tempered and cut distribution of x_0 over the words of the noise, float64."""
    if logits is not None:
        words = logits[:, noise.start : noise.stop].double()
        probability = torch.softmax(words / spec.temperature, dim=-1)
        if spec.top_k is None and spec.top_p is None:
            return probability
        best, places = probability.topk(min(spec.top_k or len(noise), len(noise)), dim=-1)
    else:
        width = min(spec.top_k or prediction.logits.shape[1], prediction.logits.shape[1])
        tempered = prediction.logits[:, :width].double() / spec.temperature
        best, places = torch.softmax(tempered, dim=-1), prediction.candidates[:, :width]
        places = places - noise.start
    best = cut_to_nucleus(best, spec.top_p)
    best = best / best.sum(-1, keepdim=True)
    return torch.zeros(len(best), len(noise), dtype=torch.float64).scatter(1, places, best)


def _untempered(
    prediction: Prediction, logits: Tensor | None, drawn: Tensor, noise: range
) -> Tensor:
    """[m] the model's own probability of the drawn words; of the memo, 0 beyond its candidates."""
    if logits is not None:
        words = torch.softmax(logits[:, noise.start : noise.stop].double(), dim=-1)
        return words.gather(1, drawn)[:, 0]
    same = prediction.candidates == drawn + noise.start
    return (prediction.probability.double() * same).sum(-1)
