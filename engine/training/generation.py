"""A generation of image models in one folder: one world, its pictures, three trainings.

``folder/world`` holds the renderings, ``folder/autoencoder``, ``clip`` and ``unet`` the
checkpoints and logs. Any of the trainings can be stopped and gone on with; the U-Net wants the
other two first.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

from cache.errors import InvalidInput
from engine.models.manifest import check_manifest
from engine.training.checkpoints import (
    check_facts,
    load_averages,
    read_header,
    restore_light,
)
from engine.training.image import autoencoder, clip, decoder, unet
from engine.training.image.autoencoder import Autoencoder, AutoencoderRecipe
from engine.training.image.clip import ClipRecipe
from engine.training.image.clip_tokenizer import POSITIONS
from engine.training.image.decoder import DecoderRecipe
from engine.training.image.latents import TRAINED_ON
from engine.training.image.shipping import (
    CLIP_FOLDER,
    IMAGE_FOLDER,
    pipeline_of,
    shipped_world,
    text_encoder_of,
)
from engine.training.image.train import sheet_writer
from engine.training.image.unet import UnetRecipe, trained_on
from engine.training.image.warm_start import BEGUN_WITH
from engine.training.world_data import rendered_shard
from engine.training.worlds import world_of

_Recipe = TypeVar("_Recipe", AutoencoderRecipe, ClipRecipe, UnetRecipe, DecoderRecipe)
Profile = Literal["cpu", "gpu"]
Part = Literal["autoencoder", "clip", "unet", "decoder"]
PARTS: tuple[Part, ...] = ("autoencoder", "clip", "unet")  # a decoder is of a shipped autoencoder
SHEET_PROMPTS = (
    "a beautiful sunset over the ocean",
    "a futuristic city at night",
    "a mountain landscape in watercolor style",
    "a forest in autumn",
    "a red balloon over the sea",
    "a lighthouse on the left at sunset",
    "three boats on a lake",
    "a castle in the mountains at night, neon",
)


@dataclass(frozen=True, slots=True)
class Generation:
    """Where a generation lies, of what world it is and how large its recipes are."""

    folder: Path
    world: str = "poster"
    profile: Profile = "cpu"
    shards: int | None = None  # of the renderings, in place of the recipes'
    workers: int = 1  # processes that render and word captions for a GPU
    on_shipped: bool = False  # the U-Net is of the built-in autoencoder and CLIP, not of its own

    def __post_init__(self) -> None:
        world_of(self.world)  # raises InvalidInput for an unknown one

    def part(self, name: Part) -> Path:
        """The folder of one training."""
        return self.folder / name

    @property
    def pictures(self) -> Path:
        """The folder of the renderings."""
        return self.folder / "world"

    @property
    def device(self) -> torch.device:
        """Where its trainings run."""
        return torch.device("cuda" if self.profile == "gpu" else "cpu")

    @property
    def recipe_name(self) -> str:
        """The row of the tables of recipes: the poster world has one of its own for the CPU."""
        return "poster" if self.world == "poster" and self.profile == "cpu" else self.profile

    def autoencoder_recipe(self) -> AutoencoderRecipe:
        """Of its autoencoder."""
        return self._of_this(autoencoder.RECIPES[self.recipe_name])

    def clip_recipe(self) -> ClipRecipe:
        """Of its CLIP."""
        recipe = self._of_this(clip.RECIPES[self.recipe_name])
        return replace(recipe, changed=clip.CHANGED if self.world == "poster" else 0)

    def unet_recipe(self) -> UnetRecipe:
        """Of its U-Net."""
        return self._of_this(unet.RECIPES[self.recipe_name])

    def decoder_recipe(self) -> DecoderRecipe:
        """Of the decoder of the built-in autoencoder."""
        return self._of_this(decoder.RECIPES[self.recipe_name])

    def _recipe_of(self, part: Part) -> Any:
        return {
            "autoencoder": self.autoencoder_recipe, "clip": self.clip_recipe,
            "unet": self.unet_recipe, "decoder": self.decoder_recipe,
        }[part]()  # fmt: skip

    def _of_this(self, recipe: _Recipe) -> _Recipe:
        shards = recipe.shards if self.shards is None else self.shards
        return replace(recipe, world=self.world, shards=shards)

    def step(self, part: Part) -> int:
        """How far a training is; 0 without a checkpoint.

        Raises InvalidInput for one of another world or profile.
        """
        checkpoint = self.part(part) / "checkpoint.safetensors"
        if not checkpoint.exists():
            return 0
        return self._step_of(checkpoint)

    def _step_of(self, checkpoint: Path) -> int:
        header = read_header(checkpoint)
        facts = header["facts"]
        if not isinstance(facts.get("recipe"), dict):
            raise InvalidInput(f"checkpoint must tell its recipe, got {checkpoint} without one")
        of_it = {
            "world": facts["recipe"].get("world", "landscape"),
            "profile": facts.get("profile"),
        }
        for name, value in of_it.items():
            if value != getattr(self, name):
                raise InvalidInput(
                    f"{name} must be that of the checkpoint, {value}, got {getattr(self, name)}: "
                    f"{checkpoint}"
                )
        return int(header["step"])

    def begin_from(self, light: Path, part: Part) -> None:
        """Let a training go on from the averages that were exported to ``light / part``."""
        if self.step(part):
            raise InvalidInput(
                f"resume-from must not replace a checkpoint, got step {self.step(part)} in "
                f"{self.part(part)}: go on with --resume or move it away"
            )
        recipe = self._recipe_of(part).facts
        for averages in sorted((light / part).glob("*.safetensors")):  # before anything is written
            self._step_of(averages)
            check_facts(read_header(averages)["facts"]["recipe"], recipe, averages)
        restore_light(light / part, self.part(part))
        if part == "clip":
            tokenizer = CLIPTokenizer.from_pretrained(
                light / part / "tokenizer", local_files_only=True
            )
            tokenizer.save_pretrained(self.part(part) / "tokenizer")
        copy_told(light / part, self.part(part))


def copy_told(part: Path, to: Path) -> None:
    """What lies beside a checkpoint and tells of it goes with it."""
    for name in (BEGUN_WITH, TRAINED_ON):
        if (part / name).exists():
            shutil.copy(part / name, to / name)


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
        _check_same_parts(folder, trained_on(codec, encoder))
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
        _check_same_parts(folder, decoder.read_of(codec))
    decoder.train(
        generation.profile, resume=resume, folder=folder, data=generation.pictures,
        autoencoder=codec, recipe=replace(recipe, steps=steps or recipe.steps),
        stop_after=stop_after, seconds=seconds,
    )  # fmt: skip


def trained_decoder(generation: Generation) -> Autoencoder:
    """The built-in autoencoder with the averaged decoder of the checkpoint.

    Raises InvalidInput where that was trained on latents of another encoder.
    """
    _needs(generation, "decoder")
    codec, folder = shipped_autoencoder(generation), generation.part("decoder")
    _check_same_parts(folder, decoder.read_of(codec), needed=True)
    return decoder.with_decoder(codec, folder)


def _check_same_parts(folder: Path, now: Mapping[str, str], *, needed: bool = False) -> None:
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
