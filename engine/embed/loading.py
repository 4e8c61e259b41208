"""CLIP models, loaded from a folder and checked."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch

from engine.embed.clip import Clip
from engine.models.clip_folder import check_clip_folder
from engine.models.device import _quiet
from engine.models.loading_errors import damage_named
from engine.models.pipeline_loading import (
    check_finite,
    check_loading,
    check_vocabulary,
)
from engine.models.registry import FoundModel


@lru_cache(maxsize=2)
def load_clip(source: FoundModel, device: torch.device) -> Clip:
    """A CLIP model in fp32. Raises ModelDamaged when it will not load, InvalidInput for others."""
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    _quiet()
    check_clip_folder(source)
    where = f"model {source.name}"
    with damage_named(where, source.folder):
        loaded: Any = CLIPModel.from_pretrained(
            source.folder,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # which the loading info has, that is checked
            dtype=torch.float32,
        )
        model, info = loaded
    check_loading(where, info)
    check_finite(where, model)
    with damage_named(where, source.folder):
        tokenizer = CLIPTokenizer.from_pretrained(source.folder, local_files_only=True)
        processor = CLIPImageProcessorPil.from_pretrained(source.folder, local_files_only=True)
    check_vocabulary(f"tokenizer of {source.name}", tokenizer, model.text_model)
    model = model.to(device).eval().requires_grad_(False)
    return Clip(model, tokenizer, processor, source.fingerprint, device)
