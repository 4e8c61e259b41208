"""Pictures of a pipeline for measurements, with how much of them lay beyond white and black."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.training.image.autoencoder import as_pictures, as_tensor

Pictures = NDArray[np.uint8]  # [picture, y, x, 3]


@torch.no_grad()
def drawn(
    pipeline: Any,
    prompts: Sequence[str],
    seeds: Sequence[int],
    *,
    guidance: float,
    steps: int = 25,
    batch: int = 8,
) -> tuple[Pictures, float]:
    """One picture a prompt and seed, and the share of decoded values beyond [-1, 1]."""
    pictures, clipped = [], []
    for k in range(0, len(prompts), batch):
        latents = pipeline(
            list(prompts[k : k + batch]),
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds[k : k + batch]],
            output_type="latent",
        ).images
        decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
        pictures.append(as_pictures(decoded))
        clipped.append(clipped_share(decoded))
    return np.concatenate(pictures), float(np.concatenate(clipped).mean())


def clipped_share(decoded: Tensor) -> NDArray[np.float64]:
    """Of every picture [n, 3, y, x], the share of values beyond [-1, 1], channels counted."""
    beyond = (decoded.abs() > 1.0).double().mean(dim=(1, 2, 3))
    return np.asarray(beyond.cpu().numpy())


@torch.no_grad()
def clipped_of_reconstructions(codec: Any, pictures: Pictures) -> float:
    """The share of values beyond [-1, 1] when renderings themselves are encoded and decoded."""
    device = next(codec.parameters()).device
    shares = [
        clipped_share(codec(as_tensor(pictures[k : k + 32]).to(device)).sample)
        for k in range(0, len(pictures), 32)
    ]
    return float(np.concatenate(shares).mean())
