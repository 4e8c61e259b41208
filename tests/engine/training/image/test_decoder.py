"""A decoder that is trained on by itself: its loss, its noise, and that it resumes to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from cache.errors import InvalidInput
from engine.training.image import autoencoder, decoder
from engine.training.image.autoencoder import AutoencoderRecipe, as_tensor
from engine.training.image.decoder import (
    DecoderRecipe,
    decoding_loss,
    perturbed,
    structural_similarity,
)
from engine.training.image.quality import ssim

SMALL = DecoderRecipe(size=32, shards=1, shard_count=6, steps=4, batch=2, half=False)


def _pictures(count: int = 3, side: int = 24) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)


def test_similarity_is_that_of_the_cards() -> None:
    first = _pictures()
    second = np.clip(first.astype(int) + np.arange(3)[:, None, None, None] * 30, 0, 255)
    second = second.astype(np.uint8)
    found = structural_similarity(as_tensor(first), as_tensor(second))
    assert found.numpy() == pytest.approx(ssim(first, second), abs=1e-4)
    assert found[0] == pytest.approx(1.0, abs=1e-5)


def test_the_loss_falls_towards_the_picture_and_weighs_pictures_alike() -> None:
    wanted = as_tensor(_pictures())
    far, near = wanted * 0.5, wanted * 0.9
    assert decoding_loss(near, wanted, SMALL) < decoding_loss(far, wanted, SMALL)
    only_decibels = DecoderRecipe(log_weight=1.0, ssim_weight=0.0, slope_weight=0.0)
    halved = wanted + torch.tensor([0.02, 0.2, 0.2])[:, None, None, None]
    other = wanted + torch.tensor([0.04, 0.1, 0.2])[:, None, None, None]
    # twice the error in one picture and half of it in another: in dB they are even
    squares = [(each - wanted).abs().mean() for each in (halved, other)]
    apart = decoding_loss(halved, wanted, only_decibels) - squares[0]
    assert apart == pytest.approx(
        float(decoding_loss(other, wanted, only_decibels) - squares[1]), abs=1e-4
    )


def test_half_of_the_latents_are_exact_and_the_others_within_bounds() -> None:
    clean = torch.zeros(400, 4, 8, 8)
    noisy = perturbed(clean, torch.Generator().manual_seed(0), most=0.05)
    spread = noisy.std(dim=(1, 2, 3))
    assert 0.4 < float((spread == 0).float().mean()) < 0.6
    assert 0.04 < float(spread.max()) < 0.06


@pytest.fixture
def codec() -> Any:
    torch.manual_seed(0)
    recipe = AutoencoderRecipe(world="poster", size=32, channels=(8, 8, 16))
    return autoencoder.build(recipe).eval()


def _trained(codec: Any, folder: Path, **options: Any) -> Any:
    given: dict[str, Any] = {"resume": False, "recipe": SMALL, "data": folder.parent / "world"}
    return decoder.train("cpu", folder=folder, autoencoder=codec, **(given | options))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "HELD_OUT_COUNT", 8)


def test_only_the_decoder_is_trained(codec: Any, tmp_path: Path) -> None:
    before = {name: tensor.clone() for name, tensor in codec.state_dict().items()}
    after = _trained(codec, tmp_path / "decoder").state_dict()
    changed = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert changed and all(name.startswith("decoder.") for name in changed)
    assert (tmp_path / "decoder" / "reconstructions.png").exists()


def test_a_training_that_was_interrupted_ends_in_the_same_bits(codec: Any, tmp_path: Path) -> None:
    import copy

    whole, parted = tmp_path / "whole", tmp_path / "parted"
    _trained(copy.deepcopy(codec), whole)
    _trained(copy.deepcopy(codec), parted, stop_after=2)
    _trained(copy.deepcopy(codec), parted, resume=True)
    first, second = (load_file(path / "checkpoint.safetensors") for path in (whole, parted))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_checkpoint_of_another_decoder_is_refused(codec: Any, tmp_path: Path) -> None:
    _trained(codec, tmp_path / "decoder", stop_after=1)
    torch.manual_seed(1)
    wider = autoencoder.build(AutoencoderRecipe(world="poster", size=32, channels=(8, 8, 24)))
    with pytest.raises(InvalidInput, match="checkpoint must be of the recipe's model"):
        decoder.with_decoder(wider, tmp_path / "decoder")
