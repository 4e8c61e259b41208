"""The numbers and sheets of the image model cards: ``python -m engine train evaluate image``.

Everything is measured on the shipped folders and on freshly rendered, never trained pictures.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import StableDiffusionPipeline
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor
from transformers import CLIPModel, CLIPTokenizer

from cache.errors import InvalidInput
from engine.training.image.autoencoder import Autoencoder, as_pictures, as_tensor
from engine.training.image.clip import tokenized
from engine.training.image.quality import psnr_db, ssim
from engine.training.image.sheets import reconstruction_sheet, sample_sheet
from engine.training.image.train import SHEET_PROMPTS
from engine.training.landscape.render import render_many
from engine.training.worlds import world_of

Pictures = NDArray[np.uint8]  # [picture, y, x, 3]

GUIDANCES = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 7.5)
SHEET_GUIDANCES = (1.0, 4.0, 7.5)
SHEET_SEEDS = (0, 1, 2, 3)
HELD_OUT_SEED = 987_654_321
SEEDS = 8  # of the shipped card
MOST_SEEDS = 64
SIMILARITY_TEXTS = (
    "A beautiful sunset over the ocean",
    "A gorgeous sunrise by the sea",
    "A cat sitting on a windowsill",
    "Neural network architecture diagram",
)


@dataclass(frozen=True, slots=True)
class GuidanceRow:
    """What one guidance scale does: fidelity to the prompt against diversity over seeds."""

    guidance: float
    clip_score: float  # mean cosine of picture and prompt
    prompt_found: float  # share of pictures nearer to their own prompt than to the 7 others
    diversity: float  # mean pairwise cosine distance of the pictures of one prompt


def autoencoder_quality(
    model: Autoencoder, *, count: int = 512, world: str = "landscape"
) -> dict[str, float]:
    """Mean PSNR and SSIM of reconstructions of held-out renderings."""
    rng = np.random.default_rng(HELD_OUT_SEED)
    pictures, _ = world_of(world).render_many(rng, count, picture_side(model))
    decoded = reconstructed(model, pictures)
    return {
        "pictures": count,
        "psnr_db": float(psnr_db(pictures, decoded).mean()),
        "ssim": float(ssim(pictures, decoded).mean()),
    }


@torch.no_grad()
def reconstructed(model: Autoencoder, pictures: Pictures) -> Pictures:
    """The pictures after the autoencoder."""
    device = next(model.parameters()).device
    return np.concatenate([
        as_pictures(model(as_tensor(pictures[k : k + 32]).to(device)).sample)
        for k in range(0, len(pictures), 32)
    ])  # fmt: skip


def retrieval_at_1(
    model: CLIPModel,
    tokenizer: CLIPTokenizer,
    *,
    batch: int = 64,
    batches: int = 16,
    seed: int = 5,
    world: str = "landscape",
) -> dict[str, float]:
    """How often a held-out caption finds its picture among ``batch``, and the reverse.

    Captions may leave things out, and several pictures of a batch may fit one: 1.0 is not
    in reach even of a perfect reader.
    """
    rng = np.random.default_rng(HELD_OUT_SEED + seed)
    side, drawn_from = vision_side(model), world_of(world)
    hits = np.zeros(2)  # by text, by image
    for _ in range(batches):
        pictures, scenes = drawn_from.render_many(rng, batch, side)
        texts = [drawn_from.caption(scene, rng) for scene in scenes]
        likeness = text_features(model, tokenizer, texts) @ image_features(model, pictures).T
        target = torch.arange(batch)
        hits += [
            float((likeness.argmax(dim=1) == target).float().mean()),
            float((likeness.argmax(dim=0) == target).float().mean()),
        ]
    return {
        "batch": batch,
        "batches": batches,
        "text_to_image": float(hits[0] / batches),
        "image_to_text": float(hits[1] / batches),
    }


@torch.no_grad()
def text_features(model: CLIPModel, tokenizer: CLIPTokenizer, texts: Sequence[str]) -> Tensor:
    """Unit text vectors [text, width]."""
    ids = tokenized(tokenizer, list(texts)).to(model.device)
    return F.normalize(model.get_text_features(input_ids=ids).pooler_output, dim=-1).cpu()


@torch.no_grad()
def image_features(model: CLIPModel, pictures: Pictures) -> Tensor:
    """Unit image vectors [picture, width]."""
    side = vision_side(model)
    parts = []
    for k in range(0, len(pictures), 128):
        pixels = as_tensor(pictures[k : k + 128]).contiguous().to(model.device)
        if pixels.shape[-1] != side:
            pixels = F.interpolate(pixels, size=(side, side), mode="bicubic", antialias=True)
        seen = model.get_image_features(pixel_values=pixels).pooler_output
        parts.append(F.normalize(seen, dim=-1).cpu())
    return torch.cat(parts)


def generated(
    pipeline: Any, prompts: Sequence[str], *, seeds: Sequence[int], guidance: float, steps: int
) -> Pictures:
    """Pictures of every prompt and seed, in that order, uint8 [prompt * seed, y, x, 3]."""
    pictures = []
    for prompt in prompts:
        output = pipeline(
            [prompt] * len(seeds),
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            output_type="np",
        )
        pictures.append(np.rint(np.asarray(output.images) * 255.0).astype(np.uint8))
    return np.concatenate(pictures)


def guidance_rows(
    model: CLIPModel,
    tokenizer: CLIPTokenizer,
    sheets: dict[float, Pictures],
    prompts: Sequence[str] = SHEET_PROMPTS,
) -> list[GuidanceRow]:
    """Fidelity and diversity of the sheets, whose pictures are ordered by prompt, then seed."""
    wanted = text_features(model, tokenizer, prompts)
    rows = []
    for guidance, pictures in sheets.items():
        seen = image_features(model, pictures).view(len(prompts), -1, wanted.shape[1])
        seeds = seen.shape[1]
        likeness = torch.einsum("psd,qd->psq", seen, wanted)
        own = torch.arange(len(prompts))
        pairs = torch.triu_indices(seeds, seeds, offset=1)
        alike = torch.einsum("psd,ptd->pst", seen, seen)[:, pairs[0], pairs[1]]
        rows.append(
            GuidanceRow(
                guidance=guidance,
                clip_score=float(likeness[own, :, own].mean()),
                prompt_found=float((likeness.argmax(dim=2) == own[:, None]).float().mean()),
                diversity=float((1.0 - alike).mean()),
            )
        )
    return rows


def renderings_score(
    model: CLIPModel, tokenizer: CLIPTokenizer, *, count: int = 512, world: str = "landscape"
) -> dict[str, float]:
    """CLIP score of held-out renderings with their own captions: what a true picture gets."""
    rng = np.random.default_rng(HELD_OUT_SEED)
    drawn_from = world_of(world)
    pictures, scenes = drawn_from.render_many(rng, count, vision_side(model))
    texts = text_features(model, tokenizer, [drawn_from.caption(scene, rng) for scene in scenes])
    scores = torch.einsum("nd,nd->n", image_features(model, pictures), texts)
    return {"pictures": count, "mean": float(scores.mean()), "median": float(scores.median())}


def seconds_an_image(
    pipeline: Any, *, steps: int = 25, threads: int = 2, prompt: str = SHEET_PROMPTS[0]
) -> float:
    """Wall time of one guided picture, the better of three, on that many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    times = []
    for seed in range(3):
        started = time.perf_counter()
        generated(pipeline, [prompt], seeds=[seed], guidance=7.5, steps=steps)
        times.append(time.perf_counter() - started)
    torch.set_num_threads(before)
    return min(times)


