"""CLIP: a tokenizer that takes any text, training that resumes to the bit, a shipped model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from cache.errors import InvalidInput
from engine.models.manifest import check_manifest
from engine.training import world_data
from engine.training.image.clip import (
    ClipRecipe,
    build,
    caption_tokenizer,
    tokenized,
)
from engine.training.image.clip import train as train_clip
from engine.training.image.clip_loss import contrastive_loss
from engine.training.image.evaluation import retrieval_at_1, text_similarities
from engine.training.image.shipping import CLIP_FOLDER, ship_clip
from engine.training.image.unrelated_texts import unrelated_text

TINY = ClipRecipe(
    text_width=16, text_layers=1, vision_width=16, vision_layers=1, projection=16, shards=1,
    steps=4, batch=6, unrelated=2,
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    fixed = caption_tokenizer(tmp_path_factory.mktemp("tokenizer"), captions=200)

    def few(folder: Path, *, shards: range, size: int, world: str) -> tuple[np.ndarray, list]:
        return whole(folder, shards=shards, size=size, count=12, world=world)

    whole = world_data.rendered_world
    monkeypatch.setattr("engine.training.image.clip.rendered_world", few)
    monkeypatch.setattr(
        "engine.training.image.clip.caption_tokenizer",
        lambda folder, world: fixed,
    )


def test_any_text_tokenizes(tmp_path: Path) -> None:
    tokenizer = caption_tokenizer(tmp_path, captions=500)
    ids = tokenized(tokenizer, ["A Sunset over the OCEAN", "a sunset over the ocean"])
    assert torch.equal(ids[0], ids[1])
    assert ids[0, 0] == tokenizer.bos_token_id
    assert ids.shape[1] == 7  # one token a word
    odd = tokenizer("windowsill 🙂 日本")["input_ids"]
    assert tokenizer.decode(odd, skip_special_tokens=True).replace(" ", "") == "windowsill🙂日本"
    assert tokenized(tokenizer, ["sea " * 200]).shape == (1, 77)
    assert tokenized(tokenizer, ["sea"], full=True).shape == (1, 77)


def test_pooling_finds_the_first_end_token(tmp_path: Path) -> None:
    tokenizer = caption_tokenizer(tmp_path, captions=200)
    model = build(TINY, tokenizer).eval()
    with torch.no_grad():
        short = model.get_text_features(input_ids=tokenized(tokenizer, ["sea"])).pooler_output
        padded = model.get_text_features(
            input_ids=tokenized(tokenizer, ["sea"], full=True)
        ).pooler_output
    assert torch.allclose(short, padded, atol=1e-5)


def test_unrelated_texts_only_add_columns(tmp_path: Path) -> None:
    tokenizer = caption_tokenizer(tmp_path, captions=200)
    model = build(TINY, tokenizer).eval()
    images = torch.zeros(2, 3, 64, 64)
    with torch.no_grad():
        plain = contrastive_loss(model, images, tokenized(tokenizer, ["sea", "city"]))
        more = contrastive_loss(model, images, tokenized(tokenizer, ["sea", "city", "a red car"]))
    assert more > plain
    texts = [unrelated_text(np.random.default_rng(seed)) for seed in range(50)]
    assert len(set(texts)) > 45


def test_a_wrong_caption_is_a_choice_of_its_own_picture_alone(tmp_path: Path) -> None:
    tokenizer = caption_tokenizer(tmp_path, captions=200)
    model = build(TINY, tokenizer).eval()
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    ids = tokenized(tokenizer, ["sea", "city", "a red car", "snow", "sea", "night"])
    with torch.no_grad():
        seen = F.normalize(model.get_image_features(pixel_values=images).pooler_output, dim=-1)
        read = F.normalize(model.get_text_features(input_ids=ids).pooler_output, dim=-1)
        scores = model.logit_scale.exp() * seen @ read.T  # [image, text]
        loss = contrastive_loss(model, images, ids, changed=2)
    chosen = [F.cross_entropy(scores[i, [0, 1, 2 + 2 * i, 3 + 2 * i]], torch.tensor(i))
              for i in (0, 1)]  # fmt: skip
    by_text = F.cross_entropy(scores[:, :2].T, torch.arange(2))
    assert torch.allclose(loss, 0.5 * (torch.stack(chosen).mean() + by_text), atol=1e-6)


def test_training_resumes_to_the_same_bits(tmp_path: Path) -> None:
    def run(folder: Path, **options: Any) -> None:
        train_clip("cpu", folder=folder, data=tmp_path / "data", recipe=TINY, **options)

    run(tmp_path / "whole", resume=False, measure=lambda model, _: {"on": float(model.training)})
    log = (tmp_path / "whole" / "log.jsonl").read_text().splitlines()
    assert json.loads(log[-1])["on"] == 0.0  # what is logged of the averaged model changes no bit
    run(tmp_path / "halves", resume=False, stop_after=2)
    run(tmp_path / "halves", resume=True)
    whole = load_file(tmp_path / "whole" / "checkpoint.safetensors")
    halves = load_file(tmp_path / "halves" / "checkpoint.safetensors")
    assert whole.keys() == halves.keys()
    assert all(torch.equal(whole[name], halves[name]) for name in whole)
    with pytest.raises(InvalidInput, match="was made with"):
        other = ClipRecipe(**{**{f: getattr(TINY, f) for f in TINY.__slots__}, "seed": 1})
        train_clip("cpu", folder=tmp_path / "whole", data=tmp_path / "data", recipe=other,
                   resume=True)  # fmt: skip


def test_a_trained_clip_ships_with_a_manifest(tmp_path: Path) -> None:
    tokenizer = caption_tokenizer(tmp_path / "tokenizer", captions=200)
    fingerprint = ship_clip(build(TINY, tokenizer), tokenizer, tmp_path / "shipped")
    assert check_manifest(tmp_path / "shipped") == fingerprint
    assert "ocean" in (tmp_path / "shipped" / "known_words.txt").read_text().split()


def test_the_shipped_clip_reads_fresh_renderings() -> None:
    from transformers import CLIPModel, CLIPTokenizer

    check_manifest(CLIP_FOLDER)
    model = CLIPModel.from_pretrained(CLIP_FOLDER, local_files_only=True, dtype=torch.float32)
    tokenizer = CLIPTokenizer.from_pretrained(CLIP_FOLDER, local_files_only=True)
    found = retrieval_at_1(model.eval(), tokenizer, batch=16, batches=4, seed=11, world="poster")
    assert found["text_to_image"] > 0.75  # 0.9 and more when measured
    nearer, *others = text_similarities(model, tokenizer).values()
    assert nearer > max(others)
