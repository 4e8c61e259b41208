"""Probes: heads and their labels, the loss where nothing is asked, training, the round trip."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load, save_file
from typer.testing import CliRunner

from cache.errors import InvalidInput
from engine.cli import train
from engine.training import world_data
from engine.training.image import clip, probe_training, probes
from engine.training.image.clip import ClipRecipe
from engine.training.image.probe_heads import HEADS, NOT_ASKED, labels_of
from engine.training.image.probes import (
    ProbeRecipe,
    answers,
    load_probes,
    probe_accuracy,
    probe_loss,
)
from engine.training.image.probes import (
    train_probes as train_them,
)
from engine.training.poster.scene import Scene, Thing
from engine.training.worlds import world_of

TINY = ProbeRecipe(widths=(8, 16), blocks=1, folded=4, hidden=16, batch=8)
CPU = torch.device("cpu")
BALLOON_AT_SEA = Scene("sea", "sunset", things=(Thing("balloon", "left", "red"),))
PINES = Scene("lake", "night", season="winter", things=(Thing("pine", count=3),))
BY_NAME = {head.name: head for head in HEADS}


def _answer(name: str, scene: Scene) -> str | None:
    at = labels_of([scene], [BY_NAME[name]])[0, 0]
    return None if at == NOT_ASKED else BY_NAME[name].answers[at]


@pytest.mark.parametrize(
    ("name", "scene", "right"),
    [
        ("place", BALLOON_AT_SEA, "sea"),
        ("time", PINES, "night"),
        ("season", BALLOON_AT_SEA, None),  # the sea looks the same all year
        ("season", PINES, "winter"),
        ("present balloon", BALLOON_AT_SEA, "present"),
        ("present boat", BALLOON_AT_SEA, "absent"),
        ("count balloon", BALLOON_AT_SEA, "1"),
        ("count pine", PINES, "3"),
        ("count pine", BALLOON_AT_SEA, None),
        ("side balloon", BALLOON_AT_SEA, "left"),
        ("side pine", PINES, None),  # a side is told of single things
        ("colour balloon", BALLOON_AT_SEA, "red"),
        ("colour boat", BALLOON_AT_SEA, None),
    ],
)
def test_label(name: str, scene: Scene, right: str | None) -> None:
    assert _answer(name, scene) == right


def test_every_scene_has_labels() -> None:
    rng = np.random.default_rng(0)
    scenes = [world_of("poster").draw_scene(rng) for _ in range(300)]
    labels = labels_of(scenes)
    assert labels.shape == (300, len(HEADS))
    assert (labels < [len(head.answers) for head in HEADS]).all()
    assert (labels != NOT_ASKED).any(axis=0).all()  # no head that is never asked


def test_the_loss_has_no_gradient_where_nothing_is_asked() -> None:
    logits = torch.zeros(2, 2, 3)
    logits[:, 0, 2] = float("-inf")  # a head of two answers
    logits.requires_grad_()
    loss = probe_loss(logits, torch.tensor([[0, NOT_ASKED], [1, NOT_ASKED]]))
    loss.backward()
    assert loss.item() == pytest.approx(np.log(2))
    assert logits.grad is not None and torch.isfinite(logits.grad).all()
    assert (logits.grad[:, 1] == 0).all()


def test_probes_learn_and_come_back_from_their_folder(tmp_path: Path) -> None:
    pictures, scenes = world_of("poster").render_many(np.random.default_rng(1), 24, 32)
    model = train_them(pictures, scenes, device=CPU, folder=tmp_path, steps=60, recipe=TINY)
    facts = json.loads((tmp_path / "probes.json").read_text())
    assert facts["steps"] == 60 and facts["samples_seen"] == 480 and facts["size"] == 32
    losses = [loss for _, loss in facts["losses"]]
    assert losses[-1] < 0.8 * losses[0]
    again, known = load_probes(tmp_path)
    assert known == facts
    assert (answers(again, pictures) == answers(model, pictures)).mean() > 0.98  # fp16
    accuracy = probe_accuracy(again, pictures, scenes)
    assert accuracy["place"]["asked"] == 24
    seen, unseen = accuracy["present, seen"]["asked"], accuracy["present, not seen"]["asked"]
    assert seen + unseen == accuracy["present"]["asked"] == 24 * 21


def test_the_same_seed_trains_the_same_probes(tmp_path: Path) -> None:
    pictures, scenes = world_of("poster").render_many(np.random.default_rng(1), 8, 32)
    first, second = (
        train_them(pictures, scenes, device=CPU, folder=tmp_path, steps=2, recipe=TINY)
        for _ in range(2)
    )
    assert all(
        torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)
    )


@pytest.mark.parametrize("limits", [{}, {"seconds": 1.0, "steps": 1}])
def test_one_length_is_given(tmp_path: Path, limits: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="give seconds or steps"):
        train_them(
            np.zeros((1, 32, 32, 3), np.uint8),
            [PINES],
            device=CPU,
            folder=tmp_path,
            **limits,  # type: ignore[arg-type]
        )


def test_a_folder_without_probes_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="probes must be a folder of trained probes"):
        load_probes(tmp_path)


def test_the_command_trains_on_the_rendered_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(clip.RECIPES, "poster", ClipRecipe(world="poster", size=32, shards=1))
    monkeypatch.setattr(world_data.rendered_shard, "__kwdefaults__", {"count": 12, "world": ""})
    monkeypatch.setattr(world_data.rendered_world, "__kwdefaults__", {"count": 12, "world": ""})
    monkeypatch.setattr(probe_training, "APART", 4)
    monkeypatch.setattr(probes, "CPU_RECIPE", TINY)
    outcome = CliRunner().invoke(
        train.app, ["probes", "--seconds", "0.2", "--folder", str(tmp_path)]
    )
    assert outcome.exit_code == 0, outcome.output
    facts = json.loads((tmp_path / "probes" / "probes.json").read_text())
    assert facts["pictures"] == 8 and facts["kept_apart"]["pictures"] == 4
    assert (tmp_path / "world" / "poster-32-0-12.npy").exists()

    shipping = ["export", "--ship-probes", "--folder", str(tmp_path), "--to", str(tmp_path / "m")]
    assert CliRunner().invoke(train.app, shipping).exit_code == 0
    shipped = tmp_path / "m" / "probes"
    before = (shipped / "probes.safetensors").read_bytes()
    assert before == (tmp_path / "probes" / "probes.safetensors").read_bytes()
    weights = tmp_path / "probes" / "probes.safetensors"
    weights.write_bytes(before[:-9])
    outcome = CliRunner().invoke(train.app, shipping)
    assert "probes must be a folder of trained probes" in str(outcome.exception)
    astray = {
        name: torch.full_like(each, torch.inf) if each.is_floating_point() else each
        for name, each in load(before).items()
    }
    save_file(astray, weights)
    outcome = CliRunner().invoke(train.app, shipping)
    assert "weights that are not finite" in str(outcome.exception)
    weights.write_bytes(before)
    (tmp_path / "probes" / "probes.json").write_text(json.dumps(facts | {"world": "landscape"}))
    outcome = CliRunner().invoke(train.app, shipping)
    assert "world of the probes must be poster, got landscape" in str(outcome.exception)
    (tmp_path / "probes" / "probes.json").write_text(json.dumps(facts | {"heads": ["place"]}))
    outcome = CliRunner().invoke(train.app, shipping)
    assert "probes must be a folder of trained probes" in str(outcome.exception)
    assert (shipped / "probes.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--world", "landscape"], "world must be poster"),
        (["--seconds", "0"], "seconds must be above 0"),
        (["--seconds", "nan"], "seconds must be above 0"),
        (["--seconds", "5", "--steps", "3"], "seconds goes without steps"),
        (["--shards", "0"], "shards must be 1 to 1024, got 0"),
    ],
)
def test_the_command_refuses(options: list[str], complaint: str) -> None:
    outcome = CliRunner().invoke(train.app, ["probes", *options])
    assert isinstance(outcome.exception, InvalidInput)
    assert complaint in str(outcome.exception)
