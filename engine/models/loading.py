"""The only place that calls ``from_pretrained``: found models to ready ones."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import torch

from cache.errors import ModelDamaged
from engine.models.registry import FoundModel
from engine.text.denoiser import BertDenoiser

# before transformers is imported: an unreachable hub would stall every call for half a minute
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def best_device() -> torch.device:
    """CUDA when there is one, then MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@lru_cache(maxsize=2)
def load_denoiser(found: FoundModel, device: torch.device) -> BertDenoiser:
    """A text model in fp32 and evaluation mode. Raises ModelDamaged when it will not load."""
    from transformers import BertForMaskedLM, BertTokenizer

    try:
        tokenizer = BertTokenizer.from_pretrained(found.folder, local_files_only=True)
        model: Any = BertForMaskedLM.from_pretrained(
            found.folder, local_files_only=True, dtype=torch.float32
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelDamaged(f"{found.name} in {found.folder} will not load: {error}") from error
    model = model.to(device).eval().requires_grad_(False)
    return BertDenoiser(model, tokenizer, found.fingerprint, device)
