"""What every family of image denoisers can do: all that differs between loaded pipelines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from engine.models.families.facts import PipelineFacts


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A prompt as the denoiser takes it; ``name`` tells two conditions apart."""

    name: str
    embedding: Tensor  # [1, token, dimension]
    pooled: Tensor | None  # [1, dimension], where the family has one


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One sample for the denoiser: scaled latents [1, C, h, w], a timestep and a condition.

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
class ImageFamily(ABC):
    """A loaded pipeline, called as its family is.

    A family is one file beside this one and one row in ``engine.image.loading.FAMILIES``; what its
    folders say without torch is a file and a row in ``engine.models.pipeline_folder``.
    """

    pipe: Any
    facts: PipelineFacts
    device: torch.device
    dtype: torch.dtype

    PIPELINE: ClassVar[str]  # class of diffusers
    OPTIONS: ClassVar[Mapping[str, Any]] = {}  # of its from_pretrained
    DENOISER: ClassVar[str]  # the component that predicts
    HEEDS_FORCE_UPCAST: ClassVar[bool] = False  # of its autoencoder, which then stays in float32

    @property
    @abstractmethod
    def latent_channels(self) -> int:
        """C of the latents [1, C, h, w]."""

    @property
    @abstractmethod
    def least_side(self) -> int:
        """The smallest latents, each way, that the denoiser can take."""

    @abstractmethod
    def encode_prompt(self, prompt: str, *, negative: bool) -> tuple[Tensor, Tensor | None]:
        """(embedding [1, token, dimension], pooled [1, dimension] if there is one) of one prompt.

        ``negative`` only where ``facts.encodes_negative_apart``. A prompt of more tokens than the
        model reads is cut; ``lost_words`` tells of it.
        """

    @abstractmethod
    def predict(self, batch: Tensor, timestep: Tensor, rows: Sequence[Row]) -> Tensor:
        """[n, C, h, w] what the denoiser says of latents [n, C, h, w], one for each of n rows.

        ``timestep`` is [] for all of them or [n]; conditions and embedded guidance are the rows'.
        """

    @abstractmethod
    def latents_of(self, encoded: Tensor) -> Tensor:
        """Latents as the denoiser knows them of what the autoencoder's encoder gave."""

    @abstractmethod
    def unscaled(self, latents: Tensor) -> Tensor:
        """``latents_of`` undone: what the autoencoder's decoder takes."""

    def latents_shape(self, width: int, height: int) -> tuple[int, int, int, int]:
        """[1, C, h, w] of the latents of a picture of that many pixels."""
        scale = self.facts.vae_scale
        return 1, self.latent_channels, height // scale, width // scale
