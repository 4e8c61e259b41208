"""Training of the built-in text models: diffusion denoisers of short plain sentences."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertForMaskedLM

from cache.errors import InvalidInput
from engine.training.alone import alone
from engine.training.checkpoints import read_header
from engine.training.text.corpus import (
    LengthGrouped,
    generate,
    known_words,
    vocabulary,
    word_count,
    workers_here,
    write_vocabulary,
)
from engine.training.text.descent import Descent, Stops, Trained
from engine.training.text.kernels import KERNELS, KernelName, kernel_of, write_kernel
from engine.training.text.recipe import RECIPES, TextRecipe

RUN_FOLDER = Path("training-runs/text")
MOST_STEPS = 1_000_000
MOST_SECONDS = 86_400
START_FILES = ("vocab.txt", "model.safetensors")
DEVICE = "STEPSCOPE_TRAINING_DEVICE"  # to try a profile where its device is not
CHECKPOINT = "checkpoint.safetensors"
TRAINING = "training.json"  # in the model folder: what it went through, for its card


def train(
    profile: str,
    *,
    resume: bool,
    folder: Path = RUN_FOLDER,
    start: Path | None = None,
    steps: int | None = None,
    kernel: str = "absorbing",
    seconds: float | None = None,
) -> Path:
    """Train by a profile and write the averaged weights as a model folder; that folder.

    ``start`` is a model folder whose weights to begin with; its words are matched by spelling.
    ``seconds`` sets the number of steps by the pace of the first ones; the time before the first
    step, in which texts are made, is not in it. Raises InvalidInput for steps, seconds, a kernel
    or a start that cannot be, and when a checkpoint to resume was made by another recipe.
    """
    recipe = replace(RECIPES[profile], kernel=kernel_named(kernel))
    if start is not None and not all((start / name).is_file() for name in START_FILES):
        raise InvalidInput(f"start must be a folder with {' and '.join(START_FILES)}, got {start}")
    if steps is not None:
        if not 1 <= steps <= MOST_STEPS:
            raise InvalidInput(f"steps must be 1 to {MOST_STEPS}, got {steps}")
        recipe = replace(recipe, steps=steps, warmup=max(1, min(300, steps // 10)))
    if seconds is not None and not 1 <= seconds <= MOST_SECONDS:
        raise InvalidInput(f"seconds must be 1 to {MOST_SECONDS}, got {seconds:g}")
    if seconds is not None and steps is not None:
        raise InvalidInput(f"seconds go without steps, got {seconds:g} and steps {steps}")
    recipe = replace(recipe, device=os.environ.get(DEVICE, recipe.device))
    if recipe.device == "cuda" and not torch.cuda.is_available():
        raise InvalidInput(f"profile {profile} needs a CUDA device, and torch finds none")
    quick = recipe.device == "cuda"
    stops = Stops(
        checkpoint_steps=None if quick else 500,
        checkpoint_seconds=60.0 if quick else None,
        seconds=seconds,
    )
    return train_recipe(recipe, resume=resume, folder=folder, start=start, stops=stops)


def profile_named(name: str) -> str:
    """The profile that somebody asked for. Raises InvalidInput for another."""
    if name not in RECIPES:
        raise InvalidInput(f"unknown profile {name!r}; choose from {', '.join(RECIPES)}")
    return name


def kernel_named(name: str) -> KernelName:
    """The kernel that somebody asked for. Raises InvalidInput for another."""
    for kernel in KERNELS:
        if name == kernel:
            return kernel
    raise InvalidInput(f"unknown kernel {name!r}; choose from {', '.join(KERNELS)}")


def train_recipe(
    recipe: TextRecipe,
    *,
    resume: bool,
    folder: Path,
    start: Path | None = None,
    stops: Stops = Stops(checkpoint_steps=500),
) -> Path:
    """Train by a recipe; ``folder`` takes checkpoint, log, model and, at every checkpoint, samples.

    A training that is resumed with ``seconds`` keeps the steps that they gave it at first.
    """
    going_on = resume and (folder / CHECKPOINT).exists()
    if going_on and stops.seconds is not None:
        recipe = replace(recipe, steps=int(read_header(folder / CHECKPOINT)["facts"]["steps"]))
    texts = generate(recipe.seed, recipe.texts, workers=workers_here())
    vocab = vocabulary(texts)
    if going_on:
        _check_words(folder / "model" / "vocab.txt", vocab)
    write_vocabulary(folder / "model", vocab, known_words(texts))
    kernel = kernel_of(recipe.kernel, words=word_count(texts))
    write_kernel(folder / "model", kernel)
    data = LengthGrouped(texts, vocab)
    del texts  # a gigabyte of strings
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(recipe.seed)  # the initial weights
        model = new_model(recipe, len(vocab))
    if start is not None:
        begin_with(model, vocab, start)
    with alone(folder):
        trained = Descent(recipe, model, data, kernel, folder).run(stops, resume=resume)
    trained.ema.copy_to(model)
    model.eval().cpu().save_pretrained(folder / "model")
    _write_training(folder / "model" / TRAINING, trained, data, start)
    return folder / "model"


def new_model(recipe: TextRecipe, words: int) -> BertForMaskedLM:
    """An untrained BERT of the recipe's sizes; without dropout: texts are drawn nearly once."""
    config = BertConfig(
        vocab_size=words,
        hidden_size=recipe.width,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        intermediate_size=4 * recipe.width,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForMaskedLM(config)


def begin_with(model: nn.Module, vocab: Sequence[str], start: Path) -> None:
    """Copy the weights of a model folder in place; rows of words it does not know stay new."""
    old_vocab = (start / "vocab.txt").read_text().split("\n")[:-1]
    rows = {word: row for row, word in enumerate(old_vocab)}
    shared = [(new, rows[word]) for new, word in enumerate(vocab) if word in rows]
    new_rows, old_rows = (torch.tensor(column) for column in zip(*shared, strict=True))
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in load_file(start / "model.safetensors").items():
            if name not in own:
                continue
            if len(value) == len(old_vocab):  # a row a word, which may stand elsewhere now
                own[name][new_rows] = value[old_rows].to(own[name])
            else:
                own[name].copy_(value)


def _check_words(path: Path, vocab: Sequence[str]) -> None:
    """A checkpoint's rows are those of its words; another grammar's would be read as them."""
    if path.exists() and path.read_text().split("\n")[:-1] != list(vocab):
        raise InvalidInput(
            f"the checkpoint beside {path.parent} was made with other words than the grammar has "
            "now; train anew without resume"
        )


def _write_training(path: Path, trained: Trained, data: LengthGrouped, start: Path | None) -> None:
    recipe = trained.recipe
    facts: dict[str, Any] = {
        "kernel": recipe.kernel,
        **recipe.facts(),
        "steps": trained.step,
        # by the shares that lengths are drawn with
        "tokens_seen": round(trained.step * recipe.batch * data.mean_words),
        "seconds": round(trained.seconds, 1),
        "device": torch.cuda.get_device_name() if recipe.device == "cuda" else recipe.device,
    }
    if start is not None and (start / TRAINING).exists():
        facts["began_with"] = json.loads((start / TRAINING).read_text())
    path.write_text(json.dumps(facts, indent=1) + "\n")
