"""The autoencoders: pictures to latents of unit size, at a part of the side, and back.

An ``AutoencoderKL`` as in Stable Diffusion (Rombach et al., 2022), without a discriminator: the
landscape world is smooth enough for L1 + squared error + the error of the picture's slopes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from engine.training.averages import Ema
from engine.training.checkpoints import load_averages
from engine.training.image.on_device import compiled, device_pictures, drawn, flipped, scaled
from engine.training.image.quality import psnr_db, ssim
from engine.training.image.warm_start import BUILTIN, begin_autoencoder_with
from engine.training.loop import Descent
from engine.training.world_data import (
    HELD_OUT,
    HELD_OUT_COUNT,
    rendered_shard,
    rendered_world,
)

Autoencoder = Any  # an AutoencoderKL; diffusers has no types of its own


@dataclass(frozen=True, slots=True)
class AutoencoderRecipe:
    """Sizes and lengths of one training."""

    size: int = 64
    channels: tuple[int, ...] = (16, 48, 96)  # three levels: latents a quarter of the side
    latent_channels: int = 4
    shards: int = 6
    crop: int = 32  # side of the crops of the first part: four times cheaper than whole pictures
    crop_steps: int = 1500
    crop_batch: int = 16
    whole_steps: int = 700
    whole_batch: int = 8
    learning_rate: float = 2e-3
    kl_weight: float = 1e-6
    slope_weight: float = 0.25
    level_weight: float = 4.0  # of the colours of 8 x 8 patches: hues are learnt last without it
    ema_decay: float = 0.998
    seed: int = 0
    world: str = "landscape"
    groups: int = 8  # of the normalisations: with few channels each, colours are learnt last
    corners: int = 1  # crops to choose from; the one with the most edges is taken
    schedule: str = "cosine"
    warm: bool = False  # begin with the shipped autoencoder's weights

    @property
    def steps(self) -> int:
        """Crops first, then whole pictures."""
        return self.crop_steps + self.whole_steps

    @property
    def facts(self) -> dict[str, Any]:
        """What a checkpoint depends on; a level training may be made longer."""
        left_out = {"whole_steps"} if self.schedule == "stable" else set()
        return {name: value for name, value in asdict(self).items() if name not in left_out}


RECIPES: dict[str, AutoencoderRecipe] = {
    "cpu": AutoencoderRecipe(),
    "gpu": AutoencoderRecipe(
        size=128, channels=(32, 64, 128, 128), latent_channels=16, shards=16, crop_steps=0,
        whole_steps=20_000, whole_batch=64, learning_rate=1e-3, slope_weight=0.5, kl_weight=3e-4,
        ema_decay=0.999,
    ),
    "poster": AutoencoderRecipe(
        world="poster", size=128, channels=(32, 64, 128, 128), latent_channels=16, warm=True,
        shards=1, crop=64, corners=3, crop_steps=600, crop_batch=8, whole_steps=900, whole_batch=3,
        learning_rate=3e-4, slope_weight=0.5, kl_weight=3e-4, schedule="stable", ema_decay=0.99,
    ),
}  # fmt: skip


def build(recipe: AutoencoderRecipe) -> Autoencoder:
    """An untrained autoencoder; every level after the first halves the side of its latents.

    The residual branches start at zero (Zhang et al., 2019, "Fixup"): the nearly linear path
    that is left learns the colours within a few dozen steps.
    """
    levels = len(recipe.channels)
    model: Autoencoder = AutoencoderKL(
        block_out_channels=recipe.channels,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        layers_per_block=1,
        latent_channels=recipe.latent_channels,
        norm_num_groups=recipe.groups,
        sample_size=recipe.size,
        scaling_factor=1.0,  # see unit_latents
        mid_block_add_attention=False,
    )
    for name, parameter in model.named_parameters():
        if ".conv2." in name:
            torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        # a posterior of deviation 1 would drown the latents in noise for the first hundred steps
        model.quant_conv.bias[recipe.latent_channels :] = -8.0
    return model


def train(
    profile: Literal["cpu", "gpu"],
    *,
    resume: bool,
    folder: Path,
    data: Path,
    recipe: AutoencoderRecipe | None = None,
    stop_after: int | None = None,
    seconds: float | None = None,
) -> Autoencoder:
    """Train, or go on training, and return the averaged model with latents of unit size.

    ``folder`` takes checkpoint, log and sample sheets; ``data`` the rendered pictures;
    ``stop_after`` ends this call early at that step, resumable. ``seconds`` is the length of a
    training on a GPU, whose draws and bits are its own.
    """
    recipe = recipe or RECIPES[profile]
    device = torch.device("cuda" if profile == "gpu" else "cpu")
    generator = torch.Generator().manual_seed(recipe.seed)
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)  # the initial weights
        model = build(recipe)
    if recipe.warm:
        begin_autoencoder_with(model, BUILTIN / "stable-diffusion" / "vae")
    model = model.to(device=device, memory_format=torch.channels_last)
    descent = Descent(
        name="autoencoder",
        folder=folder,
        facts={"kind": "autoencoder", "profile": profile, "recipe": recipe.facts},
        learning_rate=recipe.learning_rate,
        steps=recipe.steps,
        warmup=100,
        schedule=recipe.schedule,
        weight_decay=1e-3,
        ema_decay=recipe.ema_decay,
        log_steps=100,
        half=profile == "gpu",
        seconds=seconds,
    )
    pictures, _ = rendered_world(
        data, shards=range(recipe.shards), size=recipe.size, world=recipe.world
    )
    held_out, _ = rendered_shard(
        data, HELD_OUT, size=recipe.size, count=HELD_OUT_COUNT, world=recipe.world
    )

    def from_memory(step: int) -> Tensor:
        batch = _batch(pictures, recipe, step, generator).to(device)
        noise = torch.randn(latent_shape(recipe, batch), generator=generator)
        return reconstruction_loss(model, recipe, batch, noise.to(device))

    loss_at: Callable[[int], Tensor] = from_memory
    if profile == "gpu":
        loss_at = _on_device(model, recipe, device_pictures(pictures, device))

    def look(ema: Ema, step: int) -> dict[str, float]:
        averaged = copy.deepcopy(model)
        ema.copy_to(averaged)
        return reconstructions(folder / "reconstructions.png", averaged.eval(), held_out, device)

    descent.run(
        model, loss_at, generator=generator, resume=resume, stop_after=stop_after,
        on_checkpoint=look,
    )  # fmt: skip
    return finished(recipe, folder, pictures[:512], device)


def finished(
    recipe: AutoencoderRecipe, folder: Path, pictures: NDArray[np.uint8], device: torch.device
) -> Autoencoder:
    """The averaged weights of a checkpoint as a model whose latents are of unit size."""
    model = build(recipe)
    load_averages(model, folder)
    model = model.to(device=device, memory_format=torch.channels_last).eval()
    unit_latents(model, pictures)
    return model


@torch.no_grad()
def unit_latents(model: Autoencoder, pictures: NDArray[np.uint8]) -> None:
    """Fold mean and spread of every latent channel into the 1 x 1 convolutions around them.

    Afterwards the latents have mean 0 and deviation 1 a channel, and decode as before, so that
    the pipeline's single scaling factor can be 1.
    """
    device = next(model.parameters()).device
    means = torch.cat([
        model.encode(as_tensor(pictures[k : k + 64]).to(device)).latent_dist.mean
        for k in range(0, len(pictures), 64)
    ])  # fmt: skip
    centre = means.mean(dim=(0, 2, 3))
    spread = means.std(dim=(0, 2, 3))
    before, after = model.quant_conv, model.post_quant_conv
    channels = len(centre)
    before.weight[:channels] /= spread[:, None, None, None]
    before.bias[:channels] = (before.bias[:channels] - centre) / spread
    before.bias[channels:] -= 2.0 * spread.log()
    after.bias += (after.weight[:, :, 0, 0] * centre).sum(dim=1)
    after.weight *= spread[None, :, None, None]


def as_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """Pictures uint8 [n, y, x, 3] as float32 [n, 3, y, x] in [-1, 1]."""
    tensor = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2)
    return (tensor.float() / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)


def as_pictures(tensor: Tensor) -> NDArray[np.uint8]:
    """The inverse of as_tensor, clipped."""
    scaled = (tensor.detach().float().cpu().clamp(-1, 1) + 1.0) * 127.5
    pictures: NDArray[np.uint8] = scaled.round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return pictures


def _batch(
    pictures: NDArray[np.uint8], recipe: AutoencoderRecipe, step: int, generator: torch.Generator
) -> Tensor:
    whole = step >= recipe.crop_steps
    count = recipe.whole_batch if whole else recipe.crop_batch
    chosen = torch.randint(len(pictures), (count,), generator=generator).numpy()
    flip = bool(torch.randint(2, (1,), generator=generator))
    if whole:
        batch = pictures[chosen]
    else:
        room = recipe.size - recipe.crop + 1
        corners = torch.randint(room, (count, recipe.corners, 2), generator=generator).tolist()
        batch = np.stack([
            _liveliest(pictures[k], choice, recipe.crop)
            for k, choice in zip(chosen, corners, strict=True)
        ])  # fmt: skip
    return as_tensor(batch[:, :, ::-1] if flip else batch)


def _liveliest(
    picture: NDArray[np.uint8], corners: list[list[int]], side: int
) -> NDArray[np.uint8]:
    """Of the crops at these corners the one with the most edges."""
    crops = [picture[y : y + side, x : x + side] for y, x in corners]
    if len(crops) == 1:
        return crops[0]
    return max(crops, key=lambda crop: float(np.abs(np.diff(crop.astype(np.int16), axis=1)).mean()))


def latent_shape(recipe: AutoencoderRecipe, batch: Tensor) -> tuple[int, int, int, int]:
    """What a batch [n, 3, y, x] is encoded to."""
    factor = 2 ** (len(recipe.channels) - 1)
    count, _, height, width = batch.shape
    return count, recipe.latent_channels, height // factor, width // factor


def _on_device(
    model: Autoencoder, recipe: AutoencoderRecipe, pictures: Tensor
) -> Callable[[int], Tensor]:
    """The loss of a step with pictures and draws on the GPU, where a batch costs no transfer."""
    generator = torch.Generator(pictures.device).manual_seed(recipe.seed)
    loss_of = compiled(partial(reconstruction_loss, model, recipe))

    def loss_at(_: int) -> Tensor:
        chosen = drawn(len(pictures), recipe.whole_batch, generator)
        batch = flipped(scaled(pictures[chosen]), generator)
        noise = torch.randn(
            latent_shape(recipe, batch), generator=generator, device=pictures.device
        )
        loss: Tensor = loss_of(batch, noise)
        return loss

    return loss_at


def reconstruction_loss(
    model: Autoencoder, recipe: AutoencoderRecipe, batch: Tensor, noise: Tensor
) -> Tensor:
    """L1 + squared error + slopes + levels + KL of one draw of the posterior.

    ``batch``: pictures [n, 3, y, x] in [-1, 1]; ``noise``: normal, in the shape of the latents.
    """
    posterior = model.encode(batch).latent_dist
    decoded = model.decode(posterior.mean + posterior.std * noise).sample.float()
    error = decoded - batch
    slopes = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    levels = F.avg_pool2d(error, 8).square().mean()
    kl = posterior.kl().mean() / batch[0].numel()
    pixel = error.abs().mean() + F.mse_loss(decoded, batch)
    shape = recipe.slope_weight * slopes + recipe.level_weight * levels
    total: Tensor = pixel + shape + recipe.kl_weight * kl
    return total


@torch.no_grad()
def reconstructions(
    path: Path, model: Autoencoder, pictures: NDArray[np.uint8], device: torch.device
) -> dict[str, float]:
    """How near 64 reconstructions are; the first 16 are drawn below their originals, as a PNG."""
    pictures = np.array(pictures[:64])
    decoded = np.concatenate([
        as_pictures(model(as_tensor(pictures[k : k + 16]).to(device)).sample)
        for k in range(0, len(pictures), 16)
    ])  # fmt: skip
    shown = min(len(pictures), 16) // 8 * 8
    rows = [
        np.concatenate(list(part[k : k + 8]), axis=1)
        for k in range(0, shown, 8)
        for part in (pictures, decoded)
    ]
    if rows:
        Image.fromarray(np.concatenate(rows, axis=0)).save(path)
    return {
        "psnr_db": float(psnr_db(pictures, decoded).mean()),
        "ssim": float(ssim(pictures, decoded).mean()),
    }
