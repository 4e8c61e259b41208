"""What steers a text beside its model, as it is asked for: guidance and controls. No torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from cache.errors import InvalidInput
from engine.chain.axis_values import shown, shown_number, whole_number
from engine.text.controls.names import ControlName

MOST_GUIDANCE, MOST_STRENGTH = 20.0, 100.0
MOST_CONTROLS = 8
LONGEST = 400  # characters of one control
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def _scales(value: Any) -> Any:
    for scale in value if isinstance(value, tuple) else (value,):
        if isinstance(scale, bool) or not isinstance(scale, int | float) or not abs(scale) <= 1e6:
            raise PydanticCustomError("scales", "a number 0 to 20, or one for each step")
    return value


def _two_steps(value: Any) -> Any:
    two = isinstance(value, tuple) and len(value) == 2 and all(type(step) is int for step in value)
    if value is None or two:
        return value
    raise PydanticCustomError("steps", "two steps, the first and the last")


def _controls(value: Any) -> Any:
    if not isinstance(value, tuple | list):
        raise InvalidInput(f"controls must be a list as of 'must:sea', got {shown(value)}")
    if len(value) > MOST_CONTROLS:
        raise InvalidInput(f"controls must be at most {MOST_CONTROLS}, got {len(value)}")
    for control in value:
        split_control(control)
    return tuple(value)


Guidance = Annotated[float | tuple[float, ...], BeforeValidator(_scales)]
Interval = Annotated[tuple[int, int] | None, BeforeValidator(_two_steps)]
Controls = Annotated[tuple[str, ...], BeforeValidator(_controls)]
Strength = Annotated[float, Field(ge=0.0, le=MOST_STRENGTH, strict=False)]


def split_control(control: Any) -> tuple[ControlName, str]:
    """The family of a control and what it is given, of ``must:sea``. Raises InvalidInput."""
    names = get_args(ControlName)
    if not isinstance(control, str) or ":" not in control or len(control) > LONGEST:
        raise InvalidInput(
            f"controls must be like 'must:sea', at most {LONGEST} characters, of "
            f"{', '.join(names)}; got {shown(control)}"
        )
    name, _, given = control.partition(":")
    if name not in names:
        raise InvalidInput(f"unknown control {shown(name)}; choose from {', '.join(names)}")
    if not given.strip():
        raise InvalidInput(f"controls must say what: {name}: is followed by nothing")
    if name == "words":
        count = whole_number(given)
        if count is None or not 1 <= count <= 510:
            raise InvalidInput(f"controls words must be 1 to 510 words, got {shown(given)}")
    if name == "fluency" and not (NUMBER.fullmatch(given) and 0 < float(given) <= 10):
        raise InvalidInput(f"controls fluency must be above 0 and at most 10, got {shown(given)}")
    return name, given.strip()  # type: ignore[return-value]


def parse_interval(text: str) -> tuple[int, int]:
    """Two steps as in ``2:6``. Raises InvalidInput."""
    steps = [whole_number(part) for part in text.split(":")]
    if len(steps) != 2 or steps[0] is None or steps[1] is None:
        raise InvalidInput(f"guidance_interval must be two steps as in 2:6, got {shown(text)}")
    return steps[0], steps[1]


def guidance_at(
    guidance: float | Sequence[float], interval: tuple[int, int] | None, index: int
) -> float:
    """The scale of step ``index`` (from 1); 0 is without guidance."""
    if interval is not None and not interval[0] <= index <= interval[1]:
        return 0.0
    if isinstance(guidance, int | float):
        return float(guidance)
    return float(guidance[index - 1])


def check_guidance(
    guidance: float | Sequence[float], interval: tuple[int, int] | None, steps: int
) -> None:
    """Raise InvalidInput for scales that are out of bounds or do not fit the steps."""
    scales = [guidance] if isinstance(guidance, int | float) else list(guidance)
    for scale in scales:
        if not 0 <= scale <= MOST_GUIDANCE:
            raise InvalidInput(
                f"guidance must be 0 to {MOST_GUIDANCE:g}, got {shown_number(scale)}"
            )
    if not isinstance(guidance, int | float) and len(scales) != steps:
        raise InvalidInput(
            f"guidance must be one number or one for each of {steps} steps, got {len(scales)}"
        )
    if interval is not None and not 1 <= interval[0] <= interval[1] <= steps:
        first, last = interval
        raise InvalidInput(
            f"guidance_interval must be two steps of 1 to {steps}, got {first}, {last}"
        )
