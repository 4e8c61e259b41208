"""Grids of specs along named axes, as in ``seed=0:8 temperature=0.7,1.0``. No torch."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from cache.errors import InvalidInput
from engine.chain.axis_values import REPLACEABLE, SHOWN, parse_values, shown
from engine.chain.specs import Spec

MAX_CELLS = 4096
NO_AXES = ("kind", "changes", "init_image", "corrected")  # fields that a grid does not vary
NEXT_AXIS = re.compile(r"(?<!\s)\s++(?=[A-Za-z_-]+(?::[^=\s]*)?=)")  # where one ends in a rule
# what a word goes on with, in scripts that put spaces between words; accents of their own too
LETTER = r"(?:[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[\u0300-\u036f])"

AnySpec = TypeVar("AnySpec", bound=Spec)


def parse_axis(text: str) -> tuple[str, list[Any]]:
    """``name=value,value`` or ``name=from:to[:by]`` (``to`` excluded) as a name and its values.

    ``prompt:sea=lake,desert`` puts each value in the place of the word ``sea`` of the prompt. How
    values are read, ``parse_values`` says. Raises InvalidInput.
    """
    name, equals, values = text.partition("=")
    name, colon, word = name.strip().partition(":")
    name = name.replace("-", "_") + colon + word
    if not equals or not name or not values.strip():
        raise InvalidInput(f"an axis must be NAME=VALUES, got {shown(text)}")
    return name, parse_values(values.strip(), name=name)


def parse_axes(texts: Iterable[str]) -> dict[str, list[Any]]:
    """Axes by name, each value once. Raises InvalidInput, also for an axis given twice."""
    axes: dict[str, list[Any]] = {}
    for text in texts:
        name, values = parse_axis(text)
        if name in axes:
            raise InvalidInput(f"axis {shown(name)} must be given once, got it twice")
        plain = [tuple(value) if isinstance(value, list) else value for value in values]
        # True equals 1, and is no seed
        axes[name] = [value for value, _ in dict.fromkeys((v, isinstance(v, bool)) for v in plain)]
    return axes


def parse_seeds(text: str) -> list[int]:
    """``0:8`` or ``1,5,9`` as seeds; raises InvalidInput for what is not a whole number."""
    seeds = parse_values(text, name="seeds")
    for seed in seeds:
        if type(seed) is not int:
            raise InvalidInput(f"seeds must be whole numbers as in 0:8 or 1,5,9, got {shown(seed)}")
    return seeds


Skip = Mapping[str, Sequence[Any]]


def parse_skip(text: str) -> Skip:
    """``guidance=1 sampler=euler,heun`` as a rule: cells that match all of it are left out.

    Raises InvalidInput.
    """
    if not text.strip():
        raise InvalidInput("skip must be NAME=VALUES, got nothing")
    return parse_axes(NEXT_AXIS.split(text.strip()))


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
    grid = (dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values()))
    return [cell for cell in grid if not any(_matches(cell, rule) for rule in skip)]


def _check_rule(rule: Skip, axes: Mapping[str, Sequence[Any]]) -> None:
    for name, values in rule.items():
        if name not in axes:
            raise InvalidInput(f"skip names {shown(name)}; the axes are {', '.join(axes)}")
        if not any(value in axes[name] for value in values):  # it could never match
            choices, got = (", ".join(map(str, each)) for each in (axes[name], values))
            raise InvalidInput(f"skip {name} must be of {choices[:SHOWN]}, got {got[:SHOWN]}")


def _matches(cell: Mapping[str, Any], rule: Skip) -> bool:
    return all(cell[name] in values for name, values in rule.items())


def _fields(base: Spec, cell: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a spec that a cell sets, whole ones before words in them."""
    fields: dict[str, Any] = {}
    words: dict[str, dict[str, str]] = {}
    known = [name for name in type(base).model_fields if name not in NO_AXES]
    for axis, value in cell.items():
        name, colon, word = axis.partition(":")
        if name not in known or (colon and name not in REPLACEABLE):
            raise InvalidInput(_unknown(axis, known))
        if colon:
            words.setdefault(name, {})[word] = str(value)
        else:
            fields[name] = value
    for name, others in words.items():
        text = fields.get(name, getattr(base, name)) or ""
        fields[name] = _with_other_words(name, str(text), others)
    return fields


def _unknown(axis: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(axis[:100].partition(":")[0], known)
    hint = f"; near it: {', '.join(near)}" if near else ""
    return f"unknown axis {shown(axis)}; choose from {', '.join(known)}{hint}"


def _with_other_words(name: str, text: str, others: Mapping[str, str]) -> str:
    """A text with each of some words replaced, all at once and only where it is a whole word."""
    longest = sorted(others, key=len, reverse=True)
    choices = "|".join(re.escape(word) for word in longest if word)
    seen = set()

    def other(match: re.Match[str]) -> str:
        seen.add(match[0])
        return others[match[0]]

    replaced = re.sub(f"(?<!{LETTER})(?:{choices})(?!{LETTER})", other, text) if choices else text
    for word in others:
        if word not in seen:
            axis = f"{name}:{word}"
            raise InvalidInput(
                f"axis {shown(axis)} replaces {shown(word)}, which is not in {shown(text)} as a "
                "word of its own"
            )
    return replaced


def _check_size(axes: Mapping[str, Sequence[Any]]) -> None:
    cells = 1
    for values in axes.values():
        cells *= len(values)
    if not 1 <= cells <= MAX_CELLS:
        raise InvalidInput(f"a sweep must have 1 to {MAX_CELLS} cells, got {cells}")
