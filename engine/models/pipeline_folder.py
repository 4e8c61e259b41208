"""What a Stable Diffusion folder says of itself in its JSON files. No torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cache.errors import InvalidInput, ModelDamaged
from engine.models.registry import FoundModel

FAMILIES = {
    "StableDiffusionPipeline": "sd",
    "StableDiffusionImg2ImgPipeline": "sd",
    "LatentConsistencyModelPipeline": "sd",
    "StableDiffusionXLPipeline": "sdxl",
    "StableDiffusionXLImg2ImgPipeline": "sdxl",
}


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """A pipeline's family (sd or sdxl), its own picture size, its autoencoder's scale."""

    family: str
    width: int  # pixels
    height: int  # pixels
    vae_scale: int  # pixels a latent, each way
    scheduler: dict[str, Any]  # the scheduler's config
    embeds_guidance: bool = False  # the scale is an input of the U-Net: one call a step


@lru_cache(maxsize=16)
def pipeline_facts(found: FoundModel) -> PipelineFacts:
    """The facts of a pipeline folder.

    Raises InvalidInput when the model is no Stable Diffusion pipeline, ModelDamaged when its
    files cannot be read.
    """
    if not (found.folder / "model_index.json").exists():
        raise InvalidInput(
            f"model {found.name!r} is not an image model: it has no model_index.json"
        )
    name = str(_read(found.folder / "model_index.json").get("_class_name"))
    if name not in FAMILIES:
        raise InvalidInput(
            f"model {found.name!r} is a {name}; image models are of {', '.join(FAMILIES)}"
        )
    unet = _read(found.folder / "unet" / "config.json")
    vae = _read(found.folder / "vae" / "config.json")
    scale = 2 ** (len(vae.get("block_out_channels", (0,))) - 1)
    size = unet.get("sample_size") or 64
    height, width = size if isinstance(size, list) else (size, size)
    return PipelineFacts(
        family=FAMILIES[name],
        width=int(width) * scale,
        height=int(height) * scale,
        vae_scale=scale,
        scheduler=_read(found.folder / "scheduler" / "scheduler_config.json"),
        embeds_guidance=unet.get("time_cond_proj_dim") is not None,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ModelDamaged(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ModelDamaged(f"{path} is not a JSON object")
    return content
