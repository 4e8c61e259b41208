"""What any pipeline's folder says of it, whatever its family. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.models.scheduler_config import SamplerName


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """What a pipeline's folder says of it, after the corrections of its class' constructor."""

    family: str  # names its row in ``engine.image.loading.FAMILIES``
    width: int  # pixels
    height: int  # pixels
    vae_scale: int  # pixels a latent, each way
    scheduler: dict[str, Any]  # the scheduler's config, as the loaded pipeline has it
    embeds_guidance: bool = False  # the scale is an input of the denoiser: one call a step
    encodes_negative_apart: bool = False  # a negative prompt is encoded otherwise than a prompt
    latent_statistics: bool = False  # latents are scaled by a mean and a deviation of their own
    components: tuple[tuple[str, str, str], ...] = ()  # (name, library, class) of what has weights
    variants: tuple[tuple[str, str], ...] = ()  # (component, "fp16") where there is nothing else
    corrected: tuple[SamplerName, ...] = ()  # whose results an earlier reading made otherwise
    left_out: tuple[str, ...] = ()  # sentences on what the folder says and its pipeline ignores

    def calls_unconditionally(self, guidance: float) -> bool:
        """Whether a step of that guidance scale makes an unconditional call too.

        That is classifier-free guidance (Ho and Salimans 2022, 2207.12598) above 1.
        """
        return guidance > 1 and not self.embeds_guidance

    def embedded_guidance(self, guidance: float) -> float | None:
        """The guidance scale as an input of the denoiser; None for one that does not take it.

        Guidance-distilled and consistency models do (Luo et al. 2023, 2310.04378).
        """
        return guidance if self.embeds_guidance else None
