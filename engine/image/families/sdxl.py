"""Stable Diffusion XL (Podell et al. 2023, 2307.01952)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.image.families.family import Row
from engine.image.families.unet import UNetFamily


class StableDiffusionXL(UNetFamily):
    """A ``StableDiffusionXLPipeline``: two text encoders, a pooled embedding and time ids."""

    PIPELINE = "StableDiffusionXLPipeline"
    OPTIONS: ClassVar[Mapping[str, Any]] = {"add_watermarker": False}
    HEEDS_FORCE_UPCAST = True

    @torch.inference_mode()
    def encode_prompt(self, prompt: str, *, negative: bool) -> tuple[Tensor, Tensor | None]:
        """(embedding [1, token, dimension], pooled [1, dimension]) of one prompt.

        An empty negative prompt is of its own: zeros where the pipeline's config says so.
        """
        if not negative:
            embeddings = self.pipe.encode_prompt(
                prompt, device=self.device, do_classifier_free_guidance=False
            )
            return embeddings[0], embeddings[2]
        embeddings = self.pipe.encode_prompt("", device=self.device, negative_prompt=prompt or None)
        return embeddings[1], embeddings[3]

    def added_conditions(self, rows: Sequence[Row], batch: Tensor) -> dict[str, Tensor] | None:
        """The pooled embeddings [n, dimension], and [n, 6] original size, crop and target size."""
        height, width = (side * self.facts.vae_scale for side in batch.shape[-2:])
        ids = torch.tensor([[height, width, 0, 0, height, width]], dtype=self.dtype)
        pooled = [row.condition.pooled for row in rows if row.condition.pooled is not None]
        return {
            "text_embeds": torch.cat(pooled),
            "time_ids": ids.repeat(len(rows), 1).to(self.device),
        }

    def latents_of(self, encoded: Tensor) -> Tensor:
        """Standardised, where the autoencoder's latents have a mean and a deviation."""
        if not self.facts.latent_statistics:
            return super().latents_of(encoded)
        mean, deviation = self._statistics(encoded)
        return (encoded - mean) * float(self.pipe.vae.config.scaling_factor) / deviation

    def unscaled(self, latents: Tensor) -> Tensor:
        """``latents_of`` undone."""
        if not self.facts.latent_statistics:
            return super().unscaled(latents)
        mean, deviation = self._statistics(latents)
        return latents * deviation / float(self.pipe.vae.config.scaling_factor) + mean

    def _statistics(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """(mean, deviation) [1, C, 1, 1] of the autoencoder's latents."""
        config = self.pipe.vae.config
        mean, deviation = (
            torch.tensor(given).view(1, -1, 1, 1).to(like.device, like.dtype)
            for given in (config.latents_mean, config.latents_std)
        )
        return mean, deviation
