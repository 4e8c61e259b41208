"""Generators that can be begun anywhere in a run, and go on where a stored step left them."""

from __future__ import annotations

import hashlib

import numpy as np
import torch


def generator_at(seed: int, index: int, state: np.ndarray | None = None) -> torch.Generator:
    """The generator for step ``index`` (from 1): as ``state`` left it, else begun here.

    Begun at step 1 it is the seed's own; begun later it is seeded by seed and step together, so
    that a fork which starts to draw at step k does not draw the initial noise again.
    """
    generator = torch.Generator()
    if state is not None:
        generator.set_state(torch.from_numpy(state.copy()))
        return generator
    if index == 1:
        return generator.manual_seed(seed)
    mixed = hashlib.sha256(f"seed {seed} step {index}".encode()).digest()
    return generator.manual_seed(int.from_bytes(mixed[:8], "big") >> 1)