def text_similarities(model: CLIPModel, tokenizer: CLIPTokenizer) -> dict[str, float]:
    """Cosine of the first similarity text with each of the others."""
    vectors = text_features(model, tokenizer, SIMILARITY_TEXTS)
    return {
        text: float(vectors[0] @ vector)
        for text, vector in zip(SIMILARITY_TEXTS[1:], vectors[1:], strict=True)
    }


def check_seeds(seeds: int) -> None:
    """Raises InvalidInput for fewer than the sample sheet shows, or very many."""
    fewest = len(SHEET_SEEDS)
    if not fewest <= seeds <= MOST_SEEDS:
        raise InvalidInput(f"seeds must be {fewest} to {MOST_SEEDS}, got {seeds}")


def evaluate(clip_folder: Path, image_folder: Path, *, seeds: int = SEEDS) -> dict[str, Any]:
    """Measure both folders, write the sheets beside the image model's card, return the numbers."""
    check_seeds(seeds)
    clip: Any = CLIPModel.from_pretrained(clip_folder, local_files_only=True, dtype=torch.float32)
    tokenizer = CLIPTokenizer.from_pretrained(clip_folder, local_files_only=True)
    pipeline: Any = StableDiffusionPipeline.from_pretrained(
        image_folder, local_files_only=True, dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    sheets = {
        guidance: generated(
            pipeline, SHEET_PROMPTS, seeds=range(seeds), guidance=guidance, steps=25
        )
        for guidance in track(GUIDANCES, description="sampling")
    }
    shown = {
        guidance: np.concatenate([
            sheets[guidance][k * seeds : k * seeds + len(SHEET_SEEDS)]
            for k in range(len(SHEET_PROMPTS))
        ])
        for guidance in SHEET_GUIDANCES
    }  # fmt: skip
    samples = sample_sheet(shown, SHEET_PROMPTS, seeds=len(SHEET_SEEDS))
    samples.save(image_folder / "samples.webp", quality=88)
    pictures, _ = render_many(np.random.default_rng(HELD_OUT_SEED), 16, picture_side(pipeline.vae))
    reconstruction_sheet(pictures, reconstructed(pipeline.vae, pictures)).save(
        image_folder / "reconstructions.webp", quality=88
    )
    return {
        "seeds": seeds,
        "autoencoder": autoencoder_quality(pipeline.vae),
        "retrieval": retrieval_at_1(clip, tokenizer),
        "renderings": renderings_score(clip, tokenizer),
        "guidance": [asdict(row) for row in guidance_rows(clip, tokenizer, sheets)],
        "text_similarity": text_similarities(clip, tokenizer),
        "seconds_25_steps": {
            f"{threads} threads": seconds_an_image(pipeline, threads=threads) for threads in (1, 2)
        },
    }


def picture_side(model: Autoencoder) -> int:
    side = model.config.sample_size
    return int(side)


def vision_side(model: CLIPModel) -> int:
    config: Any = model.config.vision_config
    return int(config.image_size)
