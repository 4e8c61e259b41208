"""A generation of image models in one folder: one world, its pictures, three trainings.

``folder/world`` holds the renderings, ``folder/autoencoder``, ``clip`` and ``unet`` the
checkpoints and logs. Any of the trainings can be stopped and gone on with; the U-Net wants the
other two first.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from transformers import CLIPTokenizer

from cache.errors import InvalidInput
from engine.training.bounds import MOST_STEPS
from engine.training.checkpoints import (
    check_facts,
    read_header,
    restore_light,
)
from engine.training.image import autoencoder, clip, decoder, unet
from engine.training.image.autoencoder import AutoencoderRecipe
from engine.training.image.clip import ClipRecipe
from engine.training.image.decoder import DecoderRecipe
from engine.training.image.latents import TRAINED_ON
from engine.training.image.unet import UnetRecipe
from engine.training.image.warm_start import BEGUN_WITH
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

    def recipe_of(self, part: Part) -> Any:
        """Of one of its parts."""
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

    def check_goes_on(self, part: Part, steps: int | None) -> None:
        """Raise InvalidInput for a checkpoint of another recipe, or one that is further already.

        Before hours of rendering and encoding; a training without checkpoint begins.
        """
        path = self.part(part) / "checkpoint.safetensors"
        done = self.step(part)
        if not done:
            return
        made, now = (
            {name: value for name, value in facts.items() if not name.endswith("steps")}
            for facts in (read_header(path)["facts"]["recipe"], self.recipe_of(part).facts)
        )
        check_facts(made, now, path)
        if steps is not None and steps < done:
            raise InvalidInput(f"steps must be those of the checkpoint at least, {done}, got "
                               f"{steps}: {path}")  # fmt: skip

    def begin_from(self, light: Path, part: Part) -> None:
        """Let a training go on from the averages that were exported to ``light / part``."""
        if self.step(part):
            raise InvalidInput(
                f"resume-from must not replace a checkpoint, got step {self.step(part)} in "
                f"{self.part(part)}: go on with --resume or move it away"
            )
        recipe = self.recipe_of(part).facts
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


def check_told(header: Mapping[str, Any], part: Part, recipe: Any, path: Path) -> None:
    """Raise InvalidInput where a checkpoint's header cannot be that of a training of the part.

    ``recipe`` is one of the part's: values must be of the kinds that it has.
    """
    facts, step = header["facts"], int(header["step"])
    if facts.get("kind") != part:
        raise InvalidInput(
            f"kind of the checkpoint must be {part}, got {facts.get('kind')}: {path}"
        )
    if step > MOST_STEPS:
        raise InvalidInput(f"step of the checkpoint must be 0 to {MOST_STEPS}, got {step}: {path}")
    for name, usual in asdict(recipe).items():
        told = facts["recipe"].get(name, usual)
        if not _alike(told, usual):
            raise InvalidInput(
                f"{name} of the checkpoint's recipe must be like {usual!r}, got {told!r}: {path}"
            )


def _alike(told: Any, usual: Any) -> bool:
    """Whether a value of a header is of the kind that a recipe has there."""
    if isinstance(usual, bool) or usual is None:
        return usual is None or isinstance(told, bool)
    if isinstance(usual, int | float):
        kinds = int if isinstance(usual, int) else (int, float)
        return isinstance(told, kinds) and not isinstance(told, bool) and 0 <= told < math.inf
    if isinstance(usual, tuple):
        return isinstance(told, list | tuple) and all(_alike(each, usual[0]) for each in told)
    return isinstance(told, type(usual))


def copy_told(part: Path, to: Path) -> None:
    """What lies beside a checkpoint and tells of it goes with it."""
    for name in (BEGUN_WITH, TRAINED_ON):
        if (part / name).exists():
            shutil.copy(part / name, to / name)
