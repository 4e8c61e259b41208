"""What the store knows of a run without opening its steps, and the arrays of records. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
CLOCK_S = (-6.2e10, 2.5e11)  # seconds since the epoch: the years a date can tell, 5 to 9892
SHORT = 12  # characters of a run's id that people are shown


def short_id(run: str) -> str:
    """An id as people are shown it."""
    return run[:SHORT]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the store knows of a run without opening its steps."""

    run: str
    kind: str
    spec: Mapping[str, Any]
    model: str
    fingerprint: str
    step_keys: tuple[str, ...]  # [0] is the start; [k] is step k
    shared_keys: tuple[str, ...]  # what else the run needs: vocabulary, embeddings
    created_at: float  # seconds since the epoch
    parent: str | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    later: tuple[str, ...] = ()  # fields that only a later version knows; they are not held here

    @property
    def short(self) -> str:
        """The run's id as people are shown it."""
        return short_id(self.run)

    @property
    def step_count(self) -> int:
        """How many steps the whole chain has, the start not counted."""
        return len(self.step_keys) - 1
