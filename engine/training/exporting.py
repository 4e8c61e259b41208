"""A generation on its way: what it can do today, measured, and light checkpoints to go on from."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cache.errors import InvalidInput
from engine.training.checkpoints import lighten_checkpoint
from engine.training.generation import PARTS, SHEET_PROMPTS, Generation, copy_told
from engine.training.image.evaluation import (
    HELD_OUT_SEED,
    autoencoder_quality,
    reconstructed,
    retrieval_at_1,
)
from engine.training.image.judgement import OF_CARD, judgement
from engine.training.image.sheets import contact_sheet, reconstruction_sheet
from engine.training.image.train import sampled
from engine.training.image.unet import held_out_loss
from engine.training.staging import staged
from engine.training.trained import trained_autoencoder, trained_clip, trained_pipeline
from engine.training.worlds import world_of

SEEDS = (0, 1, 2)
RENDERINGS = 256  # that the autoencoder is measured on
BATCHES = 8  # of 64 that CLIP is
GUIDANCE = 4.0
LISTING = "manifest.json"


def world_sheet(world: str, *, size: int, seed: int, count: int = 64) -> Image.Image:
    """Random renderings, unselected, eight a row."""
    rng = np.random.default_rng(seed)
    pictures, _ = world_of(world).render_many(rng, count, size)
    return contact_sheet(pictures, columns=8, scale=1)


def export(generation: Generation, to: Path) -> dict[str, Any]:
    """Write the averages of every training that has begun, and what they can do; the numbers.

    Sheets and numbers lie beside them: README.md, numbers.json, reconstructions.webp, samples.webp.
    """
    begun = [part for part in PARTS if generation.step(part)]
    if not begun:
        raise InvalidInput(
            f"folder must hold a training that has begun, got {generation.folder} without any"
        )
    with staged(to, mark="numbers.json") as written:
        for part in begun:
            lighten_checkpoint(generation.part(part), written / part)
            copy_told(generation.part(part), written / part)
        if "clip" in begun:
            trained_clip(generation)[1].save_pretrained(written / "clip" / "tokenizer")
        numbers = measured(generation, written)
        sheet = world_sheet(generation.world, size=96, seed=0)
        sheet.save(written / "world.webp", quality=88)
        (written / "numbers.json").write_text(json.dumps(numbers, indent=1) + "\n")
        (written / "README.md").write_text(card(numbers))
    (to / LISTING).write_text(json.dumps({"files": listing(to)}, indent=1) + "\n")
    return numbers


def listing(folder: Path) -> dict[str, str]:
    """sha256 of every file of an export but the list itself, by its path in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LISTING)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def card(numbers: dict[str, Any]) -> str:
    """What lies here, in words and with the numbers."""
    world = numbers["world"]
    lines = [
        f"# Unfinished: image models of the {world} world",
        "",
        "Averaged weights on their way, as fp16, without their optimizers. They are in no list of "
        "models: go on with them, do not use them.",
        "",
        "```",
        *(
            f"python -m engine train {part} --world {world} --resume-from engine/models/next"
            f" --steps {steps}"
            for part, steps in _LONGER.items()
        ),
        f"python -m engine train export --world {world}",
        "```",
        "",
        "The first call begins with what lies here, later ones go on with `--resume`; `--steps` "
        "makes a training longer. An autoencoder or CLIP that was trained further is another one "
        "for the U-Net: export and shipping take all three as they are, so finish them in this "
        "order. Measured on fresh renderings by `train export`, whose numbers are in numbers.json:",
        "",
    ]
    for part, measure in _MEASURES.items():
        if part in numbers:
            facts = numbers[part]
            lines.append(f"- {part}: step {facts['step']}, {measure(facts)}.")
    if "samples" in numbers:
        asked = numbers["samples"]
        lines += [
            "",
            f"samples.webp, unselected: one row a seed ({', '.join(map(str, asked['seeds']))}), "
            f"25 DDIM steps, guidance {asked['guidance']:g}; its columns: "
            + "; ".join(asked["prompts"]) + ".",
        ]  # fmt: skip
    if "autoencoder" in numbers:
        lines += ["", "reconstructions.webp: held-out renderings, each before its reconstruction."]
    lines += ["", "world.webp: what `train world` draws, 64 renderings from seed 0."]
    return "\n".join(lines) + "\n"


