"""Stable Diffusion 1 and 2, and consistency models made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.image.families.family import Row
from engine.image.families.unet import UNetFamily


class StableDiffusion(UNetFamily):
    """A ``StableDiffusionPipeline``: one text encoder, and nothing beside it."""

    PIPELINE = "StableDiffusionPipeline"
    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }

    @torch.inference_mode()
    def encode_prompt(self, prompt: str, *, negative: bool) -> tuple[Tensor, Tensor | None]:
        """(embedding [1, token, dimension], None); a negative prompt is encoded like any other."""
        return self.pipe.encode_prompt(prompt, self.device, 1, False)[0], None

    def added_conditions(self, rows: Sequence[Row], batch: Tensor) -> dict[str, Tensor] | None:
        """Nothing."""
        return None
