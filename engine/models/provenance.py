"""Where and with what a step was computed; recorded beside it, never part of its key."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from engine.chain.packages import PACKAGES


@lru_cache(maxsize=8)
def provenance(device: str, dtype: str) -> dict[str, Any]:
    """Device, dtype, threads and library versions of this process."""
    import torch

    return {
        "device": device,
        "dtype": dtype,
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }
