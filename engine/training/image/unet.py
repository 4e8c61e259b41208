"""The denoisers: small Stable Diffusion U-Nets on cached latents of a world.

Noise prediction under the scaled-linear schedule of Stable Diffusion 1.5 (Ho et al., 2020;
Rombach et al., 2022), a tenth of the prompts left empty for classifier-free guidance (Ho and
Salimans, 2022). The captions are worded anew every time a picture is seen; the text encoder is
the frozen text tower of the built-in CLIP.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from engine.training.averages import Ema
from engine.training.image.autoencoder import Autoencoder
from engine.training.image.clip import tokenized
from engine.training.image.denoising_loss import Unet, noise_loss, noise_scheduler
from engine.training.image.latents import TRAINED_ON, cached_latents, encoded, weights_digest
from engine.training.image.on_device import compiled, drawn, ids_of, worded
from engine.training.image.warm_start import (
    BUILTIN,
    begin_unet_with,
    keep_beginning,
    read_text_anew,
)
from engine.training.loop import Descent
from engine.training.world_data import SHARD
from engine.training.worlds import Scene, world_of

WORDINGS = 6  # of a picture, for a training on a GPU
ALIGNED = 1024  # captions that one text tower's states are fitted to another's with


@dataclass(frozen=True, slots=True)
class UnetRecipe:
    """Sizes and lengths of one training."""

    size: int = 64  # of the pictures
    channels: tuple[int, ...] = (64, 128, 160)  # the first level has no cross-attention
    layers: int = 1
    heads: int = 4
    shards: int = 5
    shard_count: int = SHARD
    steps: int = 9000
    batch: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    prompt_dropout: float = 0.1
    ema_decay: float = 0.9995
    seed: int = 0
    world: str = "landscape"
    schedule: str = "cosine"
    prediction: str = "epsilon"  # or v_prediction
    warm: bool = False  # begin with the shipped U-Net's weights
    cross_finest: bool = False  # cross-attention at the first level, too
    weighting: str = "min-snr"  # of the timesteps; or uniform
    sides: float | None = None  # how often captions tell one; as often as usual
    half: bool = False  # bfloat16 on a CPU, too
    spread: float = 1.0  # timesteps are those of uniform draws to this power; below 1: noisier
    learnt: str = ""  # a part of the names of the weights that are trained; all of them

    @property
    def facts(self) -> dict[str, Any]:
        """What a checkpoint depends on: not the length, so a training can be made longer."""
        return {name: value for name, value in asdict(self).items() if name != "steps"}

    @property
    def objective(self) -> dict[str, Any]:
        """What the loss is of."""
        names = ("prediction", "weighting", "spread")
        return {name: getattr(self, name) for name in names}


RECIPES: dict[str, UnetRecipe] = {
    "cpu": UnetRecipe(),
    "gpu": UnetRecipe(
        size=128, channels=(96, 192), cross_finest=True, layers=2, shards=16, steps=60_000,
        batch=512, learning_rate=8e-4, ema_decay=0.999, prediction="v_prediction",
    ),
    "poster": UnetRecipe(
        world="poster", size=128, channels=(96, 192), cross_finest=True, layers=2, warm=True,
        shards=6, steps=7_200, batch=16, learning_rate=6e-4, ema_decay=0.999, learnt="attn2",
        prediction="v_prediction", weighting="uniform", sides=0.8, half=True, spread=0.5,
    ),
}  # fmt: skip


def build(recipe: UnetRecipe, *, latent_size: int, latent_channels: int, text_width: int) -> Unet:
    """An untrained U-Net with cross-attention at every level, or at every one but the finest."""
    lower = len(recipe.channels) - 1
    down, up = "DownBlock2D", "UpBlock2D"
    if recipe.cross_finest:
        down, up = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
    return UNet2DConditionModel(
        sample_size=latent_size,
        in_channels=latent_channels,
        out_channels=latent_channels,
        block_out_channels=recipe.channels,
        layers_per_block=recipe.layers,
        down_block_types=(down, *("CrossAttnDownBlock2D",) * lower),
        up_block_types=(*("CrossAttnUpBlock2D",) * lower, up),
        cross_attention_dim=text_width,
        attention_head_dim=recipe.heads,
        norm_num_groups=16,
    )


def train(
    profile: Literal["cpu", "gpu"],
    *,
    resume: bool,
    folder: Path,
    data: Path,
    autoencoder: Autoencoder,
    text_encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    recipe: UnetRecipe | None = None,
    stop_after: int | None = None,
    seconds: float | None = None,
    workers: int = 1,
    on_checkpoint: Callable[[Unet, Ema, int], None] | None = None,
) -> Unet:
    """Train, or go on training, and return the averaged U-Net.

    ``on_checkpoint`` is called with the model, its average and the step after every checkpoint
    (for sample sheets); it must leave the model as it was. ``seconds`` is the length of a
    training on a GPU, for which ``workers`` processes word the captions beforehand.
    """
    recipe = recipe or RECIPES[profile]
    device = torch.device("cuda" if profile == "gpu" else "cpu")
    text_encoder.requires_grad_(False).eval().to(device)
    latents, scenes = cached_latents(autoencoder, folder / "latents", data, recipe)
    generator = torch.Generator().manual_seed(recipe.seed)
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)  # the initial weights
        model = build(
            recipe,
            latent_size=latents.shape[2],
            latent_channels=latents.shape[1],
            text_width=text_encoder.config.hidden_size,
        )
    if recipe.warm:
        begin_unet_with(model, BUILTIN / "stable-diffusion" / "unet")
        _read_own_texts(model, text_encoder, tokenizer, scenes, recipe)
        keep_beginning(folder, BUILTIN / "stable-diffusion", "unet", resume=resume)
    for name, weights in model.named_parameters():
        weights.requires_grad_(recipe.learnt in name)
    model = model.to(device=device, memory_format=torch.channels_last)
    if device.type == "cpu" and recipe.half:
        model.set_attn_processor(AttnProcessor())  # the fused one walks back slowly in bfloat16
    descent = Descent(
        name="u-net",
        folder=folder,
        facts={"kind": "unet", "profile": profile, "recipe": recipe.facts},
        learning_rate=recipe.learning_rate,
        steps=recipe.steps,
        warmup=100,
        schedule=recipe.schedule,
        betas=(0.9, 0.99),
        weight_decay=recipe.weight_decay,
        ema_decay=recipe.ema_decay,
        checkpoint_seconds=480.0,
        half=recipe.half or profile == "gpu",
        seconds=seconds,
    )
    alphas = noise_scheduler(recipe.prediction).alphas_cumprod

    def from_memory(_: int) -> Tensor:
        clean, texts = _batch(latents, scenes, recipe, generator)
        ids = tokenized(tokenizer, texts, full=True).to(device)
        with torch.no_grad():
            context = text_encoder(ids).last_hidden_state
        return noise_loss(model, clean, context, alphas, generator, **recipe.objective)

    loss_at: Callable[[int], Tensor] = from_memory
    if profile == "gpu":
        ids = worded(
            scenes, tokenizer, world=recipe.world, wordings=WORDINGS, sides=recipe.sides,
            seed=recipe.seed, workers=workers,
        )  # fmt: skip
        unsaid = torch.from_numpy(ids_of(tokenizer, [""])).to(device)
        given = (latents.to(device), torch.from_numpy(ids).to(device), unsaid)
        loss_at = _on_device(model, text_encoder, recipe, *given, alphas.to(device))

    read = trained_on(autoencoder, text_encoder)

    def look(ema: Ema, step: int) -> None:
        (folder / TRAINED_ON).write_text(json.dumps(read, indent=1) + "\n")
        if on_checkpoint is not None:
            on_checkpoint(model, ema, step)

    ema = descent.run(
        model, loss_at, generator=generator, resume=resume, stop_after=stop_after,
        on_checkpoint=look,
    )  # fmt: skip
    ema.copy_to(model)
    return model.eval()


def trained_on(autoencoder: Autoencoder, text_encoder: CLIPTextModel) -> dict[str, str]:
    """What a U-Net's last steps read, for TRAINED_ON: it works with nothing else."""
    return {
        "autoencoder": weights_digest(autoencoder), "text_encoder": weights_digest(text_encoder)
    }  # fmt: skip


