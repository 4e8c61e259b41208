"""Trainings that begin with the shipped weights: the same function where the sizes agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPModel, CLIPTokenizer

from cache.errors import InvalidInput
from engine.training.image import autoencoder, clip, unet
from engine.training.image.evaluation import autoencoder_quality, image_features
from engine.training.image.warm_start import (
    BUILTIN,
    begin_autoencoder_with,
    begin_clip_with,
    begin_unet_with,
    read_text_anew,
)
from engine.training.worlds import WORLDS


def test_the_shipped_autoencoder_is_a_good_beginning_for_posters() -> None:
    model = autoencoder.build(autoencoder.RECIPES["poster"]).eval()
    begin_autoencoder_with(model, BUILTIN / "stable-diffusion" / "vae")
    assert autoencoder_quality(model, count=8, world="poster")["psnr_db"] > 30  # as the shipped one


@pytest.mark.parametrize("channels", [16, 20])
def test_more_latent_channels_decode_as_before(channels: int) -> None:
    folder = BUILTIN / "stable-diffusion" / "vae"
    shipped = AutoencoderKL.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    recipe = replace(autoencoder.RECIPES["poster"], latent_channels=channels)
    model = autoencoder.build(recipe).eval()
    begin_autoencoder_with(model, folder)
    pictures, _ = WORLDS["poster"].render_many(np.random.default_rng(0), 2, 32)
    pixels = autoencoder.as_tensor(pictures)
    with torch.no_grad():
        assert torch.allclose(model(pixels).sample, shipped.eval()(pixels).sample, atol=1e-4)
        latents = model.encode(pixels).latent_dist
    if channels == 20:  # the new ones say something, too
        assert latents.mean[:, 16:].std() > 0.05
        assert latents.std[:, 16:].max() < 0.1


def test_other_sizes_are_refused_by_name() -> None:
    recipe = replace(autoencoder.RECIPES["poster"], channels=(32, 64, 128, 64))
    with pytest.raises(InvalidInput, match=r"start must have the recipe's sizes, got .*vae"):
        begin_autoencoder_with(autoencoder.build(recipe), BUILTIN / "stable-diffusion" / "vae")


def test_the_poster_u_net_takes_the_shipped_weights() -> None:
    model = unet.build(unet.RECIPES["poster"], latent_size=16, latent_channels=20, text_width=192)
    begin_unet_with(model, BUILTIN / "stable-diffusion" / "unet")
    shipped = UNet2DConditionModel.from_pretrained(
        BUILTIN / "stable-diffusion" / "unet", local_files_only=True, dtype=torch.float32
    )
    latents = torch.randn(1, 20, 16, 16, generator=torch.Generator().manual_seed(0))
    text = torch.zeros(1, 77, 192)
    with torch.no_grad():
        wide, narrow = model(latents, 500, text).sample, shipped(latents[:, :16], 500, text).sample
    assert torch.allclose(wide[:, :16], narrow, atol=1e-5)
    assert not wide[:, 16:].any()


def test_a_u_net_reads_the_texts_of_a_turned_tower_as_it_read_its_own() -> None:
    class Tower(torch.nn.Module):
        """The states of five texts, turned by an orthogonal matrix or as they are."""

        def __init__(self, turned: torch.Tensor) -> None:
            super().__init__()
            states = torch.randn(5, 77, 192, generator=torch.Generator().manual_seed(1))
            self.states = states @ turned

        def forward(self, ids: torch.Tensor) -> SimpleNamespace:
            return SimpleNamespace(last_hidden_state=self.states[ids[:, 0]])

    turn, _ = torch.linalg.qr(torch.randn(192, 192, generator=torch.Generator().manual_seed(2)))
    before, now = Tower(torch.eye(192)), Tower(turn)
    model = unet.build(unet.RECIPES["poster"], latent_size=16, latent_channels=16, text_width=192)
    latents = torch.randn(5, 16, 16, 16, generator=torch.Generator().manual_seed(0))
    ids = torch.arange(5)[:, None].repeat(1, 77)

    def drawn(tower: Any) -> torch.Tensor:
        with torch.no_grad():
            denoised: torch.Tensor = model(latents, 500, tower(ids).last_hidden_state).sample
        return denoised

    wanted = drawn(before)
    assert not torch.allclose(drawn(now), wanted, atol=1e-3)
    assert read_text_anew(model, cast(Any, before), cast(Any, now), ids) == pytest.approx(1.0)
    assert torch.allclose(drawn(now), wanted, atol=1e-3)


def test_clip_begins_with_the_words_that_both_tokenizers_know(tmp_path: Path) -> None:
    tokenizer = clip.caption_tokenizer(tmp_path, captions=300, world="poster")
    model = clip.build(clip.RECIPES["poster"], tokenizer).eval()
    begin_clip_with(model, tokenizer, BUILTIN / "clip")
    shipped = CLIPModel.from_pretrained(
        BUILTIN / "clip", local_files_only=True, dtype=torch.float32
    ).eval()
    words = CLIPTokenizer.from_pretrained(BUILTIN / "clip", local_files_only=True)
    row, old_row = tokenizer.get_vocab()["sea</w>"], words.get_vocab()["sea</w>"]
    vectors = model.text_model.embeddings.token_embedding.weight
    assert torch.equal(vectors[row], shipped.text_model.embeddings.token_embedding.weight[old_row])
    pictures, _ = WORLDS["poster"].render_many(np.random.default_rng(0), 8, 128)
    likeness = (image_features(model, pictures) * image_features(shipped, pictures)).sum(dim=1)
    assert likeness.min() > 0.9
