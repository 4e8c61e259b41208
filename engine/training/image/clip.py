"""The CLIPs: pictures of a world and their captions in one space.

Contrastive training as in Radford et al. (2021), with a small vision transformer and a small
causal text transformer. The text tower, frozen, is then the diffusion model's text encoder.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from engine.models.manifest import made_of
from engine.training.averages import Ema
from engine.training.image.autoencoder import as_tensor
from engine.training.image.changes import contrasted
from engine.training.image.clip_loss import contrastive_loss
from engine.training.image.clip_tokenizer import POSITIONS, learn_tokenizer
from engine.training.image.on_device import (
    contrasted_ids,
    device_pictures,
    drawn,
    flipped,
    scaled,
    softened,
    unrelated_ids,
    worded,
)
from engine.training.image.unrelated_texts import unrelated_text
from engine.training.image.warm_start import BUILTIN, begin_clip_with, keep_beginning
from engine.training.loop import Descent
from engine.training.world_data import rendered_world
from engine.training.worlds import Scene, world_of

MAX_LOGIT_SCALE = math.log(100.0)
WORDINGS = 12  # of a picture, for a training on a GPU
UNRELATED_TEXTS = 20_000
CHANGED = 2  # captions with one thing wrong for each poster
Measure = Callable[[CLIPModel, CLIPTokenizer], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class ClipRecipe:
    """Sizes and lengths of one training."""

    size: int = 64
    patch: int = 8
    text_width: int = 128
    text_layers: int = 3
    vision_width: int = 160
    vision_layers: int = 4
    projection: int = 128
    shards: int = 10
    steps: int = 700
    batch: int = 128
    unrelated: int = 32  # texts in a batch that fit no picture
    changed: int = 0  # texts for each picture that are wrong in one attribute
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    ema_decay: float = 0.99
    seed: int = 0
    world: str = "landscape"
    schedule: str = "cosine"
    warm: bool = False  # begin with the shipped CLIP's weights
    half: bool = False  # bfloat16 where torch's autocast takes it; a GPU's trainings always do

    @property
    def facts(self) -> dict[str, Any]:
        """What a checkpoint depends on; a level training may be made longer."""
        left_out = {"steps"} if self.schedule == "stable" else set()
        left_out |= set() if self.changed else {"changed"}
        return {name: value for name, value in asdict(self).items() if name not in left_out}


RECIPES: dict[str, ClipRecipe] = {
    "cpu": ClipRecipe(),
    "gpu": ClipRecipe(
        size=128, patch=16, text_width=192, text_layers=4, vision_width=256, vision_layers=5,
        projection=192, shards=16, steps=20_000, batch=512, unrelated=64, learning_rate=6e-4,
        ema_decay=0.999,
    ),
    "poster": ClipRecipe(
        world="poster", size=128, patch=16, text_width=192, text_layers=4, vision_width=256,
        vision_layers=5, projection=192, warm=True, shards=12, steps=7000, batch=64, unrelated=16,
        learning_rate=2e-4, ema_decay=0.995, schedule="stable", half=True,
    ),
}  # fmt: skip


def build(recipe: ClipRecipe, tokenizer: CLIPTokenizer) -> CLIPModel:
    """An untrained CLIP whose text tower pools at the end token, as CLIP does."""
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": recipe.text_width,
        "intermediate_size": 3 * recipe.text_width,
        "num_hidden_layers": recipe.text_layers,
        "num_attention_heads": 4,
        "max_position_embeddings": POSITIONS,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "projection_dim": recipe.projection,
    }
    vision = {
        "hidden_size": recipe.vision_width,
        "intermediate_size": 3 * recipe.vision_width,
        "num_hidden_layers": recipe.vision_layers,
        "num_attention_heads": 4,
        "image_size": recipe.size,
        "patch_size": recipe.patch,
        "projection_dim": recipe.projection,
    }
    return CLIPModel(
        CLIPConfig(text_config=text, vision_config=vision, projection_dim=recipe.projection)
    )


def caption_tokenizer(
    folder: Path, *, captions: int = 20_000, world: str = "landscape"
) -> CLIPTokenizer:
    """The tokenizer learnt from freshly drawn captions, written to the folder."""
    rng, drawn_from = np.random.default_rng(7), world_of(world)
    texts = (drawn_from.caption(drawn_from.draw_scene(rng), rng) for _ in range(captions))
    return learn_tokenizer(texts, folder)


def train(
    profile: Literal["cpu", "gpu"],
    *,
    resume: bool,
    folder: Path,
    data: Path,
    recipe: ClipRecipe | None = None,
    stop_after: int | None = None,
    seconds: float | None = None,
    workers: int = 1,
    measure: Measure | None = None,
) -> tuple[CLIPModel, CLIPTokenizer]:
    """Train, or go on training, and return the averaged model and its tokenizer.

    What ``measure`` says of the averaged model is logged at every checkpoint. ``seconds`` is the
    length of a training on a GPU, for which ``workers`` processes word the captions beforehand.
    """
    recipe = recipe or RECIPES[profile]
    device = torch.device("cuda" if profile == "gpu" else "cpu")
    tokenizer = _tokenizer_of(recipe, folder / "tokenizer", resume=resume)
    generator = torch.Generator().manual_seed(recipe.seed)
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)  # the initial weights
        model = build(recipe, tokenizer)
    if recipe.warm:
        begin_clip_with(model, tokenizer, BUILTIN / "clip")
        keep_beginning(folder, BUILTIN / "clip", "clip", resume=resume)
    model.to(device)  # type: ignore[arg-type]
    if device.type == "cpu" and recipe.half:
        model.set_attn_implementation("eager")  # the fused one walks back slowly in bfloat16
    pictures, scenes = rendered_world(
        data, shards=range(recipe.shards), size=recipe.size, world=recipe.world
    )
    descent = Descent(
        name="clip",
        folder=folder,
        facts={"kind": "clip", "profile": profile, "recipe": recipe.facts},
        learning_rate=recipe.learning_rate,
        steps=recipe.steps,
        warmup=60,
        schedule=recipe.schedule,
        betas=(0.9, 0.98),
        weight_decay=recipe.weight_decay,
        ema_decay=recipe.ema_decay,
        half=recipe.half or profile == "gpu",
        seconds=seconds,
    )

    def from_memory(_: int) -> Tensor:
        images, ids = _batch(pictures, scenes, tokenizer, recipe, generator)
        return contrastive_loss(model, images.to(device), ids.to(device), changed=recipe.changed)

    loss_at: Callable[[int], Tensor] = from_memory
    if profile == "gpu":
        ids = worded(
            scenes, tokenizer, world=recipe.world, wordings=WORDINGS, long=1, seed=recipe.seed,
            workers=workers,
        )  # fmt: skip
        others = unrelated_ids(tokenizer, count=UNRELATED_TEXTS, seed=recipe.seed)
        pairs = None
        if recipe.changed:
            pairs = contrasted_ids(
                scenes, tokenizer, pairs=WORDINGS, seed=recipe.seed, workers=workers
            )
        loss_at = _on_device(model, recipe, device_pictures(pictures, device), ids, others, pairs)

    def bound_scale() -> None:
        with torch.no_grad():
            model.logit_scale.clamp_(0.0, MAX_LOGIT_SCALE)

    def measured(ema: Ema, _: int) -> Mapping[str, float] | None:
        if measure is None:
            return None
        averaged = copy.deepcopy(model)  # building another would draw initial weights
        ema.copy_to(averaged)
        averaged.to("cpu")  # type: ignore[arg-type]
        return measure(averaged.eval(), tokenizer)

    ema = descent.run(
        model, loss_at, generator=generator, resume=resume, stop_after=stop_after,
        after_step=bound_scale, on_checkpoint=measured,
    )  # fmt: skip
    ema.copy_to(model)
    return model.eval(), tokenizer


def _tokenizer_of(recipe: ClipRecipe, learnt: Path, *, resume: bool) -> CLIPTokenizer:
    """The folder's; the shipped one where a training of the same world begins with its weights.

    It is learnt once and kept: ties between merges may fall differently another time.
    """
    shipped = BUILTIN / "clip"
    tokenizer: CLIPTokenizer
    if resume and (learnt / "tokenizer.json").exists():
        tokenizer = CLIPTokenizer.from_pretrained(learnt, local_files_only=True)
        return tokenizer
    if not recipe.warm or made_of(shipped).get("world", "landscape") != recipe.world:
        return caption_tokenizer(learnt, world=recipe.world)
    tokenizer = CLIPTokenizer.from_pretrained(shipped, local_files_only=True)
    tokenizer.save_pretrained(learnt)
    return tokenizer


def _on_device(
    model: CLIPModel,
    recipe: ClipRecipe,
    pictures: Tensor,
    ids: NDArray[np.int16],
    others: NDArray[np.int16],
    pairs: NDArray[np.int16] | None = None,
) -> Callable[[int], Tensor]:
    """The loss of a step with pictures, texts and draws on the GPU.

    ``pairs`` [picture, pair, 2, position]: captions and each with one thing wrong, where the recipe
    has changed texts; half of the right ones are then the first pair's.
    """
    device = pictures.device
    generator = torch.Generator(device).manual_seed(recipe.seed)
    texts, strangers = (torch.from_numpy(array).to(device) for array in (ids, others))
    contrasts = None if pairs is None else torch.from_numpy(pairs).to(device)
    mirrored = not world_of(recipe.world).sided

    def loss_at(_: int) -> Tensor:
        chosen = drawn(len(pictures), recipe.batch, generator)
        images = scaled(pictures[chosen])
        images = flipped(images, generator) if mirrored else images
        wording = drawn(texts.shape[1], recipe.batch, generator)
        right = texts[chosen, wording]
        unrelated = strangers[drawn(len(strangers), recipe.unrelated, generator)]
        wrong = right[:0]
        if contrasts is not None:
            pair = torch.stack(
                [drawn(contrasts.shape[1], recipe.batch, generator) for _ in range(recipe.changed)]
            )
            own = contrasts[chosen, pair]  # [changed, picture, 2, position]
            from_pair = drawn(2, recipe.batch, generator)[:, None] == 1
            right = torch.where(from_pair, own[0, :, 0], right)
            wrong = own[:, :, 1].transpose(0, 1).flatten(0, 1)
        read = torch.cat([right, wrong, unrelated]).long()
        soft = softened(images, generator)
        return contrastive_loss(model, soft, read, changed=recipe.changed)

    return loss_at


def tokenized(tokenizer: CLIPTokenizer, texts: list[str], *, full: bool = False) -> Tensor:
    """Token ids [text, position], padded to the longest text or to all 77 positions."""
    batch = tokenizer(
        texts,
        padding="max_length" if full else "longest",
        truncation=True,
        max_length=POSITIONS,
        return_tensors="pt",
    )
    ids: Tensor = batch["input_ids"]
    return ids


def _batch(
    pictures: NDArray[np.uint8],
    scenes: list[Scene],
    tokenizer: CLIPTokenizer,
    recipe: ClipRecipe,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    chosen = torch.randint(len(pictures), (recipe.batch,), generator=generator).tolist()
    rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
    caption = world_of(recipe.world).caption
    texts = [caption(scenes[k], rng) for k in chosen]
    if rng.random() < 0.1:  # long texts, so that the later positions are trained too
        texts = [
            ", ".join([text, *(caption(scenes[k], rng) for _ in range(3))])
            for text, k in zip(texts, chosen, strict=True)
        ]
    wrong = []
    for place, k in enumerate(chosen if recipe.changed else []):
        pairs = [contrasted(scenes[k], rng) for _ in range(recipe.changed)]
        texts[place] = next((right for right, _ in filter(None, pairs)), texts[place])
        wrong += [pair[1] if pair else unrelated_text(rng) for pair in pairs]
    texts += [*wrong, *(unrelated_text(rng) for _ in range(recipe.unrelated))]
    images = as_tensor(pictures[chosen])
    if rng.random() < 0.5 and not world_of(recipe.world).sided:
        images = images.flip(3)
    return _softened(images, rng), tokenized(tokenizer, texts)


def _softened(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Half of the batches lose some sharpness and get some grain, as decoded pictures do."""
    if rng.random() < 0.5:
        return images
    half = F.interpolate(images, scale_factor=0.5, mode="area")
    blurred = F.interpolate(half, size=images.shape[-2:], mode="bilinear", align_corners=False)
    grain = torch.from_numpy(rng.normal(0.0, 0.03, images.shape).astype(np.float32))
    amount = float(rng.uniform(0.2, 1.0))
    return images + amount * (blurred - images) + grain
