"""The cards of poster models: what is asked, what is measured, and that it all fits together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cache.errors import InvalidInput
from engine.models.manifest import check_manifest, made_of
from engine.training.generation import Generation
from engine.training.image import (
    autoencoder,
    clip,
    measuring,
    poster_cards,
    poster_evaluation,
    prompts_probed,
    unet,
)
from engine.training.image.autoencoder import AutoencoderRecipe
from engine.training.image.cards import write_cards
from engine.training.image.clip import ClipRecipe
from engine.training.image.decoder import DecoderRecipe
from engine.training.image.drawing import clipped_share
from engine.training.image.judgement import CHANGES, compared
from engine.training.image.probe_heads import HEADS
from engine.training.image.probes import ProbeRecipe, Probes, train_probes
from engine.training.image.prompts_probed import (
    EVERYTHING,
    FORGIVING,
    TOGETHER,
    Prompt,
    prompts,
    prompts_followed,
    prompts_missed,
)
from engine.training.image.shipping import pipeline_of, ship_clip, ship_pipeline, text_encoder_of
from engine.training.image.unet import UnetRecipe
from engine.training.image.wording import worded
from engine.training.poster.captions import known_words
from engine.training.poster.scene import Thing
from engine.training.poster.words import NAMES
from engine.training.shipping import logged_seconds, samples_seen, ship
from engine.training.worlds import world_of


@pytest.mark.parametrize(
    ("wording", "text"),
    [
        (
            worded("sea", "sunset", Thing("balloon", "left", "red"), sided=True),
            "a red balloon on the left over the sea at sunset",
        ),
        (worded("lake", "night", Thing("pine", count=3)), "three pine trees on the lake at night"),
        (
            worded("city", None, Thing("bridge", colour="red"), style="neon", sided=True),
            "a red bridge in the city in neon",
        ),
        (
            worded("sea", "day", Thing("balloon", colour="orange"), style="ink"),
            "an orange balloon over the sea during the day in ink",
        ),
    ],
)
def test_a_fixed_wording(wording: str, text: str) -> None:
    assert wording == text


@pytest.mark.parametrize("attribute", CHANGES)
def test_compared_captions_differ_in_one_attribute(attribute: str) -> None:
    pictures, right, wrong, kinds = compared(attribute, np.random.default_rng(0), 12, 16)
    assert pictures.shape == (12, 16, 16, 3)
    assert all(
        NAMES[kind][0][0].split()[-1] in text or NAMES[kind][0][1].split()[-1] in text
        for kind, text in zip(kinds, right, strict=True)
    )
    words = set(known_words())
    for first, second in zip(right, wrong, strict=True):
        assert first != second
        assert set(first.split()) | set(second.split()) <= words


def test_prompts_are_the_same_every_time_and_name_what_they_ask_for() -> None:
    asked = prompts(60)
    assert asked == prompts(60)
    for prompt in asked:
        assert {"place", "time", "object"} <= prompt.named.keys()
        kind = prompt.named["object"][0].removeprefix("present ")
        if "colour" in prompt.named:
            assert prompt.named["colour"] == (f"colour {kind}", prompt.named["colour"][1])
            assert prompt.named["colour"][1] in prompt.text
        if "side" in prompt.named:
            assert prompt.named["side"][1] in prompt.text or "center" in prompt.text
    assert all(any(name in prompt.named for prompt in asked) for name in ("side", "count", "style"))


def test_following_is_counted_by_attribute_and_together(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(**named: str) -> list[int]:
        said = {head.replace("_", " "): answer for head, answer in named.items()}
        return [head.answers.index(said[head.name]) if head.name in said else 0 for head in HEADS]

    asked = [
        Prompt("", {"place": ("place", "sea"), "time": ("time", "day"), "style": ("style", "ink"),
                    "object": ("present boat", "present")}),
        Prompt("", {"place": ("place", "lake"), "time": ("time", "night"),
                    "object": ("present boat", "present"), "colour": ("colour boat", "red")}),
    ]  # fmt: skip
    given = np.array([
        row(place="sea", time="sunrise", style="ink", present_boat="present"),
        row(place="lake", time="night", present_boat="present", colour_boat="blue"),
    ])  # fmt: skip
    monkeypatch.setattr(prompts_probed, "answers", lambda *_: given)
    model = Probes(HEADS, ProbeRecipe(widths=(8,), blocks=1, folded=4, hidden=8))
    followed = prompts_followed(model, np.zeros((2, 8, 8, 3), np.uint8), asked)
    nothing_by_chance = {"asked": 2, "found": 2, "right": 1.0, "by chance": 0.0}
    assert followed["place"] == nothing_by_chance
    assert followed["time"] == nothing_by_chance | {"found": 1, "right": 0.5}
    assert followed[FORGIVING] == nothing_by_chance
    assert followed["object"] == nothing_by_chance | {"by chance": 1.0}  # both show a boat
    assert followed[TOGETHER] == nothing_by_chance | {"found": 1, "right": 0.5}
    assert followed[EVERYTHING] == nothing_by_chance | {"found": 0, "right": 0.0}
    assert (followed["colour"]["asked"], followed["colour"]["found"]) == (1, 0)
    assert followed["side"]["asked"] == 0
    missed = prompts_missed(model, np.zeros((2, 8, 8, 3), np.uint8), asked)
    assert missed == [["time"], ["colour"]]


def test_clipped_values_are_counted_in_every_channel() -> None:
    decoded = torch.zeros(2, 3, 2, 2)
    decoded[0, 0, 0, 0], decoded[0, 1, 1, 1] = 1.5, -1.01
    assert clipped_share(decoded).tolist() == pytest.approx([2 / 12, 0.0])


def test_the_seconds_of_resumed_trainings_add_up(tmp_path: Path) -> None:
    assert logged_seconds(tmp_path) is None
    lines = [{"step": k, "seconds": s} for k, s in enumerate((1.0, 5.0, 0.5, 2.0))]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert logged_seconds(tmp_path) == 7.0


def test_samples_of_crops_and_whole_pictures() -> None:
    sizes = {"crop_steps": 10, "crop_batch": 4, "whole_batch": 2}
    assert samples_seen(sizes, 8) == 32
    assert samples_seen(sizes, 15) == 50
    assert samples_seen({"batch": 3}, 5) == 15


def test_a_generation_without_all_parts_is_not_shipped(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="all of autoencoder, clip, unet to be shipped, got no"):
        ship(Generation(tmp_path), tmp_path / "to")


@pytest.fixture
def shipped(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Tiny untrained models of the poster world as they ship, and probes."""
    torch.manual_seed(0)
    reader = ClipRecipe(
        world="poster", size=32, patch=8, text_width=16, text_layers=1, vision_width=16,
        vision_layers=1, projection=16,
    )  # fmt: skip
    codec = AutoencoderRecipe(world="poster", size=32, channels=(8, 8, 16))
    denoiser = UnetRecipe(world="poster", size=32, channels=(16, 16), heads=2)
    tokenizer = clip.caption_tokenizer(tmp_path / "tokenizer", captions=200, world="poster")
    model = clip.build(reader, tokenizer).eval()
    vae = autoencoder.build(codec).eval()
    drawer = unet.build(denoiser, latent_size=8, latent_channels=4, text_width=16).eval()
    made = {
        part: {"recipe": json.loads(json.dumps(recipe.facts)), "step": 7, "samples_seen": 70_000,
               "seconds": 120.0, "device": "NVIDIA H100"}
        for part, recipe in (("clip", reader), ("autoencoder", codec), ("unet", denoiser))
    }  # fmt: skip
    folders = tmp_path / "clip", tmp_path / "stable-diffusion", tmp_path / "probes"
    ship_clip(model, tokenizer, folders[0], world="poster", made={"clip": made["clip"]})
    ship_pipeline(
        pipeline_of(vae, drawer, text_encoder_of(model), tokenizer), folders[1],
        world="poster", made=made,
    )  # fmt: skip
    pictures, scenes = world_of("poster").render_many(np.random.default_rng(0), 8, 32)
    train_probes(
        pictures, scenes, device=torch.device("cpu"), folder=folders[2], steps=1,
        recipe=ProbeRecipe(widths=(8,), blocks=1, folded=4, hidden=8, batch=8),
    )  # fmt: skip
    return folders


