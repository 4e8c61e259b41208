"""The loop that every training walks."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cache.errors import InvalidInput
from engine.training.loop import Descent


def test_a_training_that_went_astray_does_not_take_the_place_of_its_checkpoint(
    tmp_path: Path,
) -> None:
    module = torch.nn.Linear(2, 1)

    def loss_at(step: int) -> torch.Tensor:
        loss = module(torch.ones(1, 2)).square().mean()
        return loss if step < 2 else loss * float("nan")

    descent = Descent(
        name="line", folder=tmp_path, facts={}, learning_rate=0.01, steps=4, warmup=1
    )  # fmt: skip
    generator = torch.Generator()
    descent.run(module, loss_at, generator=generator, resume=False, stop_after=2)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    with pytest.raises(InvalidInput, match="loss must be finite, got nan at step 4"):
        descent.run(module, loss_at, generator=generator, resume=True)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
