"""The cards of both kernels, from numbers made up here."""

from __future__ import annotations

from typing import Any

import pytest

from engine.training.text.card import model_card, recipe_of

KEYS = ("loss", "top1", "changed_top1")


def report(kernel: str) -> dict[str, Any]:
    scores = {f"{key}_{percent}": 0.5 for key in KEYS for percent in (15, 50, 90)}
    scores |= {"accuracy": 0.25, "mean_confidence": 0.25, "ece": 0.125}
    return {
        "kernel": kernel, "training": {}, "parameters": 5_000_000, "vocabulary": 1_900,
        "fresh": scores, "grammar": scores, "plain": scores, "facts": 300, "facts_recalled": 290,
        "plain_unknown_words": 0.01, "twelve_tokens_seconds": 0.02, "lengths": [6],
        "greedy": ["it is late."], "top_k": ["it was early."], "fills": {"it is [MASK].": ["x"]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kernel", "title", "noise"),
    [("absorbing", "# Built-in BERT\n", "masked"), ("uniform", "# Built-in uniform\n", "redrawn")],
)
def test_a_card_tells_its_kernel_and_its_numbers(kernel: str, title: str, noise: str) -> None:
    text = model_card(report(kernel), recipe="so and so", mebibytes=9.5)
    assert text.startswith(title)
    assert f"| top-1 accuracy at 90 % {noise} | 0.500 | 0.500 | 0.500 |" in text
    assert ("where words were redrawn" in text) is (kernel == "uniform")
    assert f"train evaluate text --kernel {kernel}" in text
    assert "- so and so" in text and "{" not in text


def test_the_recipe_is_that_of_the_training() -> None:
    training = {
        "steps": 20_000, "batch": 1024, "rate": 0.0012, "texts": 2_000_000, "seconds": 150.2,
        "tokens_seen": 290_000_000, "device": "a GPU", "bfloat16": True,
    }  # fmt: skip
    told = " ".join(recipe_of(training).split())
    assert "20,000 steps of 1,024 texts" in told
    assert "about 290,000,000 words and marks seen, 150 s on a GPU in bfloat16 autocast" in told
    assert "from nothing" in told
    later = {**training, "steps": 14_000, "device": "cpu", "bfloat16": False}
    both = " ".join(recipe_of({**later, "began_with": training}).split())
    assert both.index("20,000 steps") < both.index("14,000 steps")
    assert "on a CPU in float32" in both
    assert "not known" in recipe_of({})
