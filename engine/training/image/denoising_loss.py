"""What the denoisers are trained on: the error of the predicted noise or velocity, weighted."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import DDIMScheduler
from torch import Tensor

Unet = Any  # a UNet2DConditionModel; diffusers has no types of its own
MIN_SNR = 5.0


def noise_scheduler(prediction: str = "epsilon") -> Any:
    """The schedule of Stable Diffusion 1.5, ready for DDIM."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type=prediction,
    )


def noise_loss(
    model: Unet,
    clean: Tensor,
    context: Tensor,
    alphas: Tensor,
    generator: torch.Generator,
    *,
    prediction: str = "epsilon",
    weighting: str = "min-snr",
    spread: float = 1.0,
) -> Tensor:
    """Squared error of the predicted noise, or velocity, weighted.

    The timesteps are spread evenly (which lowers the variance of the loss), or, with ``spread``
    below 1, the more densely the noisier: at a half, in proportion to t.

    The weight "min-snr" is min(SNR, 5) / SNR ("Min-SNR", Hang et al., 2023), for the velocity of
    Salimans and Ho (2022) min(SNR, 5) / (SNR + 1), which is the same weight of the error in x0:
    without it the nearly clean latents rule the gradient of the noise, and texture is learnt long
    before layout. "uniform" is no weight: for the velocity the very noisy latents then count most,
    where layout is decided and a caption tells most; min-SNR leaves them a hundredth.

    ``clean``: latents [n, channel, y, x], where the generator is; ``context``: text states
    [n, token, width]; ``alphas``: cumulative products [1000].
    """
    count, place = len(clean), generator.device
    strata = (
        torch.arange(count, device=clean.device)
        + torch.rand(count, generator=generator, device=place)
    ) / count
    timesteps = (strata**spread * len(alphas)).long().clamp_(max=len(alphas) - 1)
    noise = torch.randn(clean.shape, generator=generator, device=place)
    kept = alphas[timesteps].view(-1, 1, 1, 1)
    noisy = kept.sqrt() * clean + (1.0 - kept).sqrt() * noise
    noisy = noisy.to(context.device, memory_format=torch.channels_last)
    predicted = model(noisy, timesteps.to(context.device), context).sample
    ratio = alphas[timesteps] / (1.0 - alphas[timesteps])
    if prediction == "v_prediction":
        target = kept.sqrt() * noise - (1.0 - kept).sqrt() * clean
        weights = ratio.clamp(max=MIN_SNR) / (ratio + 1.0)
    else:
        target, weights = noise, ratio.clamp(max=MIN_SNR) / ratio
    if weighting == "uniform":
        weights = torch.ones_like(ratio)
    weights = weights.to(context.device)
    errors = (predicted.float() - target.to(context.device)).square().mean(dim=(1, 2, 3))
    loss: Tensor = (weights * errors).mean()
    return loss
