"""A loaded pipeline in any batch: equal rows once, within memory, its calls counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.image.families.family import ImageFamily, Row
from engine.image.memory import RowBudget
from engine.image.records import Pixels
from engine.models.families.facts import PipelineFacts


@dataclass
class ImageDenoiser:
    """A pipeline of any family; counts the samples its denoiser was run on (``model_calls``).

    Rows of a batch that are equal are evaluated once. A batch that does not fit is halved.
    """

    family: ImageFamily
    fingerprint: str
    tuning: frozenset[str] = frozenset()
    budget: RowBudget = field(default_factory=RowBudget)
    model_calls: int = 0
    sliced: bool = False

    @property
    def pipe(self) -> Any:
        """The pipeline of diffusers."""
        return self.family.pipe

    @property
    def facts(self) -> PipelineFacts:
        """What the pipeline's folder says of it."""
        return self.family.facts

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.family.device

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""
        return self.family.dtype

    @property
    def precision(self) -> str:
        """``float32`` or ``float16``."""
        return str(self.dtype).removeprefix("torch.")

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
        return self._call(batch, rows[0].timestep, rows)

    def predict(self, rows: Sequence[Row]) -> list[Tensor]:
        """[1, C, h, w] for each row: equal rows once, the rest batched within the budget.

        Raises ComputationError when not even one row fits in memory.
        """
        unique = {row.name: row for row in rows}
        answers = self.budget.run(list(unique.values()), self._predict_together)
        by_name = dict(zip(unique, answers, strict=True))
        return [by_name[row.name] for row in rows]

    @torch.inference_mode()
    def _predict_together(self, rows: Sequence[Row]) -> list[Tensor]:
        batch = torch.cat([row.latents for row in rows])
        timesteps = torch.stack([row.timestep.to(torch.float32) for row in rows])
        return self._call(batch, timesteps, rows)

    def _call(self, batch: Tensor, timestep: Tensor, rows: Sequence[Row]) -> list[Tensor]:
        answer = self.family.predict(batch, timestep, rows)
        self.model_calls += len(rows)
        return list(answer.split(1))

    @torch.inference_mode()
    def encode_picture(self, picture: Image.Image) -> Tensor:
        """[1, 2C, h, w] mean and log-variance of the latents of an RGB picture.

        [1, C, h, w] the latents themselves where the autoencoder gives no distribution.
        """
        # stacked, then turned: the strides that diffusers gets, and by them its bits
        pixels = torch.from_numpy(np.stack([np.asarray(picture, np.float32) / 255.0]))
        sample = (2.0 * pixels.permute(0, 3, 1, 2) - 1.0).to(self.device, self.pipe.vae.dtype)
        encoded = self.pipe.vae.encode(sample)
        moments: Tensor = (
            encoded.latent_dist.parameters if hasattr(encoded, "latent_dist") else encoded.latents
        )
        return moments

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> list[Pixels]:
        """[height, width, 3] uint8 pictures of latents [n, C, h, w]; halves what will not fit."""
        vae = self.pipe.vae

        def together(some: Sequence[Tensor]) -> list[Pixels]:
            plain = self.family.unscaled(torch.cat(list(some)).to(self.device, vae.dtype))
            unit = (vae.decode(plain, return_dict=False)[0] / 2 + 0.5).clamp(0, 1)
            pixels = unit.cpu().permute(0, 2, 3, 1).float().numpy()
            return list((pixels * 255).round().astype(np.uint8))

        return self.budget.run(list(latents.split(1)), together)
