"""Pictures of a world as the latents of an autoencoder, encoded once and kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from rich.progress import track
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from engine.training.image.autoencoder import Autoencoder
from engine.training.image.on_device import scaled
from engine.training.world_data import rendered_shard
from engine.training.worlds import Scene


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
    for shard in track(range(recipe.shards), description="encoding pictures", transient=True):
        stem = f"latents-{weights}-{recipe.size}-{shard}-{recipe.shard_count}"
        path = cache / f"{stem}.safetensors"
        pictures, described = rendered_shard(
            data, shard, size=recipe.size, count=recipe.shard_count, world=recipe.world
        )
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            save_file({"latents": encoded(autoencoder, pictures)}, path.with_suffix(".partial"))
            path.with_suffix(".partial").replace(path)
        parts.append(load_file(path)["latents"])
        scenes += described
    return torch.cat(parts), scenes


def weights_digest(module: nn.Module) -> str:
    """Twelve characters that name an autoencoder, so that no latents of another are trained on.

    Or any other module. The 1 x 1 convolutions of an autoencoder are left out: folding statistics
    into them may round either way.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        if not name.startswith(("quant_conv", "post_quant_conv")):
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
