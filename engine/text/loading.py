"""Text denoisers, loaded from a folder and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from cache.errors import ModelDamaged
from engine.models.device import _quiet_transformers
from engine.models.fingerprints import folder_fingerprint
from engine.models.loading_errors import damage_named
from engine.models.pipeline_loading import check_vocabulary
from engine.models.registry import FoundModel
from engine.models.text_folder import FAMILIES as FOLDERS
from engine.models.text_folder import model_type, text_facts
from engine.text.denoisers import TextDenoiser
from engine.text.masked_lm import load_masked_lm, tokenizer_of


@dataclass(frozen=True, slots=True)
class TextFamily:
    """How a family of text models is loaded from a folder that was looked through before."""

    denoiser: Callable[[FoundModel, torch.device], TextDenoiser]
    tokenizer: Callable[[FoundModel], Any]  # transformers' own


MASKED_LM = TextFamily(load_masked_lm, tokenizer_of)
FAMILIES = dict.fromkeys(FOLDERS, MASKED_LM)  # by model_type


@lru_cache(maxsize=2)
def load_denoiser(model: FoundModel, device: torch.device) -> TextDenoiser:
    """A text model in fp32 and evaluation mode.

    Raises InvalidInput when it is another kind of model, ModelDamaged when it will not load or
    is not to be believed (see ``loaded_text``).
    """
    text_facts(model)
    _quiet_transformers()
    with damage_named(model.name, model.folder):
        denoiser = FAMILIES[model_type(model)].denoiser(model, device)
    if not model.builtin and folder_fingerprint(model.folder) != model.fingerprint:
        raise ModelDamaged(f"{model.folder} was changed while it was loaded; try again")
    return denoiser


def load_tokenizer(model: FoundModel) -> Any:
    """The tokenizer of a text model. Raises ModelDamaged."""
    with damage_named(model.name, model.folder):
        return FAMILIES[model_type(model)].tokenizer(model)


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
