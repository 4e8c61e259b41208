"""The numbers and sheets of the cards of models of the poster world, on fresh renderings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from rich.progress import track
from safetensors import safe_open
from transformers import CLIPModel, CLIPTokenizer

from engine.training.generation import SHEET_PROMPTS
from engine.training.image.drawing import Pictures, clipped_of_reconstructions, drawn
from engine.training.image.evaluation import (
    GUIDANCES,
    HELD_OUT_SEED,
    SHEET_GUIDANCES,
    SHEET_SEEDS,
    autoencoder_quality,
    guidance_rows,
    picture_side,
    reconstructed,
    renderings_score,
    retrieval_at_1,
    seconds_an_image,
    text_similarities,
)
from engine.training.image.judgement import OF_CARD, judgement
from engine.training.image.probes import load_probes
from engine.training.image.prompts_probed import (
    probes_on_renderings,
    prompts,
    prompts_followed,
    prompts_missed,
)
from engine.training.image.sheets import contact_sheet, reconstruction_sheet, sample_sheet
from engine.training.worlds import world_of

WORLD = "poster"
PROBED, SHOWN = 200, 64  # prompts that the probes judge; of them shown on a sheet
GUIDANCE = 4.0
RENDERINGS, PROBE_RENDERINGS = 512, 1000


def drawn_numbers(
    clip_folder: Path,
    image_folder: Path,
    probes_folder: Path,
    *,
    seeds: int,
    device: torch.device,
) -> dict[str, Any]:
    """What is told by pictures that the model draws, a GPU's part; writes their sheets, too."""
    clip, tokenizer = _clip(clip_folder, device)
    pipeline = _pipeline(image_folder).to(device)
    batch = 64 if device.type == "cuda" else 8
    probed = _probed(pipeline, probes_folder, image_folder, batch=batch)
    rows, clipped = _over_guidance(pipeline, clip, tokenizer, image_folder, seeds, batch=batch)
    return {
        "world": WORLD, "seeds": seeds, "prompts": probed, "guidance": rows, "clipped": clipped
    }  # fmt: skip


def still_numbers(clip_folder: Path, image_folder: Path, probes_folder: Path) -> dict[str, Any]:
    """What is told by fresh renderings alone; writes the sheet of reconstructions, too."""
    clip, tokenizer = _clip(clip_folder, torch.device("cpu"))
    codec = _pipeline(image_folder).vae
    probes, _ = load_probes(probes_folder)
    side = picture_side(codec)
    pictures, _ = world_of(WORLD).render_many(
        np.random.default_rng(HELD_OUT_SEED), RENDERINGS, side
    )
    _reconstructions(codec, pictures[:16], image_folder)
    return {
        "autoencoder": autoencoder_quality(codec, count=RENDERINGS, world=WORLD),
        "clipped_renderings": clipped_of_reconstructions(codec, pictures),
        "retrieval": retrieval_at_1(clip, tokenizer, world=WORLD),
        "judgement": judgement(clip, tokenizer, each=OF_CARD),
        "renderings": renderings_score(clip, tokenizer, world=WORLD),
        "text_similarity": text_similarities(clip, tokenizer),
        "probes_on_renderings": probes_on_renderings(
            probes, count=PROBE_RENDERINGS, size=side, seed=HELD_OUT_SEED + 17
        ),
        "probe_renderings": PROBE_RENDERINGS,
    }


def sizes_of(clip_folder: Path, image_folder: Path) -> dict[str, dict[str, int]]:
    """Parameters and bytes of the weights of every part."""
    weights = {"clip": clip_folder / "model.safetensors"} | {
        part: next((image_folder / part).glob("*.safetensors"))
        for part in ("vae", "text_encoder", "unet")
    }
    return {part: _size(path) for part, path in weights.items()}


def _size(weights: Path) -> dict[str, int]:
    with safe_open(weights, "pt") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    return {"parameters": sum(map(math.prod, shapes)), "bytes": weights.stat().st_size}


def seconds_of(image_folder: Path) -> dict[str, float]:
    """Wall time of one guided picture of 25 steps on this machine, by threads."""
    pipeline = _pipeline(image_folder)
    return {
        f"{threads} threads": seconds_an_image(pipeline, threads=threads, prompt=SHEET_PROMPTS[0])
        for threads in (1, 2)
    }


def _clip(folder: Path, device: torch.device) -> tuple[Any, CLIPTokenizer]:
    model: Any = CLIPModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    return model.to(device), CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def _pipeline(folder: Path) -> Any:
    pipeline: Any = StableDiffusionPipeline.from_pretrained(
        folder, local_files_only=True, dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _over_guidance(
    pipeline: Any, clip: Any, tokenizer: CLIPTokenizer, to: Path, seeds: int, *, batch: int
) -> tuple[list[dict[str, float]], dict[str, float]]:
    """CLIP score and diversity by guidance, and the share of clipped values of the sheet's."""
    texts = [prompt for prompt in SHEET_PROMPTS for _ in range(seeds)]
    each = list(range(seeds)) * len(SHEET_PROMPTS)
    sheets: dict[float, Pictures] = {}
    clipped: dict[str, float] = {}
    for guidance in track(GUIDANCES, description="sampling"):
        sheets[guidance], share = drawn(pipeline, texts, each, guidance=guidance, batch=batch)
        if guidance in SHEET_GUIDANCES:
            clipped[f"guidance {guidance:g}"] = share
    shown = {guidance: _first(sheets[guidance], seeds) for guidance in SHEET_GUIDANCES}
    samples = sample_sheet(shown, SHEET_PROMPTS, seeds=len(SHEET_SEEDS), scale=1)
    samples.save(to / "samples.webp", quality=88)
    rows = guidance_rows(clip, tokenizer, sheets, SHEET_PROMPTS)
    return [asdict(row) for row in rows], clipped


def _first(pictures: Pictures, seeds: int) -> Pictures:
    """The pictures of the seeds that the sheet shows."""
    by_prompt = pictures.reshape(-1, seeds, *pictures.shape[1:])[:, : len(SHEET_SEEDS)]
    return by_prompt.reshape(-1, *pictures.shape[1:])


def _probed(pipeline: Any, probes_folder: Path, to: Path, *, batch: int) -> dict[str, Any]:
    model, facts = load_probes(probes_folder, next(pipeline.unet.parameters()).device)
    asked = prompts(PROBED)
    texts: Sequence[str] = [prompt.text for prompt in asked]
    pictures, _ = drawn(pipeline, texts, list(range(PROBED)), guidance=GUIDANCE, batch=batch)
    missed = prompts_missed(model, pictures, asked)[:SHOWN]
    below = [
        [f"{k}. {prompt.text}", *([f"missed: {', '.join(names)}"] if names else [])]
        for k, (prompt, names) in enumerate(zip(asked, missed, strict=False), start=1)
    ]
    contact_sheet(pictures[:SHOWN], columns=8, scale=1, below=below).save(
        to / "prompts.webp", quality=88
    )
    return {
        "count": PROBED,
        "guidance": GUIDANCE,
        "followed": prompts_followed(model, pictures, asked),
        "probes": {name: facts.get(name) for name in ("pictures", "seconds", "steps", "device")},
        "shown": texts[:SHOWN],
        "missed": missed,
    }


def _reconstructions(codec: Any, pictures: Pictures, to: Path) -> None:
    sheet = reconstruction_sheet(pictures, reconstructed(codec, pictures))
    sheet.save(to / "reconstructions.webp", quality=88)
