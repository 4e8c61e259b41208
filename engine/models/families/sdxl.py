"""Folders of Stable Diffusion XL (Podell et al. 2023, 2307.01952). No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.models.families.facts import PipelineFacts
from engine.models.families.unet import UNetRules, unet_facts
from engine.models.registry import FoundModel

CLASSES = ("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline")
RULES = UNetRules(
    family="sdxl",
    components=("text_encoder", "text_encoder_2", "unet", "vae"),
    tokenizers=("tokenizer", "tokenizer_2"),
    usual_side=128,
    time_ids=6,  # original size, crop, target size; the refiner has five
    encodes_negative_apart=True,
    applies_latent_statistics=True,
    # its constructor corrects nothing; latents are clipped only where the config says so, and not
    # because the class of another sampler does it by default
    scheduler_defaults={"clip_sample": False},
    no_text_encoder="SDXL refiners are not supported yet",
)


def sdxl_facts(model: FoundModel, index: Mapping[str, Any]) -> PipelineFacts:
    """The facts of an SDXL folder. Raises InvalidInput and ModelDamaged."""
    return unet_facts(model, index, RULES)