def _read_own_texts(
    model: Unet,
    text_encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    scenes: list[Scene],
    recipe: UnetRecipe,
) -> None:
    """Shipped weights take what the text tower says; nothing if it cuts words in other pieces."""
    shipped = BUILTIN / "stable-diffusion"
    before: Any = CLIPTokenizer.from_pretrained(shipped / "tokenizer", local_files_only=True)
    if before.get_vocab() != tokenizer.get_vocab():
        return
    tower: Any = CLIPTextModel.from_pretrained(
        shipped / "text_encoder", local_files_only=True, dtype=torch.float32
    )
    rng, caption = np.random.default_rng(recipe.seed), world_of(recipe.world).telling(recipe.sides)
    texts = ["", *(caption(scene, rng) for scene in scenes[:ALIGNED])]
    device = text_encoder.device
    ids = tokenized(tokenizer, texts, full=True).to(device)
    read_text_anew(model, tower.eval().to(device), text_encoder, ids)


def _on_device(
    model: Unet,
    text_encoder: CLIPTextModel,
    recipe: UnetRecipe,
    latents: Tensor,
    ids: Tensor,
    unsaid: Tensor,
    alphas: Tensor,
) -> Callable[[int], Tensor]:
    """The loss of a step with latents, texts and draws on the GPU."""
    generator = torch.Generator(latents.device).manual_seed(recipe.seed)
    denoise = compiled(model)

    def loss_at(_: int) -> Tensor:
        chosen = drawn(len(latents), recipe.batch, generator)
        texts = ids[chosen, drawn(ids.shape[1], recipe.batch, generator)]
        left_out = torch.rand(recipe.batch, generator=generator, device=latents.device)
        texts = torch.where(left_out[:, None] < recipe.prompt_dropout, unsaid, texts)
        with torch.no_grad():
            context = text_encoder(texts.long()).last_hidden_state
        return noise_loss(denoise, latents[chosen], context, alphas, generator, **recipe.objective)

    return loss_at


