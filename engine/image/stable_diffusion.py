"""A Stable Diffusion pipeline's parts, called the way diffusers calls them, in any batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.image.memory import RowBudget
from engine.image.records import Pixels
from engine.models.pipeline_folder import PipelineFacts, uses_latent_statistics


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A prompt as the U-Net takes it; ``name`` tells two conditions apart."""

    name: str
    embedding: Tensor  # [1, token, dimension]
    pooled: Tensor | None  # [1, dimension], SDXL only


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One sample for the U-Net: scaled latents [1, C, h, w], a timestep and a condition.

    ``state`` names latents and timestep: the key of the step before, and which evaluation it is.
    """

    latents: Tensor
    timestep: Tensor  # []
    condition: Condition
    state: str
    guidance: float | None = None  # for models that take the scale as an input

    @property
    def name(self) -> tuple[str, str, float | None]:
        """Equal for rows that have the same answer."""
        return self.state, self.condition.name, self.guidance


@dataclass
class StableDiffusion:
    """A loaded pipeline; counts the samples its U-Net was run on (``model_calls``) and its calls.

    Rows of a batch that are equal are evaluated once. A batch that does not fit is halved.
    """

    pipe: Any
    facts: PipelineFacts
    fingerprint: str
    device: torch.device
    dtype: torch.dtype
    tuning: frozenset[str] = frozenset()
    budget: RowBudget = field(default_factory=RowBudget)
    model_calls: int = 0
    unet_calls: int = 0
    sliced: bool = False

    @property
    def precision(self) -> str:
        """``float32`` or ``float16``."""
        return str(self.dtype).removeprefix("torch.")

    @property
    def embeds_guidance(self) -> bool:
        """Whether the U-Net takes the guidance scale as an input, as consistency models do.

        Such a model is called once a step, without an unconditional row (Luo et al. 2023,
        2310.04378).
        """
        return self.pipe.unet.config.time_cond_proj_dim is not None

    def latents_shape(self, width: int, height: int) -> tuple[int, int, int, int]:
        """[1, C, h, w] of the latents of a picture of that many pixels."""
        scale = self.facts.vae_scale
        return 1, self.latent_channels, height // scale, width // scale

    @property
    def latent_channels(self) -> int:
        """C of the latents [1, C, h, w]."""
        return int(self.pipe.unet.config.in_channels)

    @torch.inference_mode()
    def condition(self, prompt: str, *, negative: bool) -> tuple[Tensor, Tensor | None]:
        """(embedding [1, token, dimension], pooled [1, dimension] for SDXL) of one prompt.

        A prompt of more tokens than the model reads is cut; ``lost_words`` tells of it.
        """
        if self.facts.family == "sd":
            return self.pipe.encode_prompt(prompt, self.device, 1, False)[0], None
        if not negative:
            found = self.pipe.encode_prompt(
                prompt, device=self.device, do_classifier_free_guidance=False
            )
            return found[0], found[2]
        # SDXL has an empty negative prompt of its own: zeros where its config says so
        found = self.pipe.encode_prompt("", device=self.device, negative_prompt=prompt or None)
        return found[1], found[3]

    def slice_attention(self, wanted: bool) -> None:
        """Attention in slices: less memory, other bits."""
        if wanted != self.sliced:
            (
                self.pipe.enable_attention_slicing
                if wanted
                else self.pipe.disable_attention_slicing
            )()
            self.sliced = wanted

    @torch.inference_mode()
    def predict_exactly(self, rows: Sequence[Row]) -> list[Tensor]:
        """[1, C, h, w] for each row of one run, in the one call that diffusers would make."""
        batch = torch.cat([row.latents for row in rows])
        return list(self._unet(batch, rows[0].timestep, rows).split(1))

    def predict(self, rows: Sequence[Row]) -> list[Tensor]:
        """[1, C, h, w] for each row: equal rows once, the rest batched within the budget.

        Raises ComputationError when not even one row fits in memory.
        """
        unique = {row.name: row for row in rows}
        answers = self.budget.run(list(unique.values()), self._predict_together)
        found = dict(zip(unique, answers, strict=True))
        return [found[row.name] for row in rows]

    @torch.inference_mode()
    def _predict_together(self, rows: Sequence[Row]) -> list[Tensor]:
        batch = torch.cat([row.latents for row in rows])
        timesteps = torch.stack([row.timestep.to(torch.float32) for row in rows])
        return list(self._unet(batch, timesteps, rows).split(1))

    def _unet(self, batch: Tensor, timestep: Tensor, rows: Sequence[Row]) -> Tensor:
        embeddings = torch.cat([row.condition.embedding for row in rows])
        answer: Tensor = self.pipe.unet(
            batch,
            timestep.to(self.device),
            encoder_hidden_states=embeddings,
            timestep_cond=self._guidance(rows),
            added_cond_kwargs=self._added(rows, batch),
            return_dict=False,
        )[0]
        self.model_calls += len(rows)
        self.unet_calls += 1
        return answer

    def _guidance(self, rows: Sequence[Row]) -> Tensor | None:
        if not self.embeds_guidance:
            return None
        scales = torch.tensor([(row.guidance or 1.0) - 1 for row in rows])
        width = int(self.pipe.unet.config.time_cond_proj_dim)
        found: Tensor = self.pipe.get_guidance_scale_embedding(scales, embedding_dim=width)
        return found.to(self.device, self.dtype)

    def _added(self, rows: Sequence[Row], batch: Tensor) -> dict[str, Tensor] | None:
        if self.facts.family != "sdxl":
            return None
        height, width = (side * self.facts.vae_scale for side in batch.shape[-2:])
        ids = torch.tensor([[height, width, 0, 0, height, width]], dtype=self.dtype)
        pooled = [row.condition.pooled for row in rows if row.condition.pooled is not None]
        return {
            "text_embeds": torch.cat(pooled),
            "time_ids": ids.repeat(len(rows), 1).to(self.device),
        }

    @torch.inference_mode()
    def encode_picture(self, picture: Image.Image) -> Tensor:
        """[1, 2C, h, w] mean and log-variance of the latents of an RGB picture.

        [1, C, h, w] the latents themselves where the autoencoder gives no distribution.
        """
        # stacked, then turned: the strides that diffusers gets, and by them its bits
        pixels = torch.from_numpy(np.stack([np.asarray(picture, np.float32) / 255.0]))
        sample = (2.0 * pixels.permute(0, 3, 1, 2) - 1.0).to(self.device, self.pipe.vae.dtype)
        encoded = self.pipe.vae.encode(sample)
        found: Tensor = (
            encoded.latent_dist.parameters if hasattr(encoded, "latent_dist") else encoded.latents
        )
        return found

    def latents_of(self, encoded: Tensor) -> Tensor:
        """Latents as the U-Net knows them of what the autoencoder's encoder gave."""
        factor = float(self.pipe.vae.config.scaling_factor)
        if (statistics := self._statistics(encoded)) is not None:
            mean, deviation = statistics
            return (encoded - mean) * factor / deviation
        return factor * encoded

    def _unscaled(self, latents: Tensor) -> Tensor:
        """``latents_of`` undone."""
        factor = float(self.pipe.vae.config.scaling_factor)
        if (statistics := self._statistics(latents)) is not None:
            mean, deviation = statistics
            return latents * deviation / factor + mean
        return latents / factor

    def _statistics(self, like: Tensor) -> tuple[Tensor, Tensor] | None:
        """(mean, deviation) [1, C, 1, 1] of the autoencoder's latents, where it has its own."""
        config = self.pipe.vae.config
        if not uses_latent_statistics(config, self.facts.family):
            return None
        mean, deviation = (
            torch.tensor(given).view(1, -1, 1, 1).to(like.device, like.dtype)
            for given in (config.latents_mean, config.latents_std)
        )
        return mean, deviation

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> list[Pixels]:
        """[height, width, 3] uint8 pictures of latents [n, C, h, w]; halves what will not fit."""
        vae = self.pipe.vae

        def together(some: Sequence[Tensor]) -> list[Pixels]:
            plain = self._unscaled(torch.cat(list(some)).to(self.device, vae.dtype))
            unit = (vae.decode(plain, return_dict=False)[0] / 2 + 0.5).clamp(0, 1)
            pixels = unit.cpu().permute(0, 2, 3, 1).float().numpy()
            return list((pixels * 255).round().astype(np.uint8))

        return self.budget.run(list(latents.split(1)), together)
