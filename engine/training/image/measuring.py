"""What a shipped pair of image models can do, measured as its world wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from cache.errors import InvalidInput
from engine.training.image import evaluation, poster_evaluation
from engine.training.image.evaluation import check_seeds
from engine.training.image.shipping import shipped_world


def measured(
    clip_folder: Path, image_folder: Path, probes_folder: Path, *, seeds: int, device: str = "cpu"
) -> dict[str, Any]:
    """The numbers of the cards; the sheets lie beside the image model's card."""
    check_seeds(seeds)
    if device == "cuda" and not torch.cuda.is_available():
        raise InvalidInput("device must be cpu, got 'cuda': torch finds no GPU")
    world, clip_world = shipped_world(image_folder), shipped_world(clip_folder)
    if world != clip_world:
        raise InvalidInput(
            f"models must be of one world, got {world} in {image_folder} and {clip_world} in "
            f"{clip_folder}"
        )
    if world == "landscape":
        if device != "cpu":
            raise InvalidInput(f"device must be cpu for models of the landscapes, got {device!r}")
        return evaluation.evaluate(clip_folder, image_folder, seeds=seeds)
    return poster_evaluation.evaluate_posters(
        clip_folder, image_folder, probes_folder, seeds=seeds, device=torch.device(device)
    )


def timed(numbers: dict[str, Any], image_folder: Path) -> dict[str, Any]:
    """The numbers with the seconds a picture on this machine, where they are not told yet."""
    if "seconds_25_steps" in numbers:
        return numbers
    return numbers | {"seconds_25_steps": poster_evaluation.seconds_of(image_folder)}