_LONGER = {"autoencoder": 20_000, "clip": 10_000, "unet": 90_000}  # suggestions of the README
_MEASURES: dict[str, Callable[[dict[str, Any]], str]] = {
    "autoencoder": lambda n: (
        f"{n['psnr_db']:.2f} dB and SSIM {n['ssim']:.3f} on {n['pictures']} renderings"
    ),
    "clip": lambda n: (
        f"R@1 among {n['batch']}: {n['text_to_image']:.2f} by text, {n['image_to_text']:.2f} by "
        "picture"
        + "".join(f"; {name} told apart {share:.2f}" for name, share in n.get("tells", {}).items())
    ),
    "unet": lambda n: (
        f"{n['samples_seen']:,} samples seen, weighted loss {n['held_out_loss']:.4f} on held-out "
        "renderings"
    ),
}


def measured(generation: Generation, sheets: Path) -> dict[str, Any]:
    """What every training reached, on fresh renderings that none has seen."""
    numbers: dict[str, Any] = {"world": generation.world, "profile": generation.profile}
    world = generation.world
    if generation.step("autoencoder"):
        codec = trained_autoencoder(generation)
        numbers["autoencoder"] = _progress(generation, "autoencoder") | autoencoder_quality(
            codec, count=RENDERINGS, world=world
        )
        _reconstructions(codec, world).save(sheets / "reconstructions.webp", quality=90)
    if generation.step("clip"):
        model, tokenizer = trained_clip(generation)
        numbers["clip"] = _progress(generation, "clip") | retrieval_at_1(
            model, tokenizer, batches=BATCHES, world=world
        )
        if generation.clip_recipe().changed:
            judged = judgement(model, tokenizer, each=OF_CARD)
            numbers["clip"]["tells"] = {name: row["right"] for name, row in judged.items()}
    if generation.step("unet"):
        pipeline = trained_pipeline(generation)
        numbers["unet"] = _progress(generation, "unet") | {
            "samples_seen": generation.step("unet") * generation.unet_recipe().batch,
            "held_out_loss": held_out_loss(pipeline, generation.unet_recipe(), HELD_OUT_SEED),
            "processor_seconds_25_steps": processor_seconds(pipeline),
        }
        rows = [sampled(pipeline, SHEET_PROMPTS, seed=s, guidance=GUIDANCE) for s in SEEDS]
        contact_sheet(np.concatenate(rows), columns=len(SHEET_PROMPTS), scale=1).save(
            sheets / "samples.webp", quality=90
        )
        numbers["samples"] = {"prompts": SHEET_PROMPTS, "seeds": SEEDS, "guidance": GUIDANCE}
    return numbers


def processor_seconds(pipeline: Any, *, steps: int = 25) -> float:
    """Processor time of one guided picture, of all threads together: busy machines do not count."""
    sampled(pipeline, SHEET_PROMPTS[:1], seed=0, steps=1, guidance=GUIDANCE)
    started = time.process_time()
    sampled(pipeline, SHEET_PROMPTS[:1], seed=0, steps=steps, guidance=GUIDANCE)
    return round(time.process_time() - started, 2)


def _progress(generation: Generation, part: Any) -> dict[str, Any]:
    log = generation.part(part) / "log.jsonl"
    losses = [
        record["loss"]
        for record in (map(json.loads, log.read_text().splitlines()) if log.exists() else ())
        if "loss" in record
    ]
    return {"step": generation.step(part), "training_loss": losses[-1] if losses else None}


def _reconstructions(codec: Any, world: str) -> Image.Image:
    """The first sixteen held-out renderings, each beside what the autoencoder makes of it."""
    side = int(codec.config.sample_size)
    pictures, _ = world_of(world).render_many(np.random.default_rng(HELD_OUT_SEED), 16, side)
    return reconstruction_sheet(pictures, reconstructed(codec, pictures), scale=1)
