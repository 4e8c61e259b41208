"""What runs cost before they are computed: the words that every kind's costs are told in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Budget:
    """How large a job of some kinds may be, summed over its runs, and who may say otherwise."""

    variable: str
    usual: int
    unit: str


class Calls(Protocol):
    """Counts the model calls of runs that are walked abreast, round by round."""

    @property
    def exact(self) -> bool:
        """Whether the calls are those that will be made, or the most there can be."""
        ...

    def calls(self, steps: Mapping[int, int]) -> int:
        """The calls of one round: which run takes which step."""
        ...


class NoCalls:
    """Kinds whose steps need no model call, or whose calls are not counted."""

    exact = True

    def calls(self, _steps: Mapping[int, int]) -> int:
        """None."""
        return 0
