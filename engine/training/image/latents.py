"""Pictures of a world as the latents of an autoencoder, encoded once and kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from rich.progress import track
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from cache.errors import InvalidInput
from engine.training.image.autoencoder import Autoencoder
from engine.training.image.on_device import scaled
from engine.training.world_data import rendered_shard
from engine.training.worlds import Scene, world_of

TRAINED_ON = "trained-on.json"  # beside a checkpoint: by which parts its last steps were read


class Sizes(Protocol):
    """What a recipe says of its pictures."""

    @property
    def world(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def shards(self) -> int: ...
    @property
    def shard_count(self) -> int: ...


def cached_latents(
    autoencoder: Autoencoder, cache: Path, data: Path, recipe: Sizes
) -> tuple[Tensor, list[Scene]]:
    """Latents [picture, channel, y, x] of the whole data set, encoded once, and their scenes."""
    parts, scenes, weights = [], [], weights_digest(autoencoder)
    autoencoder = autoencoder.to(memory_format=torch.channels_last)
    drawn = world_of(recipe.world).edition
    edition = "" if drawn == 1 else f"-edition-{drawn}"
    for shard in track(range(recipe.shards), description="encoding pictures", transient=True):
        stem = f"latents-{weights}-{recipe.size}-{shard}-{recipe.shard_count}{edition}"
        path = cache / f"{stem}.safetensors"
        pictures, described = rendered_shard(
            data, shard, size=recipe.size, count=recipe.shard_count, world=recipe.world
        )
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            save_file({"latents": encoded(autoencoder, pictures)}, path.with_suffix(".partial"))
            path.with_suffix(".partial").replace(path)
        parts.append(_kept(path, len(described)))
        scenes += described
        if parts[-1].shape[1:] != parts[0].shape[1:]:
            raise InvalidInput(f"latents must be of one size, got {path}: delete it")
    return torch.cat(parts), scenes


def _kept(path: Path, count: int) -> Tensor:
    """The latents of a file; raises InvalidInput for one that is damaged or of other pictures."""
    try:
        latents: Tensor = load_file(path)["latents"]
    except (SafetensorError, OSError, KeyError) as error:
        raise InvalidInput(f"latents must be readable, got {path}: {error}: delete it") from error
    if latents.ndim != 4 or len(latents) != count or not bool(torch.isfinite(latents).all()):
        raise InvalidInput(
            f"latents must be {count} finite ones, got {tuple(latents.shape)} in {path}: delete it"
        )
    return latents


def weights_digest(module: nn.Module) -> str:
    """Twelve characters that name an autoencoder, so that no latents of another are trained on.

    Or any other module. Of an autoencoder the encoder alone counts: it makes the latents. The
    1 x 1 convolutions are left out, too: folding statistics into them may round either way.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        if not name.startswith(("decoder.", "quant_conv", "post_quant_conv")):
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


@torch.no_grad()
def encoded(autoencoder: Autoencoder, pictures: np.ndarray) -> Tensor:
    """The means of pictures [n, y, x, 3] as latents [n, channel, y, x], scaled, on the CPU."""
    device = next(autoencoder.parameters()).device
    scale = autoencoder.config.scaling_factor
    count = 64 if device.type == "cpu" else 512
    means = [
        autoencoder.encode(
            scaled(torch.from_numpy(np.array(pictures[k : k + count])).to(device))
        ).latent_dist.mean.cpu()
        for k in range(0, len(pictures), count)
    ]
    latents: Tensor = (torch.cat(means) * scale).contiguous()
    return latents
