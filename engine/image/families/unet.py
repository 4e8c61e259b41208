"""What families with a U-Net (Rombach et al. 2022, 2112.10752) have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.image.families.family import ImageFamily, Row


class UNetFamily(ImageFamily):
    """A ``UNet2DConditionModel`` that is called the way diffusers' pipelines call it."""

    DENOISER = "unet"

    @property
    def latent_channels(self) -> int:
        """The channels that the U-Net takes."""
        return int(self.pipe.unet.config.in_channels)

    @property
    def least_side(self) -> int:
        """Latents that are halved once a block."""
        return int(2 ** len(self.pipe.unet.config.down_block_types))

    def predict(self, batch: Tensor, timestep: Tensor, rows: Sequence[Row]) -> Tensor:
        """[n, C, h, w] in one call of the U-Net."""
        answer: Tensor = self.pipe.unet(
            batch,
            timestep.to(self.device),
            encoder_hidden_states=torch.cat([row.condition.embedding for row in rows]),
            timestep_cond=self._guidance(rows),
            added_cond_kwargs=self.added_conditions(rows, batch),
            return_dict=False,
        )[0]
        return answer

    @abstractmethod
    def added_conditions(self, rows: Sequence[Row], batch: Tensor) -> dict[str, Tensor] | None:
        """What is added to the timestep of each row, as the U-Net's ``added_cond_kwargs``."""

    def _guidance(self, rows: Sequence[Row]) -> Tensor | None:
        """[n, dimension] the guidance scales, for a U-Net that takes them."""
        if not self.facts.embeds_guidance:
            return None
        scales = torch.tensor([(row.guidance or 1.0) - 1 for row in rows])
        width = int(self.pipe.unet.config.time_cond_proj_dim)
        embedding: Tensor = self.pipe.get_guidance_scale_embedding(scales, embedding_dim=width)
        return embedding.to(self.device, self.dtype)

    def latents_of(self, encoded: Tensor) -> Tensor:
        """Times the autoencoder's ``scaling_factor``."""
        return float(self.pipe.vae.config.scaling_factor) * encoded

    def unscaled(self, latents: Tensor) -> Tensor:
        """Over the autoencoder's ``scaling_factor``."""
        return latents / float(self.pipe.vae.config.scaling_factor)
