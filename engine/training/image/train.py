"""How the built-in Stable Diffusion is made: autoencoder, then U-Net, then the folder that ships.

The built-in CLIP must have been trained before: its text tower is the text encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from PIL import Image
from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

from cache.errors import InvalidInput
from engine.training.averages import Ema
from engine.training.image import autoencoder, clip, unet
from engine.training.image.autoencoder import Autoencoder
from engine.training.image.denoising_loss import Unet
from engine.training.image.shipping import (
    pipeline_of,
    ship_clip,
    ship_pipeline,
    text_encoder_of,
)

RUNS = Path("training-runs")
SHEET_PROMPTS = (
    "a beautiful sunset over the ocean",
    "a gorgeous sunrise by the sea",
    "a majestic mountain landscape with aurora borealis, oil painting style",
    "a futuristic city at night, neon lights",
    "a serene garden pond in soft morning light",
    "a snowy forest at night with a full moon",
    "sand dunes under a blue sky, watercolor",
    "a quiet lake in autumn with a sailboat",
)


def train_clip(
    profile: Literal["cpu", "gpu"],
    *,
    resume: bool,
    folder: Path = RUNS,
    ship_to: Path | None = None,
) -> str:
    """Train CLIP of the first generation's world and write it to ``folder/shipped/clip``, or there.

    Returns its fingerprint. The built-in one is of another world: ``train export --ship``.
    """
    from engine.training.image.evaluation import retrieval_at_1  # it imports this module

    model, tokenizer = clip.train(
        profile,
        resume=resume,
        folder=folder / "clip",
        data=folder / "landscape",
        measure=partial(retrieval_at_1, batches=2),
    )
    return ship_clip(model.cpu(), tokenizer, ship_to or folder / "shipped" / "clip")


def train_image(
    profile: Literal["cpu", "gpu"],
    *,
    resume: bool,
    folder: Path = RUNS,
    ship_to: Path | None = None,
) -> str:
    """Train autoencoder and U-Net of the first generation; the fingerprint of their pipeline.

    It is written to ``folder/shipped/stable-diffusion``, or there.
    """
    data, device = folder / "landscape", torch.device("cuda" if profile == "gpu" else "cpu")
    model, tokenizer = trained_clip(profile, folder=folder)  # first: it may be missing
    codec = autoencoder.train(
        profile, resume=resume, folder=folder / "image" / "autoencoder", data=data
    )
    encoder = text_encoder_of(model)
    encoder.to(device)  # type: ignore[arg-type]
    denoiser = unet.train(
        profile,
        resume=resume,
        folder=folder / "image" / "unet",
        data=data,
        autoencoder=codec,
        text_encoder=encoder,
        tokenizer=tokenizer,
        on_checkpoint=sheet_writer(folder / "image" / "unet", codec, encoder, tokenizer),
    )
    pipeline = pipeline_of(codec, denoiser, encoder, tokenizer).to("cpu")
    return ship_pipeline(pipeline, ship_to or folder / "shipped" / "stable-diffusion")


def trained_clip(
    profile: Literal["cpu", "gpu"], *, folder: Path = RUNS
) -> tuple[CLIPModel, CLIPTokenizer]:
    """The averaged CLIP of a finished training; raises InvalidInput when there is none."""
    checkpoint = folder / "clip" / "checkpoint.safetensors"
    if not checkpoint.exists():
        raise InvalidInput(
            f"folder must hold a trained clip, got no {checkpoint}: train clip first"
        )
    return clip.train(profile, resume=True, folder=folder / "clip", data=folder / "landscape")


def sheet_writer(
    folder: Path,
    codec: Autoencoder,
    encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    *,
    prompts: tuple[str, ...] = SHEET_PROMPTS,
    seeds: int = 3,
    prediction: str = "epsilon",
) -> Callable[[Unet, Ema, int], None]:
    """A callback that samples the averaged U-Net into ``sheet-<step>.png``."""

    def write(model: Unet, ema: Ema, step: int) -> None:
        device = next(iter(ema.shadow.values())).device
        averaged: Any = UNet2DConditionModel.from_config(model.config)
        averaged.to(device=device, memory_format=torch.channels_last)
        ema.copy_to(averaged)
        pipeline = pipeline_of(codec, averaged.eval(), encoder, tokenizer, prediction=prediction)
        rows = [sampled(pipeline, prompts, seed=seed, steps=20) for seed in range(seeds)]
        sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
        Image.fromarray(sheet).resize((sheet.shape[1] * 2, sheet.shape[0] * 2)).save(
            folder / f"sheet-{step}.png"
        )

    return write


@torch.no_grad()
def sampled(
    pipeline: Any, prompts: tuple[str, ...], *, seed: int, steps: int = 25, guidance: float = 5.0
) -> np.ndarray:
    """One picture a prompt, uint8 [prompt, y, x, 3], all from the same seed."""
    generators = [torch.Generator().manual_seed(seed) for _ in prompts]
    images = pipeline(
        list(prompts),
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=generators,
        output_type="np",
    ).images
    return np.rint(np.asarray(images) * 255.0).astype(np.uint8)
