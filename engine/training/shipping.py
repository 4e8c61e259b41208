"""A finished generation becomes the built-in models: fp16 folders that say how they were made."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from cache.errors import InvalidInput
from engine.models.manifest import made_of
from engine.training.checkpoints import read_header
from engine.training.generation import PARTS, Generation, Part, check_told
from engine.training.image.latents import TRAINED_ON
from engine.training.image.probe_training import FOLDER
from engine.training.image.probes import FACTS, WEIGHTS, load_probes
from engine.training.image.shipping import (
    BUILTIN,
    CLIP_FOLDER,
    IMAGE_FOLDER,
    ship_clip,
    ship_pipeline,
)
from engine.training.image.unet import trained_on
from engine.training.image.warm_start import BEGUN_WITH
from engine.training.staging import staged
from engine.training.trained import (
    shipped_pipeline,
    trained_autoencoder,
    trained_clip,
    trained_decoder,
    trained_pipeline,
    trained_text_encoder,
)

PROBES = BUILTIN.parent / "probes"  # what the image model's card was measured with
MOST_BYTES = 60_000_000


def ship(
    generation: Generation, to: Path | None = None, *, alone: Part | None = None
) -> dict[str, str]:
    """Write clip, stable-diffusion and, if there are any, probes; the fingerprints by name.

    They go to the built-in models, or to folders of these names in ``to``. CLIP can go alone: the
    image model keeps the text encoder that its U-Net was trained with. So can a U-Net that was
    trained on the built-in autoencoder and CLIP: it is shipped with these. And so can a decoder of
    the built-in autoencoder, with all else of the image model as it is.
    """
    wanted: tuple[Part, ...] = (alone,) if alone else PARTS
    for part in wanted:
        if not generation.step(part):
            raise InvalidInput(
                f"folder must hold all of {', '.join(wanted)} to be shipped, got no {part} in "
                f"{generation.folder}"
            )
    clip_folder, image_folder, _ = folders(to)
    world = generation.world
    told: dict[str, Any] = {part: made(generation, part) for part in wanted}
    if alone == "unet":
        codec = made_of(IMAGE_FOLDER)
        kept = {part: codec[part] for part in ("autoencoder", "decoder") if part in codec}
        told = kept | {"clip": made_of(CLIP_FOLDER)["clip"]} | told
        on_these = replace(generation, on_shipped=True)
        _check_trained_on(on_these)
        return {
            "builtin-sd": ship_pipeline(
                trained_pipeline(on_these), image_folder, world=world, made=told
            )
        }
    if alone == "decoder":
        whole = shipped_pipeline(generation)
        whole.register_modules(vae=trained_decoder(generation).to("cpu"))
        told = made_of(IMAGE_FOLDER) | told
        return {"builtin-sd": ship_pipeline(whole, image_folder, world=world, made=told)}
    model, tokenizer = trained_clip(generation)
    if alone is None:
        _check_trained_on(generation)
    fingerprints = {
        "builtin-clip": ship_clip(
            model.cpu(), tokenizer, clip_folder, world=world, made={"clip": told["clip"]}
        )
    }
    if alone == "clip":
        return fingerprints
    fingerprints["builtin-sd"] = ship_pipeline(
        trained_pipeline(generation), image_folder, world=world, made=told
    )
    if (generation.folder / FOLDER / FACTS).exists():
        ship_probes(generation, to)
    return fingerprints


def ship_probes(generation: Generation, to: Path | None = None) -> Path:
    """Make a generation's classifier the one that cards are measured with; where it went.

    Raises InvalidInput for one that is not there, or damaged.
    """
    trained, (_, _, probes_folder) = generation.folder / FOLDER, folders(to)
    _, facts = load_probes(trained)
    if facts.get("world") != generation.world:
        raise InvalidInput(
            f"world of the probes must be {generation.world}, got {facts.get('world')}: {trained}"
        )
    with staged(probes_folder, mark=FACTS) as written:
        for name in (FACTS, WEIGHTS):
            shutil.copy(trained / name, written / name)
    return probes_folder


def _check_trained_on(generation: Generation) -> None:
    """Raise InvalidInput where the U-Net was trained on other parts than those it ships with."""
    path = generation.part("unet") / TRAINED_ON
    try:
        read = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"{TRAINED_ON} must tell what the U-Net was trained on, got {path}: {error}"
        ) from error
    given = trained_on(trained_autoencoder(generation), trained_text_encoder(generation)[0])
    for part, digest in given.items():
        if not isinstance(read, dict) or read.get(part) != digest:
            raise InvalidInput(
                f"the U-Net must have been trained on the {part} that it ships with, {digest}, got "
                f"{read.get(part) if isinstance(read, dict) else read} in {path}"
            )


def folders(to: Path | None) -> tuple[Path, Path, Path]:
    """Where CLIP, Stable Diffusion and the probes of shipped models lie."""
    if to is None:
        return CLIP_FOLDER, IMAGE_FOLDER, PROBES
    return to / "clip", to / "stable-diffusion", to / "probes"


def size_bytes(*shipped: Path) -> int:
    """Of everything in these folders."""
    return sum(p.stat().st_size for folder in shipped for p in folder.rglob("*") if p.is_file())


def made(generation: Generation, part: Part) -> dict[str, Any]:
    """How a part was trained: its recipe and length, and the seconds that its log tells of."""
    path = generation.part(part) / "checkpoint.safetensors"
    header = read_header(path)
    check_told(header, part, generation.recipe_of(part), path)
    recipe, step = header["facts"]["recipe"], int(header["step"])
    warm = part == "decoder" or (part != "autoencoder" and bool(recipe.get("warm")))
    return {
        "recipe": recipe,
        "step": step,
        "samples_seen": samples_seen(recipe, step),
        "seconds": logged_seconds(generation.part(part)),
        "device": _device(generation, part),
        **_beginning(generation.part(part), warm=warm),
    }


def _beginning(folder: Path, *, warm: bool) -> dict[str, Any]:
    """How the weights were made that a training began with, if it began with any."""
    path = folder / BEGUN_WITH
    if not warm and not path.exists():
        return {}
    try:
        before = json.loads(path.read_text())
        for each in _told_stages(before):
            numbers = (each["step"], each["samples_seen"], each["seconds"] or 0)
            if not isinstance(each["recipe"], dict) or not all(0 <= n < math.inf for n in numbers):
                raise ValueError(f"a training of {numbers}")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(
            f"{BEGUN_WITH} must tell of a training, got {path}: {error!r}"
        ) from error
    return {"began_with": before}


def _told_stages(before: dict[str, Any]) -> list[dict[str, Any]]:
    """A training and those that it began with; none of nothing."""
    stages = []
    while before:
        stages.append(before)
        before = before.get("began_with") or {}
    return stages


def _device(generation: Generation, part: Part) -> str:
    """The name that the training's log tells, or the probes', which are trained beside it."""
    probes = generation.folder / FOLDER / FACTS
    told = [each["device"] for each in _logged(generation.part(part)) if "device" in each]
    if told:
        return str(told[-1])
    if generation.profile == "cpu":
        return "CPU"
    return str(json.loads(probes.read_text())["device"]) if probes.exists() else "a GPU"


def samples_seen(recipe: dict[str, Any], step: int) -> int:
    """Pictures that were trained on, repetitions counted."""
    if "batch" in recipe:
        return step * int(recipe["batch"])
    crops = min(step, int(recipe["crop_steps"]))
    return crops * int(recipe["crop_batch"]) + (step - crops) * int(recipe["whole_batch"])


def logged_seconds(folder: Path) -> float | None:
    """The seconds of a training in its log, those of every resumed call added; None without one.

    A record tells the seconds since its process began: they drop where another began.
    """
    records = _logged(folder)
    if not records:
        return None
    total = last = 0.0
    for record in records:
        seconds = float(record["seconds"])
        if seconds < last:
            total += last
        last = seconds
    return round(total + last, 1)


def _logged(folder: Path) -> list[dict[str, Any]]:
    """The records of a training's log; none without one."""
    log = folder / "log.jsonl"
    if not log.exists():
        return []
    try:
        records = [json.loads(line) for line in log.read_text().splitlines()]
        if all(_lasted(record["seconds"]) for record in records):
            return records
        said = "seconds must be numbers of 0 or more"
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = repr(error)
    raise InvalidInput(f"log.jsonl must have a record with seconds a line, got {log}: {said}")


def _lasted(seconds: Any) -> bool:
    """Whether a log's seconds are some."""
    return isinstance(seconds, int | float) and math.isfinite(seconds) and seconds >= 0