@torch.no_grad()
def held_out_loss(pipeline: Any, recipe: UnetRecipe, seed: int, *, batches: int = 8) -> float:
    """The loss of training on fresh renderings and captions, no prompt left out."""
    world, rng = world_of(recipe.world), np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    alphas = noise_scheduler(recipe.prediction).alphas_cumprod
    losses = []
    for _ in range(batches):
        pictures, scenes = world.render_many(rng, 32, recipe.size)
        texts = [world.caption(scene, rng) for scene in scenes]
        ids = tokenized(pipeline.tokenizer, texts, full=True)
        context = pipeline.text_encoder(ids).last_hidden_state
        clean = encoded(pipeline.vae, pictures)
        losses.append(
            noise_loss(pipeline.unet, clean, context, alphas, generator, **recipe.objective).item()
        )
    return float(np.mean(losses))


def _batch(
    latents: Tensor, scenes: list[Scene], recipe: UnetRecipe, generator: torch.Generator
) -> tuple[Tensor, list[str]]:
    chosen = torch.randint(len(latents), (recipe.batch,), generator=generator)
    rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
    caption = world_of(recipe.world).telling(recipe.sides)
    texts = [
        "" if rng.random() < recipe.prompt_dropout else caption(scenes[k], rng)
        for k in chosen.tolist()
    ]
    return latents[chosen], texts
