"""A generation on its way: what it can do today, measured, and light checkpoints to go on from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from cache.errors import InvalidInput
from engine.models.manifest import write_manifest
from engine.training.generation import (
    PARTS,
    SHEET_PROMPTS,
    Generation,
    trained_autoencoder,
    trained_clip,
    trained_pipeline,
)
from engine.training.image import sampled
from engine.training.image_evaluation import (
    HELD_OUT_SEED,
    autoencoder_quality,
    contact_sheet,
    reconstructed,
    retrieval_at_1,
    seconds_an_image,
)
from engine.training.loop import lighten_checkpoint
from engine.training.unet import held_out_loss
from engine.training.worlds import world_of

SEEDS = (0, 1, 2, 3)
RENDERINGS = 256  # that the autoencoder is measured on
BATCHES = 8  # of 64 that CLIP is
GUIDANCE = 4.0


def world_sheet(world: str, *, size: int, seed: int, count: int = 64) -> Image.Image:
    """Random renderings, unselected, eight a row."""
    rng = np.random.default_rng(seed)
    pictures, _ = world_of(world).render_many(rng, count, size)
    return contact_sheet(pictures, columns=8, scale=1)


def export(generation: Generation, to: Path) -> dict[str, Any]:
    """Write the averages of every training that has begun, and what they can do; the numbers.

    Sheets and numbers lie beside them: numbers.json, reconstructions.webp, samples.webp.
    """
    begun = [part for part in PARTS if generation.step(part)]
    if not begun:
        raise InvalidInput(
            f"folder must hold a training that has begun, got {generation.folder} without any"
        )
    for part in begun:
        lighten_checkpoint(generation.part(part), to / part)
    if "clip" in begun:
        shutil.rmtree(to / "clip" / "tokenizer", ignore_errors=True)
        shutil.copytree(generation.part("clip") / "tokenizer", to / "clip" / "tokenizer")
    numbers = measured(generation, to)
    (to / "numbers.json").write_text(json.dumps(numbers, indent=1) + "\n")
    write_manifest(to, f"next-{generation.world}", "unfinished")
    return numbers


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
    if generation.step("unet"):
        pipeline = trained_pipeline(generation)
        numbers["unet"] = _progress(generation, "unet") | {
            "samples_seen": generation.step("unet") * generation.unet_recipe().batch,
            "held_out_loss": held_out_loss(pipeline, generation.unet_recipe(), HELD_OUT_SEED),
            "seconds_25_steps": seconds_an_image(pipeline, threads=torch.get_num_threads()),
            "threads": torch.get_num_threads(),
        }
        rows = [sampled(pipeline, SHEET_PROMPTS, seed=s, guidance=GUIDANCE) for s in SEEDS]
        contact_sheet(np.concatenate(rows), columns=len(SHEET_PROMPTS), scale=1).save(
            sheets / "samples.webp", quality=90
        )
        numbers["samples"] = {"prompts": SHEET_PROMPTS, "seeds": SEEDS, "guidance": GUIDANCE}
    return numbers


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
    pairs = np.stack([pictures, reconstructed(codec, pictures)], axis=1)
    return contact_sheet(pairs.reshape(-1, *pictures.shape[1:]), columns=8, scale=1)
