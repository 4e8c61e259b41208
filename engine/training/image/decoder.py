"""The decoder of a shipped autoencoder, trained on by itself: the latents stay what they are.

The encoder and the 1 x 1 convolutions around the latents are left alone, so that a U-Net of these
latents and every latent that a store holds go on to mean the same; pictures of them get sharper.
"""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.training.averages import Ema
from engine.training.checkpoints import load_averages
from engine.training.image.autoencoder import Autoencoder, reconstructions
from engine.training.image.latents import TRAINED_ON, cached_latents, weights_digest
from engine.training.image.on_device import device_pictures, drawn, scaled
from engine.training.image.quality import SIGMA, WINDOW
from engine.training.image.warm_start import BUILTIN, keep_beginning
from engine.training.loop import Descent
from engine.training.world_data import (
    HELD_OUT,
    HELD_OUT_COUNT,
    SHARD,
    rendered_shard,
    rendered_world,
)

C1, C2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2  # of SSIM, for values that lie 2 apart at most


@dataclass(frozen=True, slots=True)
class DecoderRecipe:
    """Sizes and lengths of one training, and what its loss is made of."""

    size: int = 128  # of the pictures
    shards: int = 6
    shard_count: int = SHARD
    steps: int = 4000
    batch: int = 8
    learning_rate: float = 3e-4
    ema_decay: float = 0.999
    seed: int = 0
    world: str = "poster"
    half: bool = True  # bfloat16 on a CPU, too
    noise: float = 0.05  # deviation at most, on half of the latents: drawn ones are not exact
    log_weight: float = 0.02  # of the logarithm of a picture's squared error: of its PSNR
    ssim_weight: float = 1.0
    slope_weight: float = 0.25

    @property
    def facts(self) -> dict[str, Any]:
        """What a checkpoint depends on: not the length, so a training can be made longer."""
        return {name: value for name, value in asdict(self).items() if name != "steps"}


RECIPES: dict[str, DecoderRecipe] = {
    "poster": DecoderRecipe(),
    "gpu": DecoderRecipe(shards=16, steps=60_000, batch=64, learning_rate=6e-4),
}


def train(
    profile: Literal["cpu", "gpu"],
    *,
    resume: bool,
    folder: Path,
    data: Path,
    autoencoder: Autoencoder,
    recipe: DecoderRecipe,
    stop_after: int | None = None,
    seconds: float | None = None,
) -> Autoencoder:
    """Train, or go on training, and return the autoencoder with the averaged decoder.

    ``folder`` takes checkpoint, log, latents and a sheet of reconstructions; ``seconds`` is the
    length of a training on a GPU.
    """
    device = torch.device("cuda" if profile == "gpu" else "cpu")
    model = autoencoder.to(device=device, memory_format=torch.channels_last).eval()
    model.requires_grad_(False)
    read = read_of(model)
    latents, _ = cached_latents(model, folder / "latents", data, recipe)
    given = (latents / model.config.scaling_factor).to(device)
    pictures, _ = rendered_world(
        data, shards=range(recipe.shards), size=recipe.size, count=recipe.shard_count,
        world=recipe.world,
    )  # fmt: skip
    held_out, _ = rendered_shard(
        data, HELD_OUT, size=recipe.size, count=HELD_OUT_COUNT, world=recipe.world
    )
    shown = device_pictures(pictures, device)
    keep_beginning(folder, BUILTIN / "stable-diffusion", "decoder", resume=resume)
    model.decoder.requires_grad_(True)
    descent = Descent(
        name="decoder",
        folder=folder,
        facts={"kind": "decoder", "profile": profile, "recipe": recipe.facts},
        learning_rate=recipe.learning_rate,
        steps=recipe.steps,
        warmup=50,
        betas=(0.9, 0.99),
        weight_decay=0.0,
        ema_decay=recipe.ema_decay,
        checkpoint_seconds=480.0,
        half=recipe.half or profile == "gpu",
        seconds=seconds,
    )
    generator = torch.Generator(device).manual_seed(recipe.seed)

    def loss_at(_: int) -> Tensor:
        chosen = drawn(len(given), recipe.batch, generator)
        noisy = perturbed(given[chosen], generator, most=recipe.noise)
        decoded = model.decode(noisy.contiguous(memory_format=torch.channels_last)).sample
        with torch.autocast(device.type, enabled=False):  # variances are small differences
            return decoding_loss(decoded.float(), scaled(shown[chosen]), recipe)

    def look(ema: Ema, _: int) -> dict[str, float]:
        (folder / TRAINED_ON).write_text(json.dumps(read, indent=1) + "\n")
        averaged = copy.deepcopy(model)
        ema.copy_to(averaged.decoder)
        return reconstructions(folder / "reconstructions.png", averaged, held_out, device)

    ema = descent.run(
        model.decoder, loss_at, generator=generator, resume=resume, stop_after=stop_after,
        on_checkpoint=look,
    )  # fmt: skip
    ema.copy_to(model.decoder)
    return model


