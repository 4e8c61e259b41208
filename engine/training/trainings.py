"""The trainings of a generation, each of one part."""

from __future__ import annotations

from dataclasses import replace

from transformers import CLIPModel, CLIPTokenizer

from cache.errors import InvalidInput
from engine.training.generation import SHEET_PROMPTS, Generation
from engine.training.image import autoencoder, clip, decoder, unet
from engine.training.image.train import sheet_writer
from engine.training.image.unet import trained_on
from engine.training.trained import (
    check_same_parts,
    shipped_autoencoder,
    trained_autoencoder,
    trained_text_encoder,
)


def train_autoencoder(
    generation: Generation,
    *,
    resume: bool,
    steps: int | None = None,
    stop_after: int | None = None,
    seconds: float | None = None,
) -> None:
    """Train the autoencoder, or go on; ``steps`` makes the whole training shorter or longer."""
    recipe = generation.autoencoder_recipe()
    if steps is not None:
        if steps <= recipe.crop_steps:
            raise InvalidInput(f"steps must be more than {recipe.crop_steps}, got {steps}")
        recipe = replace(recipe, whole_steps=steps - recipe.crop_steps)
    autoencoder.train(
        generation.profile, resume=resume, folder=generation.part("autoencoder"),
        data=generation.pictures, recipe=recipe, stop_after=stop_after, seconds=seconds,
    )  # fmt: skip


def train_clip(
    generation: Generation,
    *,
    resume: bool,
    steps: int | None = None,
    stop_after: int | None = None,
    seconds: float | None = None,
) -> None:
    """Train CLIP, or go on."""
    # they import the pipeline
    from engine.training.image.evaluation import retrieval_at_1
    from engine.training.image.judgement import judgement

    def measured(model: CLIPModel, tokenizer: CLIPTokenizer) -> dict[str, float]:
        found = dict(retrieval_at_1(model, tokenizer, batches=1, world=generation.world))
        if recipe.changed:
            judged = judgement(model, tokenizer)
            found |= {f"tells {name}": share["right"] for name, share in judged.items()}
        return found

    recipe = generation.clip_recipe()
    clip.train(
        generation.profile, resume=resume, folder=generation.part("clip"),
        data=generation.pictures, recipe=replace(recipe, steps=steps or recipe.steps),
        stop_after=stop_after, seconds=seconds, workers=generation.workers,
        measure=measured,
    )  # fmt: skip


def train_unet(
    generation: Generation,
    *,
    resume: bool,
    steps: int | None = None,
    stop_after: int | None = None,
    seconds: float | None = None,
) -> None:
    """Train the U-Net, or go on, on the latents and texts of the other two as they are."""
    recipe = generation.unet_recipe()
    codec = trained_autoencoder(generation)
    encoder, tokenizer = trained_text_encoder(generation)
    encoder.to(generation.device)  # type: ignore[arg-type]
    folder = generation.part("unet")
    if generation.on_shipped and resume:
        check_same_parts(folder, trained_on(codec, encoder))
    unet.train(
        generation.profile, resume=resume, folder=folder, data=generation.pictures,
        autoencoder=codec, text_encoder=encoder, tokenizer=tokenizer,
        recipe=replace(recipe, steps=steps or recipe.steps), stop_after=stop_after,
        seconds=seconds, workers=generation.workers,
        on_checkpoint=sheet_writer(
            folder, codec, encoder, tokenizer, prompts=SHEET_PROMPTS, seeds=2,
            prediction=recipe.prediction,
        ),
    )  # fmt: skip


def train_decoder(
    generation: Generation,
    *,
    resume: bool,
    steps: int | None = None,
    stop_after: int | None = None,
    seconds: float | None = None,
) -> None:
    """Train the decoder of the built-in autoencoder, or go on; its latents stay what they are."""
    codec = shipped_autoencoder(generation)
    recipe, folder = generation.decoder_recipe(), generation.part("decoder")
    if resume:
        check_same_parts(folder, decoder.read_of(codec))
    decoder.train(
        generation.profile, resume=resume, folder=folder, data=generation.pictures,
        autoencoder=codec, recipe=replace(recipe, steps=steps or recipe.steps),
        stop_after=stop_after, seconds=seconds,
    )  # fmt: skip
