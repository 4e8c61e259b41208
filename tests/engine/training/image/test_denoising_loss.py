"""What the U-Nets are trained on: the objective and its weights."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from engine.training.image.denoising_loss import MIN_SNR, noise_loss, noise_scheduler


@pytest.mark.parametrize("weighting", ["uniform", "min-snr"])
def test_the_velocitys_errors_are_weighted_as_asked(weighting: str) -> None:
    alphas = noise_scheduler().alphas_cumprod
    asked: list[torch.Tensor] = []

    def off_by_one(noisy: torch.Tensor, timesteps: torch.Tensor, _: torch.Tensor) -> object:
        asked.append(timesteps)
        kept = alphas[timesteps].view(-1, 1, 1, 1)  # of clean latents that are all zero
        return SimpleNamespace(sample=noisy * (kept / (1.0 - kept)).sqrt() + 1.0)

    clean, context = torch.zeros(8, 4, 2, 2), torch.zeros(8, 77, 3)
    loss = noise_loss(
        off_by_one, clean, context, alphas, torch.Generator().manual_seed(0),
        prediction="v_prediction", weighting=weighting,
    )  # fmt: skip
    (timesteps,) = asked
    assert sorted(int(t) * 8 // 1000 for t in timesteps) == list(range(8))  # evenly spread
    ratio = alphas[timesteps] / (1.0 - alphas[timesteps])
    weights = {
        "uniform": torch.ones_like(ratio), "min-snr": ratio.clamp(max=MIN_SNR) / (ratio + 1.0)
    }  # fmt: skip
    assert loss.item() == pytest.approx(weights[weighting].mean().item(), rel=1e-4)


def test_timesteps_can_be_denser_the_noisier() -> None:
    alphas = noise_scheduler().alphas_cumprod
    asked: list[torch.Tensor] = []

    def note(noisy: torch.Tensor, timesteps: torch.Tensor, _: torch.Tensor) -> object:
        asked.append(timesteps)
        return SimpleNamespace(sample=noisy)

    clean, context = torch.zeros(400, 1, 1, 1), torch.zeros(400, 77, 3)
    for spread in (1.0, 0.5):
        noise_loss(note, clean, context, alphas, torch.Generator().manual_seed(0), spread=spread)
    shares = [float((timesteps >= 500).float().mean()) for timesteps in asked]
    assert shares == pytest.approx([0.5, 0.75], abs=0.01)  # the share of t in proportion to t
