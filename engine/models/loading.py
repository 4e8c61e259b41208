"""The only place that calls ``from_pretrained``: found models to ready ones."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

import torch

from cache.errors import InvalidInput, ModelDamaged
from engine.clip import Clip
from engine.image.stable_diffusion import StableDiffusion
from engine.models.fingerprints import folder_fingerprint
from engine.models.loaded_text import check_loaded
from engine.models.loading_errors import damage_named
from engine.models.pipeline_folder import pipeline_facts
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
    dtype = torch.float16 if precision == "float16" else torch.float32
    halves = list(found.folder.glob("unet/*.fp16.safetensors"))
    variant = {"variant": "fp16"} if halves and precision == "float16" else {}
    try:
        pipe: Any = getattr(diffusers, name).from_pretrained(
            found.folder, local_files_only=True, dtype=dtype, **options, **variant
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelDamaged(f"{found.name} in {found.folder} will not load: {error}") from error
    if facts.family == "sdxl" and precision == "float16" and pipe.vae.config.force_upcast:
        pipe.vae.to(torch.float32)  # its activations overflow float16
    pipe.set_progress_bar_config(disable=True)
    for part in (pipe.unet, pipe.vae, pipe.text_encoder, getattr(pipe, "text_encoder_2", None)):
        if part is not None:
            part.eval().requires_grad_(False)
    tuned = tune(pipe, device, tuning)
    return StableDiffusion(tuned, facts, found.fingerprint, device, dtype, tuning)


@lru_cache(maxsize=2)
def load_clip(found: FoundModel, device: torch.device) -> Clip:
    """A CLIP model in fp32. Raises ModelDamaged when it will not load, InvalidInput for others."""
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    _quiet()
    kind = json.loads((found.folder / "config.json").read_text()).get("model_type")
    if kind != "clip":
        raise InvalidInput(f"model {found.name!r} is a {kind}, not a CLIP model")
    try:
        model: Any = CLIPModel.from_pretrained(
            found.folder, local_files_only=True, dtype=torch.float32
        )
        tokenizer = CLIPTokenizer.from_pretrained(found.folder, local_files_only=True)
        processor = CLIPImageProcessorPil.from_pretrained(found.folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelDamaged(f"{found.name} in {found.folder} will not load: {error}") from error
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