def read_of(autoencoder: Autoencoder) -> dict[str, str]:
    """Of which encoder a decoder's latents are, for TRAINED_ON: it reads no other's."""
    return {"encoder": weights_digest(autoencoder)}


def with_decoder(autoencoder: Autoencoder, folder: Path) -> Autoencoder:
    """The autoencoder with the averaged decoder of a checkpoint in place of its own."""
    load_averages(autoencoder.decoder, folder)
    return autoencoder


def perturbed(latents: Tensor, generator: torch.Generator, *, most: float) -> Tensor:
    """Half of some latents [n, channel, y, x] as they are, half with noise of up to ``most``."""
    shape = (len(latents), 1, 1, 1)
    drawn_levels = torch.rand(shape, generator=generator, device=generator.device)
    levels = most * (2.0 * drawn_levels - 1.0).clamp(min=0.0)
    noise = torch.randn(latents.shape, generator=generator, device=generator.device)
    return latents + levels * noise


def decoding_loss(decoded: Tensor, pictures: Tensor, recipe: DecoderRecipe) -> Tensor:
    """L1 + the logarithm of every picture's squared error + slopes + (1 - SSIM).

    ``decoded`` and ``pictures``: [n, 3, y, x] in [-1, 1]. The logarithm lets every picture gain
    alike in dB; plainly added up, squared errors are those of the few richest pictures.
    """
    error = decoded - pictures
    squared = error.square().mean(dim=(1, 2, 3))
    slopes = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    unlike = 1.0 - structural_similarity(decoded, pictures).mean()
    shape = recipe.ssim_weight * unlike + recipe.slope_weight * slopes
    total: Tensor = (
        error.abs().mean() + recipe.log_weight * squared.clamp(min=1e-8).log().mean() + shape
    )
    return total


def structural_similarity(first: Tensor, second: Tensor) -> Tensor:
    """SSIM [n] of pictures [n, 3, y, x] in [-1, 1], as ``quality.ssim`` of their bytes.

    Wang et al. (2004): 11 x 11 Gaussian windows, mean over the channels.
    """
    a, b = first + 1.0, second + 1.0  # from 0: SSIM compares levels, too
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a = _blurred(a * a) - mean_a.square()
    variance_b = _blurred(b * b) - mean_b.square()
    covariance = _blurred(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + C1) * (2 * covariance + C2)
    likeness = likeness / (
        (mean_a.square() + mean_b.square() + C1) * (variance_a + variance_b + C2)
    )
    return likeness.mean(dim=(1, 2, 3))


def _blurred(pictures: Tensor) -> Tensor:
    """A Gaussian blur over y and x, valid part only."""
    offset = torch.arange(WINDOW, device=pictures.device) - WINDOW // 2
    kernel = torch.exp(-offset.square() / (2 * SIGMA**2))
    kernel = (kernel / kernel.sum()).to(pictures.dtype)
    channels = pictures.shape[1]
    across = kernel.view(1, 1, 1, WINDOW).repeat(channels, 1, 1, 1)
    along = F.conv2d(pictures, across.transpose(2, 3), groups=channels)
    return F.conv2d(along, across, groups=channels)
