"""Batches that are drawn where the pictures are; a CPU stands for the GPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPTokenizer

from engine.training.image import autoencoder, clip, denoising_loss, on_device, unet
from engine.training.image.clip_tokenizer import POSITIONS
from engine.training.image.on_device import (
    contrasted_ids,
    device_pictures,
    flipped,
    ids_of,
    scaled,
    softened,
    unrelated_ids,
    worded,
)
from engine.training.image.shipping import text_encoder_of
from engine.training.loop import Clock
from engine.training.worlds import world_of

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes minutes on a CPU."""
    for module in (autoencoder, unet):
        monkeypatch.setattr(module, "compiled", lambda function: function)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> CLIPTokenizer:
    return clip.caption_tokenizer(
        tmp_path_factory.mktemp("tokenizer"), captions=200, world="poster"
    )


def test_pictures_are_scaled_as_on_the_cpu() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    on = device_pictures(pictures, CPU)
    assert torch.equal(scaled(on), autoencoder.as_tensor(pictures).contiguous())


def test_half_of_the_pictures_are_mirrored_and_half_are_softened() -> None:
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(400, 3, 8, 8, generator=generator)
    mirrored = flipped(pictures, generator)
    same = (mirrored == pictures).all(dim=(1, 2, 3))
    assert 150 < int(same.sum()) < 250
    assert torch.equal(mirrored[~same], pictures[~same].flip(3))
    untouched = (softened(pictures, generator) == pictures).all(dim=(1, 2, 3))
    assert 150 < int(untouched.sum()) < 250


def test_captions_are_worded_the_same_by_any_number_of_workers(
    tokenizer: CLIPTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_device, "CHUNK", 3)
    world, rng = world_of("poster"), np.random.default_rng(1)
    scenes = [world.draw_scene(rng) for _ in range(7)]
    by_workers = [
        worded(scenes, tokenizer, world="poster", wordings=4, long=1, seed=2, workers=workers)
        for workers in (1, 2)
    ]
    assert np.array_equal(*by_workers)
    assert by_workers[0].shape == (7, 4, POSITIONS)
    texts = tokenizer.batch_decode(by_workers[0][0].astype(int), skip_special_tokens=True)
    assert texts[3].count(",") >= 3 > texts[0].count(", a ")
    assert len(set(texts)) == 4


def test_wrong_captions_stand_beside_the_right_ones(
    tokenizer: CLIPTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_device, "CHUNK", 3)
    world, rng = world_of("poster"), np.random.default_rng(1)
    scenes = [world.draw_scene(rng) for _ in range(5)]
    ids = contrasted_ids(scenes, tokenizer, pairs=3, seed=2, workers=2)
    assert ids.shape == (5, 3, 2, POSITIONS)
    assert (ids[:, :, 0] != ids[:, :, 1]).any(axis=-1).all()
    assert np.array_equal(ids, contrasted_ids(scenes, tokenizer, pairs=3, seed=2, workers=1))


def test_the_losses_on_a_device_fall_to_the_weights(tokenizer: CLIPTokenizer) -> None:
    world, rng = world_of("poster"), np.random.default_rng(1)
    pictures, scenes = world.render_many(rng, 6, 32)
    on = device_pictures(pictures, CPU)
    codec_recipe = autoencoder.AutoencoderRecipe(
        size=32, channels=(8, 8, 16), whole_batch=2, world="poster"
    )
    codec = autoencoder.build(codec_recipe)
    autoencoder._on_device(codec, codec_recipe, on)(0).backward()
    reader_recipe = clip.ClipRecipe(
        size=32, patch=8, text_width=16, text_layers=1, vision_width=16, vision_layers=1,
        projection=16, batch=4, unrelated=2, world="poster",
    )  # fmt: skip
    reader = clip.build(reader_recipe, tokenizer)
    ids = ids_of(tokenizer, [world.caption(scene, rng) for scene in scenes for _ in range(2)])
    texts = ids.reshape(6, 2, POSITIONS)
    others = unrelated_ids(tokenizer, count=5, seed=0)
    clip._on_device(reader, reader_recipe, on, texts, others)(0).backward()
    contrasts = contrasted_ids(scenes, tokenizer, pairs=3, seed=0, workers=1)
    with_wrong = replace(reader_recipe, changed=2)
    clip._on_device(reader, with_wrong, on, texts, others, contrasts)(0).backward()
    recipe = replace(
        unet.UnetRecipe(), size=32, channels=(16, 16), heads=2, batch=3, world="poster",
        cross_finest=True, prompt_dropout=1.0, prediction="v_prediction",
    )  # fmt: skip
    denoiser = unet.build(recipe, latent_size=8, latent_channels=4, text_width=16)
    alphas = denoising_loss.noise_scheduler("v_prediction").alphas_cumprod
    latents, unsaid = torch.randn(6, 4, 8, 8), torch.from_numpy(ids_of(tokenizer, [""]))
    encoder = text_encoder_of(reader)
    given = (denoiser, encoder, recipe, latents)
    said = unet._on_device(*given, torch.from_numpy(texts), unsaid, alphas)(0)
    # with every prompt left out, what the captions say does not matter
    other = unet._on_device(*given, torch.from_numpy(texts[::-1].copy()), unsaid, alphas)(0)
    assert torch.equal(said, other)
    said.backward()
    for module in (codec, reader, denoiser):
        assert all(p.grad is not None for p in module.parameters() if p.requires_grad)


def test_a_clock_ends_a_training_and_lays_the_schedule_over_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.training import checkpoints, loop

    now = [0.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(loop, "Clock", lambda seconds: Clock(seconds, begun=0.0))
    module, rates, made = torch.nn.Linear(2, 2), [], []
    adam = torch.optim.AdamW
    monkeypatch.setattr(torch.optim, "AdamW", lambda *a, **b: made.append(adam(*a, **b)) or made[0])

    def loss_at(step: int) -> torch.Tensor:
        now[0] += 1.0
        rates.append(made[0].param_groups[0]["lr"])
        return module(torch.ones(1, 2)).sum()

    descent = loop.Descent(
        name="one", folder=tmp_path, facts={}, learning_rate=1e-3, steps=1000, warmup=1,
        seconds=10.0,
    )  # fmt: skip
    descent.run(module, loss_at, generator=torch.Generator(), resume=False)
    assert len(rates) == 10
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert checkpoints.read_header(tmp_path / "checkpoint.safetensors")["step"] == 10
