"""Values as notebooks have them: numpy's numbers, ranges, lists; as specs want them. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cache.errors import InvalidInput
from engine.chain.axis_values import MOST_VALUES, shown


def plain(value: Any) -> Any:
    """A value without numpy: its scalars as Python's own, its arrays and lists as tuples."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    return tuple(plain(each) for each in value) if isinstance(value, list | tuple) else value


def plain_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments as fields of a spec."""
    return {name: plain(value) for name, value in fields.items()}


def axes_of(varied: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What a sweep varies, each value once. Raises InvalidInput for what is no list of values."""
    axes: dict[str, list[Any]] = {}
    for name, values in varied.items():
        if not isinstance(values, range | list | tuple | np.ndarray):
            raise InvalidInput(
                f"{name} must be a list or range of values to sweep over, got {shown(values)}"
            )
        if not 1 <= len(values) <= MOST_VALUES:
            raise InvalidInput(f"{name} must have 1 to {MOST_VALUES} values, got {len(values)}")
        listed = plain(list(values))
        try:
            # True equals 1, and is no seed
            once = dict.fromkeys((value, isinstance(value, bool)) for value in listed)
        except TypeError as error:
            raise InvalidInput(
                f"{name} must be numbers, texts or lists of them, got {shown(values)}"
            ) from error
        axes[name] = [value for value, _ in once]
    return axes


def step_within(step: object, *, first: int, last: int, what: str) -> int:
    """A step that a run has (None: its last). Raises InvalidInput."""
    step = plain(step)
    if step is None:
        return last
    if type(step) is not int or not first <= step <= last:
        raise InvalidInput(f"step must be {first} to {last} for {what}, got {shown(step)}")
    return step
