"""Grids of specs along named axes, as in ``seed=0:8 temperature=0.7,1.0``. No torch."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from cache.errors import InvalidInput
from engine.specs import Spec

MAX_CELLS = 4096
NAMED_NONE = ("accelerator",)  # fields one of whose names is none
NO_AXES = ("kind", "changes", "init_image", "corrected")  # fields that a grid does not vary
REPLACEABLE = ("prompt", "negative_prompt", "template", "text")  # fields of words

AnySpec = TypeVar("AnySpec", bound=Spec)


def parse_axis(text: str) -> tuple[str, list[Any]]:
    """``name=value,value`` or ``name=from:to[:by]`` (``to`` excluded) as a name and its values.

    ``prompt:sea=lake,desert`` puts each value in the place of the word ``sea`` of the prompt.
    Numbers, ``true``, ``false`` and ``none`` are read as such, the rest as text; a JSON list
    (``prompt=["a, b", "c"]``) holds values with commas.
    """
    name, equals, values = text.partition("=")
    name, colon, word = name.strip().partition(":")
    name = name.replace("-", "_") + colon + word
    if not equals or not name or not values.strip():
        raise InvalidInput(f"an axis must be NAME=VALUES, got {text!r}")
    return name, parse_values(values.strip(), name=name)


def parse_axes(texts: Iterable[str]) -> dict[str, list[Any]]:
    """Axes by name, each value once. Raises InvalidInput, also for an axis given twice."""
    axes: dict[str, list[Any]] = {}
    for text in texts:
        name, values = parse_axis(text)
        if name in axes:
            raise InvalidInput(f"axis {name!r} must be given once, got it twice")
        plain = (tuple(value) if isinstance(value, list) else value for value in values)
        axes[name] = list(dict.fromkeys(plain))
    return axes


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
        values += _range(part, name) if ":" in part else [_value(part.strip(), name)]
    return values


def parse_seeds(text: str) -> list[int]:
    """``0:8`` or ``1,5,9`` as seeds; raises InvalidInput for what is not a whole number."""
    seeds = parse_values(text, name="seeds")
    for seed in seeds:
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise InvalidInput(f"seeds must be whole numbers as in 0:8 or 1,5,9, got {seed!r}")
    return seeds


Skip = Mapping[str, Sequence[Any]]


def parse_skip(text: str) -> Skip:
    """``guidance=1 sampler=euler,heun`` as a rule: cells that match all of it are left out."""
    rule = parse_axes(text.split())
    if not rule:
        raise InvalidInput("skip must be NAME=VALUES, got nothing")
    return rule


def expand(
    base: AnySpec, axes: Mapping[str, Sequence[Any]], skip: Sequence[Skip] = ()
) -> Iterator[AnySpec]:
    """Every cell of the grid, the last axis fastest, each validated, without the skipped ones.

    Raises InvalidInput for an axis the spec does not have, a word that is not in the text it is
    to be replaced in, a grid above MAX_CELLS cells, and rules that leave no cell.
    """
    left = 0
    for cell in cells(axes, skip):
        left += 1
        yield base.but(**_fields(base, cell))
    if not left:
        raise InvalidInput("skip leaves no cell of the sweep")


def cells(axes: Mapping[str, Sequence[Any]], skip: Sequence[Skip] = ()) -> list[dict[str, Any]]:
    """The cells of a grid as values by axis, the last axis fastest. Raises InvalidInput."""
    for rule in skip:
        _check_rule(rule, axes)
    _check_size(axes)
    found = (dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values()))
    return [cell for cell in found if not any(_matches(cell, rule) for rule in skip)]


def _check_rule(rule: Skip, axes: Mapping[str, Sequence[Any]]) -> None:
    for name, values in rule.items():
        if name not in axes:
            raise InvalidInput(f"skip names {name!r}; the axes are {', '.join(axes)}")
        if not any(value in axes[name] for value in values):  # it could never match
            choices, got = (", ".join(map(str, each)) for each in (axes[name], values))
            raise InvalidInput(f"skip {name} must be of {choices}, got {got}")


def _matches(cell: Mapping[str, Any], rule: Skip) -> bool:
    return all(cell[name] in values for name, values in rule.items())


def _fields(base: Spec, cell: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a spec that a cell sets; replacements are made one after the other."""
    fields: dict[str, Any] = {}
    known = [name for name in type(base).model_fields if name not in NO_AXES]
    for axis, value in cell.items():
        name, colon, word = axis.partition(":")
        if name not in known or (colon and name not in REPLACEABLE):
            raise InvalidInput(f"unknown axis {axis!r}; choose from {', '.join(known)}")
        if not colon:
            fields[name] = value
            continue
        text = fields.get(name, getattr(base, name)) or ""
        if not word or word not in text:
            raise InvalidInput(f"axis {axis!r} replaces {word!r}, which is not in {text!r}")
        fields[name] = text.replace(word, str(value))
    return fields


def _check_size(axes: Mapping[str, Sequence[Any]]) -> None:
    cells = 1
    for values in axes.values():
        cells *= len(values)
    if not 1 <= cells <= MAX_CELLS:
        raise InvalidInput(f"a sweep must have 1 to {MAX_CELLS} cells, got {cells}")


def _range(part: str, name: str) -> list[int]:
    try:
        bounds = [int(number) for number in part.split(":")]
        values = range(*bounds)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{name} must be a range as in 0:8 or 0:20:5, got {part!r}") from error
    if not 1 <= len(values) <= MAX_CELLS:
        raise InvalidInput(f"{name} must have 1 to {MAX_CELLS} values, got {part!r}")
    return list(values)


def _value(text: str, name: str) -> Any:
    words = {"none": None, "true": True, "false": False}
    if text.lower() in words and name not in NAMED_NONE:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
