"""The gpu recipes at their full widths, a step or two on the CPU: their shapes fit together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import CLIPModel, CLIPTokenizer

from engine.training import checkpoints, loop, world_data
from engine.training.averages import Ema
from engine.training.image import autoencoder, clip, unet
from engine.training.image.autoencoder import Autoencoder
from engine.training.image.denoising_loss import noise_loss, noise_scheduler
from engine.training.image.latents import cached_latents
from engine.training.text import descent, train

PICTURES = 2


@pytest.fixture(autouse=True)
def small_and_unsaved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few pictures a shard; no sheets, and no checkpoints of hundreds of megabytes."""

    def few(folder: Path, *, shards: range, size: int, world: str) -> tuple[np.ndarray, list]:
        return many(folder, shards=shards, size=size, count=PICTURES, world=world)

    def fewer(
        folder: Path, shard: int, *, size: int, count: int, world: str
    ) -> tuple[np.ndarray, list]:
        return shard_of(folder, shard, size=size, count=PICTURES, world=world)

    def tokenizer(folder: Path, *, world: str) -> CLIPTokenizer:
        return learn(folder, captions=200, world=world)

    many, shard_of = world_data.rendered_world, world_data.rendered_shard
    learn = clip.caption_tokenizer
    monkeypatch.setattr(clip, "rendered_world", few)
    monkeypatch.setattr(autoencoder, "rendered_world", few)
    monkeypatch.setattr(autoencoder, "rendered_shard", fewer)
    monkeypatch.setattr(autoencoder, "reconstructions", lambda *_: None)
    monkeypatch.setattr(clip, "caption_tokenizer", tokenizer)
    monkeypatch.setattr(descent, "save_checkpoint", lambda *_, **__: None)


@pytest.mark.parametrize("kernel", ["absorbing", "uniform"])
def test_the_text_recipe_trains_and_samples(tmp_path: Path, kernel: Any) -> None:
    recipe = replace(
        train.RECIPES["gpu"], device="cpu", texts=100, steps=1, warmup=1, batch=2, kernel=kernel
    )
    trained = train.train_recipe(recipe, resume=False, folder=tmp_path)
    assert (trained / "model.safetensors").exists()
    assert "[MASK]" not in (tmp_path / "samples-1.txt").read_text()


def trained_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[CLIPModel, CLIPTokenizer]:
    recipe = replace(clip.RECIPES["gpu"], shards=1, steps=1, batch=2, unrelated=1)
    with monkeypatch.context() as unsaved:
        unsaved.setattr(loop, "save_checkpoint", lambda *_, **__: None)
        return clip.train(
            "cpu", resume=False, folder=tmp_path / "clip", data=tmp_path, recipe=recipe
        )


def trained_autoencoder(tmp_path: Path) -> Autoencoder:
    recipe = replace(
        autoencoder.RECIPES["gpu"], shards=1, crop_steps=1, crop_batch=1, whole_steps=1,
        whole_batch=1,
    )  # fmt: skip
    return autoencoder.train(
        "cpu", resume=False, folder=tmp_path / "autoencoder", data=tmp_path, recipe=recipe
    )


def test_the_image_recipes_train_and_fit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.training.image.shipping import pipeline_of, text_encoder_of
    from engine.training.image.train import sampled

    model, tokenizer = trained_clip(tmp_path, monkeypatch)
    codec, encoder = trained_autoencoder(tmp_path), text_encoder_of(model)
    # not its train(): averages and moments would take a gigabyte and have no shapes of their own
    recipe = replace(unet.RECIPES["gpu"], shards=1, shard_count=PICTURES)
    latents, _ = cached_latents(codec, tmp_path / "latents", tmp_path, recipe)
    denoiser = unet.build(
        recipe,
        latent_size=latents.shape[2],
        latent_channels=latents.shape[1],
        text_width=encoder.config.hidden_size,
    )
    context = torch.zeros(1, 77, encoder.config.hidden_size)
    alphas = noise_scheduler().alphas_cumprod
    noise_loss(denoiser, latents[:1], context, alphas, torch.Generator()).backward()
    assert all(weight.grad is not None for weight in denoiser.parameters())
    pipeline = pipeline_of(codec, denoiser.eval(), encoder, tokenizer)
    assert sampled(pipeline, ("sea",), seed=0, steps=1).shape == (1, 128, 128, 3)


@pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter:UserWarning")
def test_a_resumed_optimizer_has_its_whole_state_on_the_models_device(tmp_path: Path) -> None:
    def state(device: str) -> dict[str, Any]:
        module = torch.nn.Linear(2, 2, device=device)
        return {
            "module": module, "optimizer": torch.optim.AdamW(module.parameters()),
            "ema": Ema(module, 0.9), "generator": torch.Generator(), "facts": {},
        }  # fmt: skip

    made, resumed = state("cpu"), state("meta")  # "meta" stands for a GPU
    made["module"](torch.ones(1, 2)).sum().backward()
    made["optimizer"].step()
    checkpoints.save_checkpoint(tmp_path, step=1, **made)
    assert checkpoints.load_checkpoint(tmp_path, **resumed) == 1
    for moments in resumed["optimizer"].state.values():
        assert {name: value.device.type for name, value in moments.items()} == dict.fromkeys(
            ("step", "exp_avg", "exp_avg_sq"), "meta"
        )
