"""A loaded pipeline, tried once on little: what does not fit together is refused by then."""

from __future__ import annotations

from typing import Any

import torch

from cache.errors import ModelDamaged
from engine.image.stable_diffusion import Condition, Row, StableDiffusion

LEAST_SIDE = 8  # latents


@torch.inference_mode()
def try_once(model: StableDiffusion, name: str) -> None:
    """One prompt, one call of the U-Net and one decode on the smallest latents.

    Raises ModelDamaged where a part gives what the next one cannot take.
    """
    side = max(LEAST_SIDE, 2 ** len(model.pipe.unet.config.down_block_types))
    shape = (1, model.latent_channels, side, side)
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(shape, generator=generator, dtype=model.dtype).to(model.device)
    embedding, pooled = model.condition("a", negative=False)
    condition = Condition("trial", embedding, pooled)
    row = Row(latents, torch.tensor(1), condition, "trial", 1.0 if model.embeds_guidance else None)
    answer = model.predict_exactly([row])[0]
    _check_shape(name, "U-Net", answer, shape)
    pixels = side * model.facts.vae_scale
    decoded = model.decode(latents)[0]
    if decoded.shape != (pixels, pixels, 3):
        height, width, channels = decoded.shape
        raise ModelDamaged(
            f"the autoencoder of {name} makes {width} x {height} pixels of {channels} colours, "
            f"where its config says {pixels} x {pixels} of 3"
        )
    model.model_calls = model.unet_calls = 0


def _check_shape(name: str, part: str, answer: Any, shape: tuple[int, ...]) -> None:
    if tuple(answer.shape) != shape:
        raise ModelDamaged(f"the {part} of {name} gives {list(answer.shape)} for {list(shape)}")
