"""Folders of Stable Diffusion 1 and 2, and of consistency models made of them. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.models.families.facts import PipelineFacts
from engine.models.families.unet import UNetRules, unet_facts
from engine.models.registry import FoundModel

CLASSES = (
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "LatentConsistencyModelPipeline",
)
RULES = UNetRules(
    family="sd",
    components=("text_encoder", "unet", "vae"),
    tokenizers=("tokenizer",),
    usual_side=64,
    corrects_old_sizes=True,
    # its constructor does that: a sampler built from the JSON alone clips latents to one
    scheduler_corrections={"clip_sample": False, "steps_offset": 1},
)


def stable_diffusion_facts(model: FoundModel, index: Mapping[str, Any]) -> PipelineFacts:
    """The facts of a Stable Diffusion folder. Raises InvalidInput and ModelDamaged."""
    return unet_facts(model, index, RULES)
