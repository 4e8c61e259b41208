"""Conditions on settings in the words of a search: ``guidance=4``, ``seed<8``, ``tag:good``.

A condition is checked against what specs can say before any run is looked at: a field that no
spec has, or a value that the field cannot have, is told of and never taken for a word.
"""

from __future__ import annotations

import math
import operator
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from cache.errors import InvalidInput
from dashboard.data.cards import Card
from engine.requests.kinds import KINDS

CONDITION = re.compile(r"(?<!\S)([^\W\d][\w-]*)\s*(<=|>=|!=|=|<|>|:)\s*(\"[^\"]*\"|\S*)")
QUOTED = re.compile(r'(?<!\S)"([^"]*)"(?!\S)')
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
SIGNS = str.maketrans({"≤": "<=", "≥": ">=", "≠": "!="})
NONE = "none"
MADE = "made"  # the day a run was made, by the clock of this machine
DAYS = {"today": 0, "yesterday": 1}  # days ago
YES, NO = ("true", "yes", "on"), ("false", "no", "off")
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, ":": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
ALIKE = ("=", ":", "!=")  # what words can be asked for
MISSING = object()


@dataclass(frozen=True, slots=True)
class Field:
    """What a search knows of a setting: a number, one of some words, yes or no, or any words."""

    numeric: bool = False
    whole: bool = False  # no fractions
    optional: bool = False  # it may be none
    flag: bool = False
    options: tuple[str, ...] = ()
    free: bool = False  # any words
    day: bool = False  # a date


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: a field, how it is compared, and with what."""

    field: str
    compared: str
    value: Any  # a number, a word in small letters, a date, True, False or None

    def holds(self, card: Card) -> bool:
        """Whether a run fulfils it; one whose spec has no such field does not."""
        if self.field == "run":
            return card.run.startswith(self.value) != (self.compared == "!=")
        if self.field == "tag":
            return (self.value in {tag.lower() for tag in card.tags}) != (self.compared == "!=")
        if self.field == MADE:
            return COMPARED[self.compared](date.fromtimestamp(card.created_at), self.value)
        found = setting_of(card, self.field)
        if found is MISSING:
            return False
        if isinstance(found, tuple | list):  # one for each step
            return bool(found) and all(self._fits(each) for each in found)
        return self._fits(found)

    def _fits(self, found: Any) -> bool:
        if self.value is None or isinstance(self.value, bool) or found is None:
            return bool(found == self.value) != (self.compared == "!=")
        if isinstance(self.value, str):
            words = str(found).lower()
            same = self.value in words if self.compared == ":" else self.value == words
            return same != (self.compared == "!=")
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        return COMPARED[self.compared](found, self.value)


def read_conditions(text: str) -> tuple[tuple[Condition, ...], str]:
    """The conditions in a search, and its other words. Raises InvalidInput for a wrong one.

    What stands in quotation marks is words, whatever is in it.
    """
    quoted: list[str] = []

    def put_away(found: re.Match[str]) -> str:
        quoted.append(found[1])
        return " "

    conditions = []

    def take(found: re.Match[str]) -> str:
        conditions.append(_condition(found[1], found[2], found[3].strip('"')))
        return " "

    words = CONDITION.sub(take, QUOTED.sub(put_away, text.translate(SIGNS)))
    return tuple(conditions), " ".join([words, *quoted]).strip()


def _fields() -> dict[str, Field]:
    """Every field that can be asked for, of all kinds of runs together."""
    known = {
        "kind": Field(options=tuple(name for name, kind in KINDS.items() if kind.is_run)),
        "model": Field(free=True),
        "tag": Field(free=True),
        "note": Field(free=True),
        "run": Field(free=True),
        MADE: Field(day=True),
    }
    for kind in KINDS.values():
        if not kind.is_run:
            continue
        for name, info in kind.spec.model_fields.items():
            if name not in ("kind", "model"):
                known[name] = _together(known.get(name), _field(info.annotation))
    return {name: field for name, field in sorted(known.items()) if field is not None}


def _together(one: Field | None, other: Field | None) -> Any:
    if one is None or other is None:
        return one or other
    return Field(
        numeric=one.numeric or other.numeric,
        whole=one.whole and other.whole,
        optional=one.optional or other.optional,
        flag=one.flag or other.flag,
        options=tuple(dict.fromkeys((*one.options, *other.options))),
        free=one.free or other.free,
    )


def _field(annotation: Any) -> Field | None:
    """What a spec's annotation allows; None for what is made of parts."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _field(parts[0])
    if origin in (Union, types.UnionType):
        each = [_field(part) for part in parts if part is not type(None)]
        optional = Field(optional=True) if type(None) in parts else None
        found = None
        for field in each:
            found = _together(found, field)
        return None if found is None else _merged(found, optional)
    if origin is Literal:
        return Field(options=tuple(str(value) for value in parts))
    simple = {
        bool: Field(flag=True),
        int: Field(numeric=True, whole=True),
        float: Field(numeric=True),
        str: Field(free=True),
    }
    return simple.get(annotation)


