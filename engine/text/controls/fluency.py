"""How much the model's own opinion counts against the other controls."""

from __future__ import annotations

from dataclasses import dataclass

from engine.chain.records import Floats, Ints
from engine.text.controls.control import Text, Vocabulary

FLOOR = -30.0  # of a log-probability: forbidden tokens stay what they are, without nan


@dataclass(frozen=True)
class Fluency:
    """``fluency:0.5``: so much of the model's log-probability once more: likely tokens gain."""

    weight: float

    @classmethod
    def of(cls, given: str, _known: Vocabulary) -> Fluency:
        return cls(float(given))

    def energy(self, text: Text) -> Floats:
        return (self.weight * text.log_p.clip(min=FLOOR)).astype("float32")

    def satisfied(self, tokens: Ints) -> float:
        return float("nan")
