"""The families of controls by name. No torch."""

from __future__ import annotations

from typing import Literal

ControlName = Literal["must", "avoid", "words", "ends", "rhyme", "topic", "fluency"]
