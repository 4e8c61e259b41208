"""What a generation has come to: its trained parts as models, or built-in ones in their place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

from cache.errors import InvalidInput
from engine.models.manifest import check_manifest
from engine.training.checkpoints import (
    load_averages,
    read_header,
)
from engine.training.generation import Generation, Part
from engine.training.image import autoencoder, clip, decoder, unet
from engine.training.image.autoencoder import Autoencoder
from engine.training.image.clip_tokenizer import POSITIONS
from engine.training.image.latents import TRAINED_ON
from engine.training.image.shipping import (
    CLIP_FOLDER,
    IMAGE_FOLDER,
    pipeline_of,
    shipped_world,
    text_encoder_of,
)
from engine.training.image.unet import UnetRecipe
from engine.training.world_data import rendered_shard


def trained_decoder(generation: Generation) -> Autoencoder:
    """The built-in autoencoder with the averaged decoder of the checkpoint.

    Raises InvalidInput where that was trained on latents of another encoder.
    """
    _needs(generation, "decoder")
    codec, folder = shipped_autoencoder(generation), generation.part("decoder")
    check_same_parts(folder, decoder.read_of(codec), needed=True)
    return decoder.with_decoder(codec, folder)


def check_same_parts(folder: Path, now: Mapping[str, str], *, needed: bool = False) -> None:
    """Raise InvalidInput where built-in models were replaced since something was trained on them.

    ``needed``: and where nothing says on which it was.
    """
    path = folder / TRAINED_ON
    if not path.exists() and not needed:
        return
    try:
        before = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{TRAINED_ON} must tell of a training, got {path}: {error}") from error
    if before != dict(now):
        raise InvalidInput(
            f"the built-in models must be those that it was trained on, {before}, got "
            f"{dict(now)}: {path}"
        )


def trained_autoencoder(generation: Generation) -> Autoencoder:
    """The averaged autoencoder of the checkpoint, its latents folded to unit size."""
    if generation.on_shipped:
        return shipped_autoencoder(generation)
    _needs(generation, "autoencoder")
    recipe = generation.autoencoder_recipe()
    pictures, _ = rendered_shard(generation.pictures, 0, size=recipe.size, world=generation.world)
    return autoencoder.finished(
        recipe, generation.part("autoencoder"), pictures[:512], generation.device
    )


def shipped_autoencoder(generation: Generation) -> Autoencoder:
    """The built-in autoencoder. Raises InvalidInput for another world's."""
    codec: Any = AutoencoderKL.from_pretrained(
        _shipped(generation, IMAGE_FOLDER) / "vae", local_files_only=True, dtype=torch.float32
    )
    return codec.eval().to(generation.device)


def shipped_pipeline(generation: Generation) -> Any:
    """The built-in Stable Diffusion, silent. Raises InvalidInput for another world's."""
    pipeline: Any = StableDiffusionPipeline.from_pretrained(
        _shipped(generation, IMAGE_FOLDER), local_files_only=True, dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def trained_clip(generation: Generation) -> tuple[CLIPModel, CLIPTokenizer]:
    """The averaged CLIP of the checkpoint."""
    if generation.on_shipped:
        shipped = _shipped(generation, CLIP_FOLDER)
        given: Any = CLIPModel.from_pretrained(shipped, local_files_only=True, dtype=torch.float32)
        return given.eval(), _tokenizer(shipped)
    _needs(generation, "clip")
    folder = generation.part("clip")
    tokenizer = _tokenizer(folder / "tokenizer")
    model = clip.build(generation.clip_recipe(), tokenizer)
    load_averages(model, folder)
    return model.eval(), tokenizer


def _shipped(generation: Generation, folder: Path) -> Path:
    if shipped_world(folder) != generation.world:
        raise InvalidInput(
            f"world must be that of the built-in models, {shipped_world(folder)}, got "
            f"{generation.world}"
        )
    check_manifest(folder)
    return folder


def _tokenizer(folder: Path) -> CLIPTokenizer:
    try:
        tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = (str(error).splitlines() or [repr(error)])[0]
        raise InvalidInput(f"tokenizer must be the training's, got {folder}: {said}") from error
    if tokenizer.model_max_length != POSITIONS:
        raise InvalidInput(
            f"tokenizer must read {POSITIONS} tokens, got {tokenizer.model_max_length}: {folder}"
        )
    return tokenizer


def trained_text_encoder(generation: Generation) -> tuple[CLIPTextModel, CLIPTokenizer]:
    """The text tower of the averaged CLIP."""
    model, tokenizer = trained_clip(generation)
    return text_encoder_of(model), tokenizer


def trained_pipeline(generation: Generation) -> Any:
    """Everything as it is now as a Stable Diffusion pipeline on the CPU."""
    _needs(generation, "unet")
    codec = trained_autoencoder(generation)
    encoder, tokenizer = trained_text_encoder(generation)
    levels = len(codec.config.block_out_channels)
    recipe = generation.unet_recipe()
    denoiser = unet.build(
        recipe,
        latent_size=recipe.size // 2 ** (levels - 1),
        latent_channels=codec.config.latent_channels,
        text_width=encoder.config.hidden_size,
    )
    _check_recipe(generation, recipe)
    load_averages(denoiser, generation.part("unet"))
    return pipeline_of(codec, denoiser.eval(), encoder, tokenizer, prediction=recipe.prediction).to(
        "cpu"
    )


def _check_recipe(generation: Generation, recipe: UnetRecipe) -> None:
    """Raise InvalidInput where the checkpoint's U-Net is another function than the recipe's."""
    path = generation.part("unet") / "checkpoint.safetensors"
    made = read_header(path)["facts"]["recipe"]
    wanted = json.loads(json.dumps(recipe.facts))
    for name in ("size", "channels", "layers", "heads", "cross_finest", "prediction"):
        if made.get(name) != wanted[name]:
            raise InvalidInput(
                f"{name} of the recipe must be that of the checkpoint, {made.get(name)}, got "
                f"{wanted[name]}: {path}"
            )


def _needs(generation: Generation, part: Part) -> None:
    if not generation.step(part):
        raise InvalidInput(
            f"folder must hold a trained {part}, got no checkpoint in {generation.part(part)}: "
            f"train {part} first"
        )
