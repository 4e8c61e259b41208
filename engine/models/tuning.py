"""How this machine runs the image models: ``STEPSCOPE_TUNING=offload,channels-last,compile``.

``offload`` keeps only the part at work on a small card; bits stay the same. ``channels-last`` and
``compile`` are faster on CUDA and change the last places of a result, as another batch layout
does: they go into a step's provenance, not into its key. What changes a result beyond that is a
field of the spec and in the key: ``attention_slicing``, ``accelerator``, ``precision``. Pictures
are decoded one at a time, which is what VAE slicing does.
"""

from __future__ import annotations

import os
from typing import Any

import torch

from cache.errors import InvalidInput

VARIABLE = "STEPSCOPE_TUNING"
CHOICES = ("offload", "channels-last", "compile")


def chosen_tuning() -> frozenset[str]:
    """The options that the environment asks for. Raises InvalidInput for unknown ones."""
    asked = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    for name in asked:
        if name not in CHOICES:
            raise InvalidInput(f"unknown {VARIABLE} {name!r}; choose from {', '.join(CHOICES)}")
    return frozenset(asked)


def tune(pipe: Any, device: torch.device, tuning: frozenset[str]) -> Any:
    """A pipeline on its device, tuned as asked. Raises InvalidInput for offload without CUDA."""
    if "channels-last" in tuning:
        pipe.unet.to(memory_format=torch.channels_last)
    if "compile" in tuning:
        pipe.unet.compile()
    if "offload" not in tuning:
        return pipe.to(device)
    if device.type != "cuda":
        raise InvalidInput(f"{VARIABLE}=offload needs CUDA; this machine has only {device.type}")
    pipe.enable_model_cpu_offload(device=device)
    return pipe
