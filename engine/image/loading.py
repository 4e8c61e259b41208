"""Image pipelines, loaded from a folder and checked."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import torch

from cache.errors import InvalidInput
from engine.image.denoiser import ImageDenoiser
from engine.image.families.family import ImageFamily
from engine.image.families.sdxl import StableDiffusionXL
from engine.image.families.stable_diffusion import StableDiffusion
from engine.image.trial import try_once
from engine.models.component_files import has_half_weights
from engine.models.device import _quiet
from engine.models.loading_errors import damage_named
from engine.models.pipeline_folder import pipeline_facts
from engine.models.pipeline_loading import (
    load_components,
)
from engine.models.registry import FoundModel
from engine.models.tuning import chosen_tuning, tune
from engine.text.loading import limit_tokens

# by ``PipelineFacts.family``
FAMILIES: dict[str, type[ImageFamily]] = {
    "sd": StableDiffusion,
    "sdxl": StableDiffusionXL,
}


def load_image_denoiser(model: FoundModel, device: torch.device, precision: str) -> ImageDenoiser:
    """A pipeline's parts, ready on a device, tuned as ``STEPSCOPE_TUNING`` says.

    Raises ModelDamaged when they will not load, InvalidInput when the device lacks the precision.
    """
    return _image_denoiser(model, device, precision, chosen_tuning())


@lru_cache(maxsize=2)
def _image_denoiser(
    model: FoundModel, device: torch.device, precision: str, tuning: frozenset[str]
) -> ImageDenoiser:
    facts = pipeline_facts(model)
    if precision == "float16" and device.type == "cpu":
        raise InvalidInput("precision float16 needs CUDA or MPS; this machine has only a CPU")
    import diffusers

    _quiet()
    family = FAMILIES[facts.family]
    half = precision == "float16"
    dtype = torch.float16 if half else torch.float32
    has_half = half and has_half_weights(model.folder / family.DENOISER)
    parts = load_components(model, facts, dtype, half=has_half)
    with damage_named(model.name, model.folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its corrections of old configs are known here
            pipe: Any = getattr(diffusers, family.PIPELINE).from_pretrained(
                model.folder, local_files_only=True, **parts, **family.OPTIONS
            )
        limit_tokens(pipe, model.name)
        if half and family.HEEDS_FORCE_UPCAST and pipe.vae.config.get("force_upcast"):
            pipe.vae.to(torch.float32)  # its activations overflow float16
        pipe.set_progress_bar_config(disable=True)
    tuned = tune(pipe, device, tuning)
    denoiser = ImageDenoiser(family(tuned, facts, device, dtype), model.fingerprint, tuning)
    if "compile" not in tuning:  # every shape is compiled anew
        with damage_named(model.name, model.folder, what="does not fit together"):
            try_once(denoiser, model.name)
    return denoiser