def _merged(field: Field, optional: Field | None) -> Field:
    if optional is None:
        return field
    return Field(field.numeric, field.whole, True, field.flag, field.options, field.free)


FIELDS: Mapping[str, Field] = _fields()


def _condition(name: str, compared: str, value: str) -> Condition:
    field_name = {"tags": "tag"}.get(name.lower(), name.lower()).replace("-", "_")
    field = FIELDS.get(field_name)
    if field is None:
        raise InvalidInput(
            f"find has no field {name[:40]!r}; it knows {', '.join(FIELDS)}. "
            "Words with such a mark in them go between quotation marks"
        )
    if not value:
        raise InvalidInput(f"{field_name} must be followed by a value, got {name}{compared}")
    if not (field.numeric or field.day) and compared not in ALIKE:
        raise InvalidInput(
            f"{field_name} is no number: it takes {', '.join(ALIKE)}, got {compared}"
        )
    return Condition(field_name, compared, _parsed(field_name, field, compared, value))


def _parsed(name: str, field: Field, compared: str, value: str) -> Any:
    said = value.lower()
    if field.optional and said == NONE:
        if compared not in ALIKE:
            raise InvalidInput(f"{name} can be compared with none by {', '.join(ALIKE)} alone")
        return None
    if field.numeric:
        return _number(name, field, value)
    if field.day:
        return _day(name, said)
    if field.flag:
        if said not in (*YES, *NO):
            raise InvalidInput(f"{name} must be true or false, got {value[:40]!r}")
        return said in YES
    if field.options and not field.free and said not in field.options:
        raise InvalidInput(f"{name} must be one of {', '.join(field.options)}, got {value[:40]!r}")
    return said


def _number(name: str, field: Field, value: str) -> int | float:
    wanted = f"a {'whole ' if field.whole else ''}number{' or none' if field.optional else ''}"
    wrong = InvalidInput(f"{name} must be {wanted}, got {value[:40]!r}")
    if not NUMBER.fullmatch(value):
        raise wrong
    if re.fullmatch(r"[+-]?\d+", value):
        return int(value)
    number = float(value)
    if not math.isfinite(number) or (field.whole and not number.is_integer()):
        raise wrong
    return int(number) if field.whole else number


def _day(name: str, said: str) -> date:
    if said in DAYS:
        return date.today() - timedelta(days=DAYS[said])
    try:
        return date.fromisoformat(said)
    except ValueError:
        days = ", ".join(DAYS)
        raise InvalidInput(
            f"{name} must be {days} or a date like 2026-11-25, got {said[:40]!r}"
        ) from None


def setting_of(card: Card, name: str) -> Any:
    """What a run has for a field, its default where an older manifest leaves it out."""
    if name in ("kind", "model", "note"):
        return getattr(card, name)
    if name in card.spec:
        return card.spec[name]
    kind = KINDS.get(card.kind)
    info = kind.spec.model_fields.get(name) if kind is not None else None
    return MISSING if info is None or info.is_required() else info.default


def fulfil(cards: Sequence[Card], conditions: Sequence[Condition]) -> list[Card]:
    """The runs that fulfil every condition."""
    return [card for card in cards if all(each.holds(card) for each in conditions)]