def test_what_is_shipped_is_measured_and_told(
    shipped: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clip_folder, image_folder, probes_folder = shipped
    check_manifest(image_folder)
    assert made_of(image_folder)["world"] == made_of(clip_folder)["world"] == "poster"
    assert "windmill" in (clip_folder / "known_words.txt").read_text().split()

    whole = poster_evaluation.drawn

    def briefly(*given: Any, **options: Any) -> Any:
        return whole(*given, **{**options, "steps": 1})

    monkeypatch.setattr(poster_evaluation, "drawn", briefly)
    for name, value in (("RENDERINGS", 16), ("PROBED", 12), ("SHOWN", 8), ("PROBE_RENDERINGS", 12)):
        monkeypatch.setattr(poster_evaluation, name, value)
    monkeypatch.setattr(poster_evaluation, "GUIDANCES", (1.0, 4.0, 7.5))
    for name, few in (("retrieval_at_1", {"batches": 1, "batch": 4}), ("judgement", {"each": 2}),
                      ("renderings_score", {"count": 4})):  # fmt: skip
        _shortened(monkeypatch, name, few)
    monkeypatch.setattr(poster_evaluation, "seconds_an_image", lambda *_, **__: 1.5)
    numbers = measuring.measured(clip_folder, image_folder, probes_folder, seeds=4)
    assert numbers["world"] == "poster"
    assert json.loads(json.dumps(numbers)) is not None
    with pytest.raises(InvalidInput, match="numbers must be of the models in"):
        measuring.completed(numbers | {"fingerprints": ["0", "1"]}, *shipped)
    write_cards(clip_folder, image_folder, measuring.completed(numbers, *shipped))
    card = (image_folder / "MODEL_CARD.md").read_text()
    assert "on NVIDIA H100 in 120 s, 7 steps, 70,000 samples" in card
    assert "| place, time and object together |" in card
    assert "Its text tower is the text" in (clip_folder / "MODEL_CARD.md").read_text()
    assert "| guidance 7.5 |" in card and "| renderings |" in card
    assert "| 2 | 1.50 s |" in card and "| all that the prompt names |" in card
    assert "| colour | " in (clip_folder / "MODEL_CARD.md").read_text()
    assert "the text tower of the built-in CLIP, frozen" in card
    assert "reads with that CLIP's own text tower" in card
    whole_numbers = measuring.completed(numbers, *shipped)
    other = poster_cards.image_card(whole_numbers, made_of(image_folder), {"clip": {}})
    assert "the text tower of the built-in CLIP before its last training, frozen" in other
    assert "reads with an earlier text tower of that CLIP" in other
    for sheet in ("samples", "prompts", "reconstructions"):
        assert (image_folder / f"{sheet}.webp").exists()
    check_manifest(image_folder)  # cards and sheets are no part of it


def test_a_card_tells_every_training_of_a_clip_and_whose_tower_draws() -> None:
    first = {
        "recipe": ClipRecipe(world="poster", batch=512).facts, "step": 20, "samples_seen": 10_240,
        "seconds": 141.0, "device": "NVIDIA H100",
    }  # fmt: skip
    second = {
        "recipe": ClipRecipe(world="poster", batch=64, changed=2).facts, "step": 70,
        "samples_seen": 4_480, "seconds": 5000.0, "device": "CPU", "began_with": first,
    }  # fmt: skip
    numbers = {
        "sizes": {"clip": {"parameters": 7_000_000, "bytes": 14_000_000}},
        "retrieval": {"batch": 64, "batches": 16, "text_to_image": 0.9, "image_to_text": 0.9},
        "judgement": {
            "side": {
                "right": 0.5,
                "renderings": 300,
                "flying": {"right": 0.25, "renderings": 120},
                "standing": {"right": 0.75, "renderings": 180},
            }
        },
        "text_similarity": {},
    }
    card = poster_cards.clip_card(numbers, {"clip": second}, {"clip": first})
    assert card.index("on NVIDIA H100 in 141 s") < card.index("on CPU in 5,000 s, 70 steps")
    assert card.count("wrong in one attribute") == 1
    assert "Then, from these weights, trained on CPU" in card
    assert "7.0 million parameters, 14.0 MB in fp16" in card
    assert "| side | 0.50 | 0.44 to 0.56 | 0.25 of 120 | 0.75 of 180 | 300 |" in card
    assert "the text tower that this CLIP had before its last training" in card


def test_a_card_tells_a_decoder_that_went_on_alone() -> None:
    assert poster_cards._decoder_stages({}) == poster_cards._decoder({}) == ""
    part = {
        "recipe": DecoderRecipe().facts, "step": 7, "samples_seen": 56, "seconds": 9.0,
        "device": "CPU", "began_with": {},
    }  # fmt: skip
    assert "batches of 8, AdamW at 0.0003" in poster_cards._decoder_stages({"decoder": part})
    assert poster_cards._decoder({"decoder": part}).endswith(
        "then the decoder alone on CPU in 9 s, 7 steps, 56 samples"
    )


def test_the_cards_verdict_tells_guessing_from_knowing() -> None:
    shares = {
        "place": (200, 0.99, 0.2), "time": (200, 0.9, 0.3), "count": (200, 0.7, 0.35),
        "side": (40, 0.4, 0.33), TOGETHER: (200, 0.8, 0.01), EVERYTHING: (200, 0.75, 0.0),
    }  # fmt: skip
    followed = {
        name: {"asked": asked, "found": round(asked * right), "right": right, "by chance": chance}
        for name, (asked, right, chance) in shares.items()
    }
    said = " ".join(poster_cards._verdict({"followed": followed, "guidance": 4.0}).split())
    assert "nearly always draws place (0.99); mostly time (0.90); less often count (0.70)" in said
    assert "does no better than guess side (0.40)" in said  # a third is within its interval
    assert "are right together in 0.80, all that is named in 0.75" in said


def test_models_of_two_worlds_are_not_measured_together(shipped: tuple[Path, Path, Path]) -> None:
    clip_folder, image_folder, probes_folder = shipped
    manifest = json.loads((clip_folder / "manifest.json").read_text())
    del manifest["made"]
    (clip_folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InvalidInput, match="models must be of one world, got poster"):
        measuring.measured(clip_folder, image_folder, probes_folder, seeds=4)


def _shortened(monkeypatch: pytest.MonkeyPatch, name: str, few: dict[str, int]) -> None:
    whole = getattr(poster_evaluation, name)
    monkeypatch.setattr(
        poster_evaluation, name, lambda *given, **options: whole(*given, **{**options, **few})
    )
