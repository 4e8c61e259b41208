"""The only place that calls ``from_pretrained``: found models to ready ones."""

from __future__ import annotations

import os
import warnings
from functools import lru_cache
from typing import Any

import torch

from cache.errors import InvalidInput, ModelDamaged
from engine.clip import Clip
from engine.image.stable_diffusion import StableDiffusion
from engine.image.trial import try_once
from engine.models.clip_folder import check_clip_folder
from engine.models.component_files import has_half_weights
from engine.models.fingerprints import folder_fingerprint
from engine.models.loaded_text import check_loaded
from engine.models.loading_errors import damage_named
from engine.models.pipeline_folder import pipeline_facts
from engine.models.pipeline_loading import (
    check_finite,
    check_loading,
    check_vocabulary,
    load_components,
    told_as_damaged,
)
from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts
from engine.models.tuning import chosen_tuning, tune
from engine.text.denoiser import BertDenoiser

# before transformers is imported: an unreachable hub would stall every call for half a minute
os.environ.setdefault("HF_HUB_OFFLINE", "1")

NO_CHECKER = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
PIPELINES: dict[str, tuple[str, dict[str, Any]]] = {
    "sd": ("StableDiffusionPipeline", NO_CHECKER),
    "sdxl": ("StableDiffusionXLPipeline", {"add_watermarker": False}),
}


def best_device() -> torch.device:
    """CUDA when there is one, then MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@lru_cache(maxsize=2)
def load_denoiser(found: FoundModel, device: torch.device) -> BertDenoiser:
    """A text model in fp32 and evaluation mode.

    Raises InvalidInput when it is another kind of model, ModelDamaged when it will not load or
    is not to be believed (see ``loaded_text``).
    """
    from transformers import BertForMaskedLM

    text_facts(found)
    _quiet_transformers()
    with damage_named(found.name, found.folder):
        tokenizer = load_tokenizer(found)
        loaded: Any = BertForMaskedLM.from_pretrained(
            found.folder,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
        model, info = loaded
        model = model.to(device).eval().requires_grad_(False)
        check_loaded(found, model, tokenizer, info)
    if not found.builtin and folder_fingerprint(found.folder) != found.fingerprint:
        raise ModelDamaged(f"{found.folder} was changed while it was loaded; try again")
    return BertDenoiser(model, tokenizer, found.fingerprint, device)


def load_tokenizer(found: FoundModel) -> Any:
    """The tokenizer of a text model. Raises ModelDamaged."""
    from transformers import BertTokenizer

    with damage_named(found.name, found.folder):
        return BertTokenizer.from_pretrained(found.folder, local_files_only=True)


def load_stable_diffusion(
    found: FoundModel, device: torch.device, precision: str
) -> StableDiffusion:
    """A Stable Diffusion pipeline's parts, ready on a device, tuned as ``STEPSCOPE_TUNING`` says.

    Raises ModelDamaged when they will not load, InvalidInput when the device lacks the precision.
    """
    return _stable_diffusion(found, device, precision, chosen_tuning())


@lru_cache(maxsize=2)
def _stable_diffusion(
    found: FoundModel, device: torch.device, precision: str, tuning: frozenset[str]
) -> StableDiffusion:
    facts = pipeline_facts(found)
    if precision == "float16" and device.type == "cpu":
        raise InvalidInput("precision float16 needs CUDA or MPS; this machine has only a CPU")
    import diffusers

    _quiet()
    name, options = PIPELINES[facts.family]
    half = precision == "float16"
    dtype = torch.float16 if half else torch.float32
    has_half = half and has_half_weights(found.folder / "unet")
    parts = load_components(found, facts, dtype, half=has_half)
    with told_as_damaged(f"{found.name} in {found.folder}"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its corrections of old configs are known here
            pipe: Any = getattr(diffusers, name).from_pretrained(
                found.folder, local_files_only=True, **parts, **options
            )
        limit_tokens(pipe, found.name)
        if facts.family == "sdxl" and half and pipe.vae.config.get("force_upcast"):
            pipe.vae.to(torch.float32)  # its activations overflow float16
        pipe.set_progress_bar_config(disable=True)
    tuned = tune(pipe, device, tuning)
    model = StableDiffusion(tuned, facts, found.fingerprint, device, dtype, tuning)
    if "compile" not in tuning:  # every shape is compiled anew
        with told_as_damaged(f"{found.name} in {found.folder}", "does not fit together"):
            try_once(model, found.name)
    return model


def limit_tokens(pipe: Any, name: str) -> None:
    """No tokenizer gives more tokens than its text encoder has positions for.

    Raises ModelDamaged for one that belongs to another text encoder.
    """
    for one in ("", "_2"):
        encoder = getattr(pipe, f"text_encoder{one}", None)
        positions = getattr(getattr(encoder, "config", None), "max_position_embeddings", None)
        tokenizer = getattr(pipe, f"tokenizer{one}", None)
        if tokenizer is not None and encoder is not None:
            check_vocabulary(f"tokenizer{one} of {name}", tokenizer, encoder)
        if tokenizer is not None and isinstance(positions, int):
            tokenizer.model_max_length = min(tokenizer.model_max_length, positions)


@lru_cache(maxsize=2)
def load_clip(found: FoundModel, device: torch.device) -> Clip:
    """A CLIP model in fp32. Raises ModelDamaged when it will not load, InvalidInput for others."""
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    _quiet()
    check_clip_folder(found)
    where = f"model {found.name}"
    with told_as_damaged(where):
        loaded: Any = CLIPModel.from_pretrained(
            found.folder,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # which the loading info has, that is checked
            dtype=torch.float32,
        )
        model, info = loaded
    check_loading(where, info)
    check_finite(where, model)
    with told_as_damaged(where):
        tokenizer = CLIPTokenizer.from_pretrained(found.folder, local_files_only=True)
        processor = CLIPImageProcessorPil.from_pretrained(found.folder, local_files_only=True)
    check_vocabulary(f"tokenizer of {found.name}", tokenizer, model.text_model)
    model = model.to(device).eval().requires_grad_(False)
    return Clip(model, tokenizer, processor, found.fingerprint, device)


def _quiet() -> None:
    """No progress bars and no advice on stderr: it is the command line's own."""
    from diffusers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    _quiet_transformers()


def _quiet_transformers() -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
