"""Grids of specs along named axes, as in ``seed=0:8 temperature=0.7,1.0``. No torch."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from cache.errors import InvalidInput
from engine.specs import Spec

MAX_CELLS = 4096

AnySpec = TypeVar("AnySpec", bound=Spec)


def parse_axis(text: str) -> tuple[str, list[Any]]:
    """``name=value,value`` or ``name=from:to[:by]`` (``to`` excluded) as a name and its values.

    Numbers, ``true``, ``false`` and ``none`` are read as such, the rest as text; a JSON list
    (``prompt=["a, b", "c"]``) holds values with commas.
    """
    name, equals, values = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not name or not values.strip():
        raise InvalidInput(f"an axis must be NAME=VALUES, got {text!r}")
    return name, parse_values(values.strip(), name=name)


def parse_values(text: str, *, name: str) -> list[Any]:
    """The values of an axis; raises InvalidInput for an empty or malformed range."""
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError as error:
            raise InvalidInput(f"{name} is not a JSON list: {text!r}") from error
        return list(listed)
    values: list[Any] = []
    for part in text.split(","):
        values += _range(part, name) if ":" in part else [_value(part.strip())]
    return values


def parse_seeds(text: str) -> list[int]:
    """``0:8`` or ``1,5,9`` as seeds; raises InvalidInput for what is not a whole number."""
    seeds = parse_values(text, name="seeds")
    for seed in seeds:
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise InvalidInput(f"seeds must be whole numbers as in 0:8 or 1,5,9, got {seed!r}")
    return seeds


def expand(base: AnySpec, axes: Mapping[str, Sequence[Any]]) -> Iterator[AnySpec]:
    """Every cell of the grid, the last axis fastest, each validated.

    Raises InvalidInput for an axis the spec does not have or a grid above MAX_CELLS cells.
    """
    for name in axes:
        if name not in type(base).model_fields:
            fields = ", ".join(type(base).model_fields)
            raise InvalidInput(f"unknown axis {name!r}; choose from {fields}")
    cells = 1
    for values in axes.values():
        cells *= len(values)
    if not 1 <= cells <= MAX_CELLS:
        raise InvalidInput(f"a sweep must have 1 to {MAX_CELLS} cells, got {cells}")
    for values in itertools.product(*axes.values()):
        yield base.but(**dict(zip(axes, values, strict=True)))


def _range(part: str, name: str) -> list[int]:
    try:
        bounds = [int(number) for number in part.split(":")]
        values = range(*bounds)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{name} must be a range as in 0:8 or 0:20:5, got {part!r}") from error
    if not 1 <= len(values) <= MAX_CELLS:
        raise InvalidInput(f"{name} must have 1 to {MAX_CELLS} values, got {part!r}")
    return list(values)


def _value(text: str) -> Any:
    words = {"none": None, "true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
