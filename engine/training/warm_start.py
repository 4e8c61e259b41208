"""Weights of the shipped models as the beginning of a training: hours of CPU need not be repeated.

Only where a training says so in its recipe, and then it is a part of its facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import CLIPModel, CLIPTokenizer

from cache.errors import InvalidInput

BUILTIN = Path(__file__).parents[1] / "models" / "builtin"
PATCHES = "vision_model.embeddings.patch_embedding.weight"
TOKENS = "text_model.embeddings.token_embedding.weight"


def begin_with(module: nn.Module, folder: Path) -> None:
    """Take every weight from a diffusers folder of the same architecture.

    Raises InvalidInput, naming the first weight that does not fit.
    """
    given = load_file(folder / "diffusion_pytorch_model.safetensors")
    own = module.state_dict()
    for name in own.keys() | given.keys():
        if name not in own or name not in given or own[name].shape != given[name].shape:
            raise InvalidInput(f"start must have the recipe's sizes, got {folder}: {name} differs")
    module.load_state_dict({name: tensor.float() for name, tensor in given.items()})


def begin_clip_with(model: CLIPModel, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Take the weights of a CLIP with the same widths: pieces of words that both tokenizers have
    keep their vectors, patches of another side are resampled."""
    given = load_file(folder / "model.safetensors")
    before: Any = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    own: Mapping[str, Tensor] = model.state_dict()
    begun = {name: given[name].float() for name in own if name in given}
    begun[TOKENS] = _moved(own[TOKENS], given[TOKENS].float(), before.get_vocab(), tokenizer)
    begun[PATCHES] = _resampled(given[PATCHES].float(), own[PATCHES].shape[-1])
    for name, tensor in own.items():
        if name in begun and begun[name].shape != tensor.shape:
            raise InvalidInput(f"start must have the recipe's sizes, got {folder}: {name} differs")
    model.load_state_dict(begun, strict=False)


def _moved(own: Tensor, given: Tensor, before: Mapping[str, int], tokenizer: Any) -> Tensor:
    vectors = own.clone()
    for piece, row in tokenizer.get_vocab().items():
        if piece in before:
            vectors[row] = given[before[piece]]
    return vectors


def _resampled(patches: Tensor, side: int) -> Tensor:
    if patches.shape[-1] == side:
        return patches
    scaled = F.interpolate(patches, size=(side, side), mode="bicubic", antialias=True)
    return scaled * (patches.shape[-1] / side) ** 2
