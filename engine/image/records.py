"""What an image run leaves behind, as plain numpy. No torch, no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.chain.records import Floats, Manifest

Latents = NDArray[np.floating]  # [channel, height, width], float32 or float16
Pixels = NDArray[np.uint8]  # [height, width, 3]
Source = Literal["decode", "preview", "drawn"]


@dataclass(frozen=True, slots=True, eq=False)
class ImageStep:
    """One evaluation of the U-Net on latents [C, h, w], and the latents the sampler made of it.

    ``timestep``, ``sigma`` and ``alpha_bar`` say how noisy the latents were that the U-Net saw;
    sigma is the ratio of noise to signal, alpha_bar = 1 / (1 + sigma^2). Step 0 is the start: its
    latents, and no predictions. ``noise_uncond`` is None where guidance is 1. The predictions are
    what the U-Net gave: noise for most models, velocity for v-prediction ones.
    """

    index: int
    latents: Latents  # after the step
    noise_cond: Latents | None = None
    noise_uncond: Latents | None = None
    predicted_x0: Latents | None = None
    timestep: float = 0.0
    sigma: float = 0.0
    alpha_bar: float = 1.0
    guidance: float = 1.0
    position: int = 0  # the step of the schedule, from 1, that this evaluation belongs to
    latents_scale: float = 1.0  # latents * this have unit variance: Euler's grow with sigma
    norms: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    meta: Mapping[str, Any] = field(default_factory=dict)

    def unit_latents(self, dtype: type[np.floating] = np.float32) -> NDArray[Any]:
        """[C, h, w] the latents after the step in unit variance."""
        return np.asarray(self.latents.astype(dtype) * dtype(self.latents_scale))


@dataclass(frozen=True, slots=True, eq=False)
class ImageRun:
    """An image run read from the store: the start and every step stored so far."""

    manifest: Manifest
    steps: tuple[ImageStep, ...]  # [0] is the start

    @property
    def complete(self) -> bool:
        """Whether every step of the chain is here."""
        return len(self.steps) == len(self.manifest.step_keys)

    def latents(self) -> Floats:
        """[step, C, h, w] the latents of the start and of every step."""
        return np.stack([step.latents.astype(np.float32) for step in self.steps])

    def guidance(self) -> Floats:
        """[step] the guidance scale of every step, the start not counted."""
        return np.array([step.guidance for step in self.steps[1:]], np.float32)

    def norm(self, name: str) -> Floats:
        """[step] a norm of every step (``latents``, ``guidance_direction``...); else nan."""
        return np.array([step.norms.get(name, np.nan) for step in self.steps], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture of latents as PNG bytes, and which way they became one.

    ``source`` is ``decode`` (the autoencoder), ``preview`` (a linear map, blurred and coarse) or
    ``drawn`` (no latents at all: a sentence, drawn plainly).
    """

    png: bytes
    width: int
    height: int
    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class LinearPreview:
    """A model's latent-to-RGB map: rgb = latents @ matrix + offset, in [0, 1]."""

    matrix: Floats  # [channel, 3]
    offset: Floats  # [3]
    r_squared: float  # of the fit, on the decoded samples it was fitted to
    samples: int  # pictures it was fitted to
