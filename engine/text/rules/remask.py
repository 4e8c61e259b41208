"""The reverse process that may take back what it wrote."""

from __future__ import annotations

import numpy as np
import torch

from engine.text.noise_schedule import NoiseSchedule
from engine.text.rules.situation import Decision, Situation


def remask(seen: Situation) -> Decision:
    """ReMDM (Wang et al. 2025, 2503.00307, eq. 5): the ancestral step with remasking at sigma.

    A token that the sampler wrote goes back to [MASK] with probability sigma; a masked position
    is revealed with probability (alpha_s - (1 - sigma) alpha_t) / (1 - alpha_t). With
    sigma_max = min(1, (1 - alpha_s) / alpha_t), the paper's strategies (section 4.1) are

    - cap: sigma = min(eta, sigma_max);
    - rescale: sigma = eta sigma_max;
    - conf: sigma of a position = sigma_max exp(-psi) / sum of exp(-psi), psi its confidence when
      it was revealed; 0 for a masked position. The sum here is over what the sampler wrote: words
      of a template, and what a fork wrote, are given, and never taken back.

    With ``t_on`` there is a loop phase (ReMDM-loop, section 4.2): time 1 to t_on goes from nothing
    to alpha_on of the text, without remasking; from t_on to t_off alpha stays at alpha_on, and the
    strategy above takes tokens back to be written anew; from t_off to 0 the rest is written,
    without remasking. A step belongs to the phase of the time it begins at.

    alpha(0) = 1: the last step reveals the rest and takes nothing back. What a step reveals is
    not taken back by the same step.

    Draws one uniform number in float64 for each position that may be revealed, then one for each
    that may be taken back, both in ascending order.
    """
    spec = seen.spec
    (masked_t, masked_s), looping = (seen.noise, True) if spec.t_on is None else _phase(seen)
    kept_t = 1 - masked_t
    most = min(1.0, masked_s / kept_t) if kept_t > 0 else 1.0
    if spec.remasking == "conf":
        weights = np.exp(-seen.sureness.astype(np.float64))
        sigma_masked, sigma = 0.0, most * weights / (weights.sum() or 1.0)
    else:
        sigma_masked = min(spec.eta, most) if spec.remasking == "cap" else spec.eta * most
        sigma = np.full(len(seen.written), sigma_masked)
    if not looping:
        sigma_masked, sigma = 0.0, np.zeros(len(seen.written))
    chance = (masked_t - masked_s + sigma_masked * kept_t) / masked_t
    reveals = _drawn(seen, len(seen.rows)) < chance
    takes = _drawn(seen, len(seen.written)) < sigma
    order = seen.surest_first(seen.of_rows(seen.proposal.confidence))
    return Decision(order[np.isin(order, seen.rows[reveals])], seen.written[takes])


def _phase(seen: Situation) -> tuple[tuple[float, float], bool]:
    """([MASK]'s probability before and after the step, whether it is one of the loop)."""
    spec, mask = seen.spec, NoiseSchedule(seen.spec.schedule).mask_probability
    begins, ends = spec.t_on or 0.0, spec.t_off
    # 1 - 9 / 20 is a little more than 0.55
    before, after = (round(time, 12) for time in seen.times)

    def masked(time: float) -> float:
        if time > begins:
            return 1 - spec.alpha_on * (1 - mask((time - begins) / (1 - begins)))
        if time > ends:
            return 1 - spec.alpha_on
        return (1 - spec.alpha_on) * mask(time / ends) if time else 0.0

    return (masked(before), masked(after)), begins >= before > ends


def _drawn(seen: Situation, count: int) -> np.ndarray:
    drawn = torch.rand(count, generator=seen.generator, dtype=torch.float64)
    return np.asarray(drawn.numpy())
