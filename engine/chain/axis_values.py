"""Values as they are typed, on the command line, in forms and in links. No torch.

Whatever stands there, the answer is values or an ``InvalidInput`` that names the field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cache.errors import InvalidInput
from cache.strict_json import JsonRefused, strict_json

MOST_VALUES = 4096
MOST_CHARACTERS = 200_000
SHOWN = 200  # characters of a value in a message
REPLACEABLE = ("prompt", "negative_prompt", "template", "text")  # fields of words
NAMES = (
    "model",
    "sampler",
    "order",
    "rule",
    "remasking",
    "accelerator",
    "precision",
    "schedule",
    "coupling",
)

WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:inf|nan)", re.I)
# one value as RFC 4180 has it, quoted where it holds commas; spaces around it are not part of it
CSV_VALUE = re.compile(
    r'\s*+(?:"(?P<quoted>(?:[^"]|"")*+)"|(?P<plain>(?!")[^,]*+))\s*+(?P<end>,|\Z)'
)
NAMED = {"none": None, "true": True, "false": False}


def shown(value: object) -> str:
    """A value as messages show it: quoted, escaped, and cut where it is long."""
    try:
        text = repr(value[: SHOWN + 1] if isinstance(value, str) else value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a list too deep
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def shown_number(value: float) -> str:
    """A number for a message: short where that is the number itself, else with every digit."""
    try:
        short = f"{value:g}"
        return short if float(short) == value else shown(value)
    except OverflowError:  # an integer beyond every float
        return shown(value)


def parse_values(text: str, *, name: str) -> list[Any]:
    """The values of a field, ``name`` or ``name:word``, at most MOST_VALUES of them.

    Fields of words and names keep what was typed, be it ``none``, ``1e3`` or ``1984``; elsewhere
    numbers, ranges, ``true``, ``false`` and ``none`` are read as such. Values with commas are
    quoted, as CSV has it, or stand in a JSON list. Raises InvalidInput.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(
            f"{name} must be at most {MOST_CHARACTERS} characters, got {len(text)} characters"
        )
    of_texts = name.partition(":")[0] in REPLACEABLE + NAMES
    if text.startswith("[") and not (of_texts and text.startswith("[MASK]")):
        values = _json_list(text, name, of_texts=of_texts)
    elif of_texts:
        values = _texts(text, name)
    else:
        values = []
        for part in text.split(","):
            values += _range(part, name) if ":" in part else [_value(part.strip())]
            _check_count(values, name, text)
    _check_count(values, name, text)
    return values


def whole_number(text: str) -> int | None:
    """A whole number of at most 20 of the digits 0 to 9; None for anything else."""
    stripped = text.strip()
    return int(stripped) if WHOLE.fullmatch(stripped) else None


def _check_count(values: Sequence[Any], name: str, text: str) -> None:
    if not 1 <= len(values) <= MOST_VALUES:
        raise InvalidInput(f"{name} must have 1 to {MOST_VALUES} values, got {shown(text)}")


def _texts(text: str, name: str) -> list[str]:
    """Values as CSV has them: ``"yellow, orange",white`` is two."""
    values: list[str] = []
    at = 0
    while True:
        match = CSV_VALUE.match(text, at)
        if match is None:
            raise InvalidInput(
                f"{name} must be values with commas between, quoted whole where they hold commas "
                f'or quotes, as in "a, b",c; got {shown(text)}'
            )
        quoted = match["quoted"]
        plain = match["plain"]
        values.append(plain.strip() if quoted is None else quoted.replace('""', '"'))
        if not match["end"]:
            return values
        at = match.end()


def _json_list(text: str, name: str, *, of_texts: bool) -> list[Any]:
    try:
        listed: list[Any] = strict_json(
            text.encode(errors="surrogatepass"), most_bytes=4 * MOST_CHARACTERS
        )
    except JsonRefused as error:
        hint = '; a text that begins with [ goes into quotes, as in "[a] b"' if of_texts else ""
        raise InvalidInput(
            f"{name} is not a JSON list that can be read ({error}){hint}, got {shown(text)}"
        ) from error
    for value in listed:  # a JSON text that begins with [ is a list
        if of_texts and not isinstance(value, str):
            raise InvalidInput(f"{name} must be texts in quotes in a JSON list, got {shown(value)}")
        if any(isinstance(each, list | dict) for each in _parts(value)):
            raise InvalidInput(
                f"{name} must be numbers, names or lists of them in a JSON list, got {shown(value)}"
            )
    return listed


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _range(part: str, name: str) -> list[int]:
    bounds = [whole_number(number) for number in part.split(":")]
    given = [bound for bound in bounds if bound is not None]
    if len(given) < len(bounds) or len(given) > 3 or (len(given) == 3 and given[2] == 0):
        raise InvalidInput(f"{name} must be a range as in 0:8 or 0:20:5, got {shown(part)}")
    first, last, *by = given
    step = by[0] if by else 1
    if not 1 <= -((first - last) // step) <= MOST_VALUES:  # len(range) overflows above 2^63
        raise InvalidInput(f"{name} must have 1 to {MOST_VALUES} values, got {shown(part)}")
    return list(range(first, last, step))


def _value(text: str) -> Any:
    if text.lower() in NAMED:
        return NAMED[text.lower()]
    whole = whole_number(text)
    if whole is not None:
        return whole
    return float(text) if REAL.fullmatch(text) else text
