"""How many samples go through a model at once: a budget that halves when memory runs out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

from cache.errors import ComputationError

log = logging.getLogger(__name__)

In = TypeVar("In")
Out = TypeVar("Out")

CPU_ROWS = 32
CUDA_SHARE = 0.6  # of the memory that is free once the models are loaded
# an estimate of the peak of an SD 1.5 U-Net row in fp16, a latent pixel; not measured on a GPU yet
BYTES_A_LATENT = 160_000


@dataclass
class RowBudget:
    """At most ``rows`` samples a call; ``halvings`` counts how often memory ran out."""

    rows: int = CPU_ROWS
    halvings: int = 0

    @classmethod
    def of_device(cls, device: torch.device, latent_pixels: int, dtype: torch.dtype) -> RowBudget:
        """What a device should hold of rows with that many latent pixels (h * w)."""
        if device.type != "cuda":
            return cls()
        free, _ = torch.cuda.mem_get_info(device)
        size = BYTES_A_LATENT * latent_pixels * (2 if dtype == torch.float32 else 1)
        return cls(rows=max(2, min(64, int(free * CUDA_SHARE / size))))

    def run(self, items: Sequence[In], call: Callable[[Sequence[In]], list[Out]]) -> list[Out]:
        """``call`` over all items, ``rows`` at a time; halves ``rows`` when memory runs out.

        Raises ComputationError when one item alone does not fit.
        """
        out: list[Out] = []
        while len(out) < len(items):
            some = items[len(out) : len(out) + self.rows]
            try:
                out += call(some)
            except (torch.OutOfMemoryError, RuntimeError) as error:
                if not _out_of_memory(error):
                    raise
                self._halve(len(some), error)
        return out

    def _halve(self, tried: int, error: BaseException) -> None:
        if tried == 1:
            raise ComputationError(
                "out of memory on a single sample; try a smaller picture, float16 or "
                "attention slicing"
            ) from error
        self.rows = max(1, tried // 2)
        self.halvings += 1
        log.warning("out of memory on %d samples; going on with %d at a time", tried, self.rows)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _out_of_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
