"""What a shipped pair of image models can do, measured as its world wants it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import torch

from cache.errors import InvalidInput
from engine.models.manifest import check_manifest
from engine.training.image import evaluation, poster_evaluation
from engine.training.image.evaluation import check_seeds
from engine.training.image.shipping import shipped_world


def measured(
    clip_folder: Path, image_folder: Path, probes_folder: Path, *, seeds: int, device: str = "cpu"
) -> dict[str, Any]:
    """The numbers that tell what is drawn, on a device; for landscapes all of them.

    The sheets lie beside the image model's card. ``completed`` adds what is left.
    """
    check_seeds(seeds)
    if device == "cuda" and not torch.cuda.is_available():
        raise InvalidInput("device must be cpu, got 'cuda': torch finds no GPU")
    for folder in (clip_folder, image_folder):
        if not folder.is_dir():
            raise InvalidInput(f"models must hold clip and stable-diffusion, got no {folder}")
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
    numbers = poster_evaluation.drawn_numbers(
        clip_folder, image_folder, probes_folder, seeds=seeds, device=torch.device(device)
    )
    return numbers | {"fingerprints": _fingerprints(clip_folder, image_folder)}


def completed(
    numbers: dict[str, Any], clip_folder: Path, image_folder: Path, probes_folder: Path
) -> dict[str, Any]:
    """The numbers with what renderings alone tell, and the seconds a picture on this machine.

    Raises InvalidInput for numbers of other models.
    """
    if numbers.get("world") != "poster" and "seconds_25_steps" in numbers:
        return numbers  # of landscapes all is measured at once
    if numbers.get("fingerprints") != _fingerprints(clip_folder, image_folder):
        raise InvalidInput(
            f"numbers must be of the models in {clip_folder} and {image_folder}, got those of "
            "others"
        )
    still = poster_evaluation.still_numbers(clip_folder, image_folder, probes_folder)
    told = {
        "sizes": poster_evaluation.sizes_of(clip_folder, image_folder),
        "seconds_25_steps": poster_evaluation.seconds_of(image_folder),
        "machine": machine(),
    }
    return numbers | still | told


def machine() -> str:
    """This machine as a card names it: as in "2 cores of an Intel(R) Xeon(R) CPU @ 2.20GHz"."""
    described = Path("/proc/cpuinfo")  # platform has no name for it on Linux
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {names[0] if names else platform.machine()}"


def _fingerprints(*folders: Path) -> list[str]:
    return [check_manifest(folder) for folder in folders]
