"""Autoencoder and U-Net: trainings that resume to the bit, and the pipeline that ships."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.models.manifest import check_manifest
from engine.training import world_data
from engine.training.image import autoencoder, unet
from engine.training.image.autoencoder import (
    AutoencoderRecipe,
    as_pictures,
    as_tensor,
    unit_latents,
)
from engine.training.image.clip import caption_tokenizer
from engine.training.image.latents import cached_latents
from engine.training.image.shipping import IMAGE_FOLDER, pipeline_of, ship_pipeline
from engine.training.image.unet import UnetRecipe
from engine.training.landscape.render import render_many

TINY_CODEC = AutoencoderRecipe(
    channels=(8, 8, 16), shards=1, crop_steps=2, crop_batch=2, whole_steps=2, whole_batch=2
)
TINY_UNET = UnetRecipe(
    channels=(16, 16), heads=2, shards=1, shard_count=12, steps=4, batch=3
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(folder: Path, *, shards: range, size: int, world: str) -> tuple[np.ndarray, list]:
        return whole(folder, shards=shards, size=size, count=12, world=world)

    def fewer(
        folder: Path, shard: int, *, size: int, count: int, world: str
    ) -> tuple[np.ndarray, list]:
        return one(folder, shard, size=size, count=12, world=world)

    whole, one = world_data.rendered_world, world_data.rendered_shard
    monkeypatch.setattr("engine.training.image.autoencoder.rendered_world", few)
    monkeypatch.setattr("engine.training.image.autoencoder.rendered_shard", fewer)


def same_checkpoints(first: Path, second: Path) -> bool:
    a, b = (load_file(folder / "checkpoint.safetensors") for folder in (first, second))
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_pictures_survive_the_tensor_form() -> None:
    pictures, _ = render_many(np.random.default_rng(0), 3)
    assert np.array_equal(as_pictures(as_tensor(pictures)), pictures)


def test_unit_latents_change_the_latents_but_not_the_pictures() -> None:
    pictures, _ = render_many(np.random.default_rng(1), 16)
    torch.manual_seed(0)
    model = autoencoder.build(TINY_CODEC).eval()
    with torch.no_grad():
        before = model(as_tensor(pictures)).sample
        unit_latents(model, pictures)
        latents = model.encode(as_tensor(pictures)).latent_dist.mean
        after = model(as_tensor(pictures)).sample
    assert torch.allclose(before, after, atol=1e-4)
    assert latents.mean(dim=(0, 2, 3)).abs().max() < 1e-3
    assert (latents.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-2


def test_autoencoder_training_resumes_to_the_same_bits(tmp_path: Path) -> None:
    def run(folder: Path, **options: bool | int) -> None:
        autoencoder.train(
            "cpu", folder=folder, data=tmp_path / "data", recipe=TINY_CODEC, **options
        )

    run(tmp_path / "whole", resume=False)
    run(tmp_path / "halves", resume=False, stop_after=1)
    run(tmp_path / "halves", resume=True)
    assert same_checkpoints(tmp_path / "whole", tmp_path / "halves")


def tiny_text_tower(tmp_path: Path) -> tuple:
    from transformers import CLIPTextConfig, CLIPTextModel

    tokenizer = caption_tokenizer(tmp_path / "tokenizer", captions=200)
    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return CLIPTextModel(config), tokenizer


def test_latents_of_another_autoencoder_are_never_trained_on(tmp_path: Path) -> None:
    def latents(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        codec = autoencoder.build(TINY_CODEC).eval()
        encoded, _ = cached_latents(codec, tmp_path / "latents", tmp_path, TINY_UNET)
        return encoded

    first = latents(0)
    assert not torch.equal(latents(1), first)
    assert torch.equal(latents(0), first)
    assert len(list((tmp_path / "latents").iterdir())) == 2


def test_unet_training_resumes_to_the_same_bits_and_ships(tmp_path: Path) -> None:
    encoder, tokenizer = tiny_text_tower(tmp_path)
    torch.manual_seed(0)
    codec = autoencoder.build(TINY_CODEC).eval()
    seen = []

    def run(folder: Path, **options: bool | int) -> object:
        return unet.train(
            "cpu", folder=folder, data=tmp_path / "data", recipe=TINY_UNET, autoencoder=codec,
            text_encoder=encoder, tokenizer=tokenizer,
            on_checkpoint=lambda model, ema, step: seen.append(step), **options,
        )  # fmt: skip

    run(tmp_path / "whole", resume=False)
    run(tmp_path / "halves", resume=False, stop_after=2)
    denoiser = run(tmp_path / "halves", resume=True)
    assert same_checkpoints(tmp_path / "whole", tmp_path / "halves")
    assert seen == [4, 2, 4]
    pipeline = pipeline_of(codec, denoiser, encoder, tokenizer)
    fingerprint = ship_pipeline(pipeline, tmp_path / "shipped")
    assert check_manifest(tmp_path / "shipped") == fingerprint
    index = json.loads((tmp_path / "shipped" / "model_index.json").read_text())
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert index["requires_safety_checker"] is False
    configs = (tmp_path / "shipped").rglob("*.json")
    assert not any(str(tmp_path) in config.read_text() for config in configs)


def test_the_shipped_pipeline_loads_and_samples() -> None:
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    check_manifest(IMAGE_FOLDER)
    pipeline = StableDiffusionPipeline.from_pretrained(
        IMAGE_FOLDER, local_files_only=True, dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    assert isinstance(pipeline.scheduler, DDIMScheduler)
    assert pipeline.scheduler.config.clip_sample is False
    image = pipeline(
        "a sunset over the ocean",
        num_inference_steps=2,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images[0]
    assert np.isfinite(image).all()
    assert image.std() > 0.02


def test_the_shipped_autoencoder_holds_fresh_renderings() -> None:
    from diffusers import AutoencoderKL

    from engine.training.image.evaluation import autoencoder_quality

    model = AutoencoderKL.from_pretrained(
        IMAGE_FOLDER / "vae", local_files_only=True, dtype=torch.float32
    )
    assert autoencoder_quality(model.eval(), count=16)["psnr_db"] > 27.0  # 30.2 on 512 of them
