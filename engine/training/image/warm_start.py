"""Weights of the shipped models as the beginning of a training: hours of CPU need not be repeated.

Only where a training says so in its recipe, and then it is a part of its facts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

from cache.errors import InvalidInput
from engine.models.manifest import made_of

BUILTIN = Path(__file__).parents[2] / "models" / "builtin"
WEIGHTS = "diffusion_pytorch_model.safetensors"
BEFORE, BEFORE_BIAS = "quant_conv.weight", "quant_conv.bias"
AFTER, AFTER_BIAS = "post_quant_conv.weight", "post_quant_conv.bias"
ENCODED = ("encoder.conv_out.weight", "encoder.conv_out.bias")
DECODED = "decoder.conv_in.weight"
PATCHES = "vision_model.embeddings.patch_embedding.weight"
BEGUN_WITH = "began-with.json"  # beside a checkpoint: how the weights that it began with were made
TOKENS = "text_model.embeddings.token_embedding.weight"


def keep_beginning(folder: Path, shipped: Path, part: str, *, resume: bool) -> None:
    """How the weights were made that a training begins with, for the card of what it comes to."""
    if resume and (folder / "checkpoint.safetensors").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    before = made_of(shipped).get(part, {})
    (folder / BEGUN_WITH).write_text(json.dumps(before, indent=1) + "\n")


def begin_unet_with(model: nn.Module, folder: Path) -> None:
    """Take every weight of a U-Net; latent channels that it did not have begin at zero.

    Raises InvalidInput, naming the first weight that does not fit.
    """
    given = load_file(folder / WEIGHTS)
    own = model.state_dict()
    _check_sizes(own, given, folder, but=("conv_in.weight", "conv_out.weight", "conv_out.bias"))
    begun = {name: tensor.float() for name, tensor in given.items()}
    channels = own["conv_in.weight"].shape[1]
    known = range(given["conv_in.weight"].shape[1])
    begun["conv_in.weight"] = _spread(begun["conv_in.weight"], known, channels, dim=1)
    for name in ("conv_out.weight", "conv_out.bias"):
        begun[name] = _spread(begun[name], known, channels, dim=0)
    _take(model, begun, folder)


@torch.no_grad()
def read_text_anew(
    model: nn.Module, before: CLIPTextModel, now: CLIPTextModel, ids: Tensor
) -> float:
    """Let a U-Net that read the texts of one tower read those of another.

    Keys and values of its cross-attention are linear in the states of the tokens: they take the
    linear map that brings the new tower's states nearest to the old one's, by least squares over
    the texts ``ids`` [text, position]. What only the new tower tells is left to the training.
    Returns the share of the old states' variance that the map tells (R squared, over these).
    """
    old, new = (tower(ids).last_hidden_state.flatten(0, 1).double() for tower in (before, now))
    across = torch.linalg.lstsq(new, old).solution
    for name, layer in model.named_modules():
        if name.endswith(("attn2.to_k", "attn2.to_v")) and isinstance(layer, nn.Linear):
            layer.weight.copy_(layer.weight.double() @ across.T)
    missed = (new @ across - old).square().sum()
    return 1.0 - float(missed / (old - old.mean(dim=0)).square().sum())


def begin_autoencoder_with(model: nn.Module, folder: Path) -> None:
    """Take every weight of an autoencoder; it decodes as that one did.

    Latent channels that it did not have are read by the encoder's own initial weights and not
    yet looked at by the decoder. Raises InvalidInput, naming the first weight that does not fit.
    """
    given = {name: tensor.float() for name, tensor in load_file(folder / WEIGHTS).items()}
    own = model.state_dict()
    touched = (*ENCODED, DECODED, BEFORE, BEFORE_BIAS, AFTER, AFTER_BIAS)
    _check_sizes(own, given, folder, but=touched)
    before, now = given[AFTER].shape[0], own[AFTER].shape[0]
    begun = dict(given)
    if before < now:
        rows = [*range(before), *range(now, now + before)]  # means, then log variances
        begun[DECODED] = _spread(given[DECODED], range(before), now, dim=1)
        for name in ENCODED:
            begun[name] = _spread(given[name], rows, 2 * now, dim=0, rest=own[name])
        across = _spread(given[BEFORE], rows, 2 * now, dim=1)
        begun[BEFORE] = _spread(across, rows, 2 * now, dim=0)
        begun[AFTER] = _spread(_spread(given[AFTER], range(before), now, dim=1), range(before),
                               now, dim=0)  # fmt: skip
        for k in range(before, now):
            begun[BEFORE][k, k] = begun[AFTER][k, k] = 1.0
        begun[BEFORE_BIAS] = _spread(given[BEFORE_BIAS], rows, 2 * now, dim=0,
                                     rest=own[BEFORE_BIAS])  # fmt: skip
        begun[AFTER_BIAS] = _spread(given[AFTER_BIAS], range(before), now, dim=0)
    _take(model, begun, folder)


def _spread(
    given: Tensor, places: Sequence[int], size: int, *, dim: int, rest: Tensor | None = None
) -> Tensor:
    """The given slices at their places of a larger dimension, zeros (or the rest) elsewhere."""
    shape = [*given.shape]
    shape[dim] = size
    spread = torch.zeros(shape) if rest is None else rest.detach().clone()
    return spread.index_copy_(dim, torch.tensor(list(places)), given)


def _take(module: nn.Module, begun: Mapping[str, Tensor], folder: Path) -> None:
    _check_sizes(module.state_dict(), begun, folder)
    module.load_state_dict(dict(begun))


def _check_sizes(
    own: Mapping[str, Tensor], begun: Mapping[str, Tensor], folder: Path, but: Sequence[str] = ()
) -> None:
    for name in sorted((own.keys() | begun.keys()) - set(but)):
        if name not in own or name not in begun or own[name].shape != begun[name].shape:
            raise InvalidInput(f"start must have the recipe's sizes, got {folder}: {name} differs")


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
