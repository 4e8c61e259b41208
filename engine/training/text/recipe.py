"""What decides the weights of a text model's training."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from engine.training.text.kernels import KernelName


@dataclass(frozen=True, slots=True)
class TextRecipe:
    """Everything that decides a training run's weights."""

    steps: int
    texts: int
    width: int = 192
    layers: int = 4
    heads: int = 4
    batch: int = 64
    rate: float = 1e-3
    warmup: int = 300
    ema_decay: float = 0.999
    seed: int = 0
    device: str = "cpu"
    kernel: KernelName = "absorbing"
    bfloat16: bool = False  # autocast; weights and averages stay in single precision

    def facts(self) -> dict[str, Any]:
        """What a checkpoint must have been made with; older ones have no word of newer fields."""
        facts = asdict(self)
        for name, old in (("kernel", "absorbing"), ("bfloat16", False)):
            if facts[name] == old:
                del facts[name]
        return facts


RECIPES: dict[str, TextRecipe] = {
    "cpu": TextRecipe(steps=24_000, texts=300_000, rate=1.2e-3),
    # all built-in models share 60 MB; a GPU does a thousand small rows as fast as a hundred
    "gpu": TextRecipe(
        steps=25_000, texts=2_000_000, width=256, layers=5, batch=1024, rate=1.2e-3,
        device="cuda", bfloat16=True,
    ),
    # what a CPU adds, in hours, to a model of the gpu profile's sizes: `--start` it
    "further": TextRecipe(steps=14_000, texts=2_000_000, width=256, layers=5, rate=5e-4),
}  # fmt: skip
