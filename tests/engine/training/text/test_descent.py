"""Trainings of seconds: the uniform kernel, a given time, reduced precision, a resume."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from cache.errors import InvalidInput
from engine.training.averages import Ema
from engine.training.checkpoints import read_header
from engine.training.text import descent
from engine.training.text.corpus import generate
from engine.training.text.descent import QuickEma, Stops
from engine.training.text.evaluation import scores_of
from engine.training.text.kernels import UniformKernel, read_kernel
from engine.training.text.recipe import RECIPES, TextRecipe
from engine.training.text.samples import Redrawer, load_writer
from engine.training.text.shipping import ship
from engine.training.text.train import train, train_recipe

TINY = TextRecipe(
    steps=4, texts=300, width=16, layers=1, heads=2, batch=4, warmup=1, kernel="uniform"
)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(descent, "WARM_STEPS", 2)
    monkeypatch.setattr(descent, "TIMED_STEPS", 3)
    yield
    torch.set_num_threads(before)


def losses(folder: Path) -> list[float]:
    records = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [record["loss"] for record in records if "loss" in record]


@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_uniform_training_learns(tmp_path: Path, bfloat16: bool) -> None:
    recipe = replace(TINY, steps=120, batch=16, rate=1e-2, ema_decay=0.9, bfloat16=bfloat16)
    trained = train_recipe(recipe, resume=False, folder=tmp_path, stops=Stops(checkpoint_steps=10))
    found = losses(tmp_path)
    assert found[-1] < found[0] - 1
    assert all(
        weight.isfinite().all() for weight in load_file(trained / "model.safetensors").values()
    )


def test_an_interrupted_uniform_training_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole = train_recipe(TINY, resume=False, folder=tmp_path / "whole")
    train_recipe(TINY, resume=True, folder=tmp_path / "cut", stops=Stops(stop_after=2))
    resumed = train_recipe(TINY, resume=True, folder=tmp_path / "cut")
    expected, found = (load_file(f / "model.safetensors") for f in (whole, resumed))
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_a_given_time_sets_the_steps_and_a_resume_keeps_them(tmp_path: Path) -> None:
    recipe = replace(TINY, steps=1_000_000)
    stops = Stops(seconds=1.0, checkpoint_seconds=0.2)
    trained = train_recipe(recipe, resume=False, folder=tmp_path, stops=stops)
    facts = json.loads((trained / "training.json").read_text())
    assert 5 < facts["steps"] < 1_000_000
    assert facts["tokens_seen"] > 4 * facts["steps"]
    header = read_header(tmp_path / "checkpoint.safetensors")
    assert header["step"] == header["facts"]["steps"] == facts["steps"]
    train_recipe(recipe, resume=True, folder=tmp_path, stops=stops)
    assert read_header(tmp_path / "checkpoint.safetensors")["step"] == facts["steps"]


def test_words_of_another_grammar_are_not_gone_on_with(tmp_path: Path) -> None:
    trained = train_recipe(TINY, resume=False, folder=tmp_path, stops=Stops(stop_after=1))
    words = (trained / "vocab.txt").read_text().replace("\nthe\n", "\nze\n")
    (trained / "vocab.txt").write_text(words)
    with pytest.raises(InvalidInput, match="was made with other words"):
        train_recipe(TINY, resume=True, folder=tmp_path)


def test_older_checkpoints_know_nothing_of_kernels() -> None:
    old = replace(TINY, kernel="absorbing").facts()
    assert "kernel" not in old and "bfloat16" not in old
    assert TINY.facts()["kernel"] == "uniform"


def test_quick_averages_are_the_same_bits() -> None:
    module = nn.Linear(7, 5)
    plain, quick = Ema(module, 0.9), QuickEma(module, 0.9)
    for _ in range(3):
        with torch.no_grad():
            module.weight.add_(torch.ones_like(module.weight))
        plain.update(module)
        quick.update(module)
    assert all(torch.equal(plain.shadow[name], quick.shadow[name]) for name in plain.shadow)


def test_a_uniform_model_ships_with_its_kernel_and_writes(tmp_path: Path) -> None:
    trained = train_recipe(TINY, resume=False, folder=tmp_path / "run")
    ship(trained, tmp_path / "shipped")
    manifest = json.loads((tmp_path / "shipped" / "manifest.json").read_text())
    assert manifest["name"] == "builtin-uniform"
    assert read_kernel(tmp_path / "shipped") == read_kernel(trained)
    writer = load_writer(tmp_path / "shipped")
    assert isinstance(writer, Redrawer)
    text = writer.fill("the [MASK] is [MASK].", seed=3)
    assert text.startswith("the ") and "[MASK]" not in text
    assert text == writer.fill("the [MASK] is [MASK].", seed=3)


def test_a_uniform_model_is_scored_everywhere_and_where_words_were_redrawn(tmp_path: Path) -> None:
    trained = train_recipe(TINY, resume=False, folder=tmp_path)
    kernel, writer = read_kernel(trained), load_writer(trained)
    assert isinstance(kernel, UniformKernel)
    vocab = (trained / "vocab.txt").read_text().split("\n")[:-1]
    scores = scores_of(writer.model, generate(9, 60), vocab, kernel)
    for percent in (15, 50, 90):
        assert scores[f"loss_{percent}"] > 0
        assert 0 <= scores[f"top1_{percent}"] <= 1
        assert 0 <= scores[f"changed_top1_{percent}"] <= 1


def test_built_in_models_stay_small() -> None:
    from engine.training.text.train import new_model

    model = new_model(RECIPES["gpu"], 2_000)
    assert 2 * sum(weight.numel() for weight in model.parameters()) < 10_000_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "cosine"}, "unknown kernel 'cosine'; choose from absorbing, uniform"),
        ({"seconds": 0.0}, "seconds must be 1 to 86400, got 0"),
        ({"seconds": float("nan")}, "seconds must be 1 to 86400, got nan"),
        ({"seconds": 60.0, "steps": 9}, "seconds go without steps, got 60 and steps 9"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, options: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        train("cpu", resume=False, folder=tmp_path, **options)


def test_it_can_be_started_without_the_libraries_of_pictures() -> None:
    """A machine with a GPU may have no Pillow."""
    script = """
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.startswith("PIL") else find(name, *rest)
import engine.training.text.__main__, engine.training.text.train
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[4])
