"""A loaded pipeline, tried once on little: what does not fit together is refused by then."""

from __future__ import annotations

from typing import Any

import torch

from cache.errors import ModelDamaged
from engine.image.denoiser import ImageDenoiser
from engine.image.families.family import Condition, Row

LEAST_SIDE = 8  # latents


@torch.inference_mode()
def try_once(model: ImageDenoiser, name: str) -> None:
    """One prompt, one call of the U-Net and one decode on the smallest latents.

    Raises ModelDamaged where a part gives what the next one cannot take.
    """
    side = max(LEAST_SIDE, model.family.least_side)
    shape = (1, model.family.latent_channels, side, side)
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(shape, generator=generator, dtype=model.dtype).to(model.device)
    embedding, pooled = model.family.encode_prompt("a", negative=False)
    condition = Condition("trial", embedding, pooled)
    guidance = model.facts.embedded_guidance(1.0)
    row = Row(latents, torch.tensor(1), condition, "trial", guidance)
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
    model.model_calls = 0


def _check_shape(name: str, part: str, answer: Any, shape: tuple[int, ...]) -> None:
    if tuple(answer.shape) != shape:
        raise ModelDamaged(f"the {part} of {name} gives {list(answer.shape)} for {list(shape)}")
