"""JSON from strangers: bounded, and with one meaning only."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MOST_DEPTH = 32
MOST_DIGITS = 20


class JsonRefused(ValueError):
    """A text that is no JSON, or that no careful writer would write."""


def strict_json(data: bytes, *, most_bytes: int) -> Any:
    """The value of a JSON text in UTF-8.

    Raises JsonRefused for more than ``most_bytes`` or MOST_DEPTH, NaN and infinities (1e999 is
    one), integers of over MOST_DIGITS, names that are given twice, and what is no JSON.
    """
    if len(data) > most_bytes:
        raise JsonRefused(f"must be at most {most_bytes} bytes, got {len(data)}")
    try:
        value = json.loads(
            data.decode(),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_short,
            object_pairs_hook=_named_once,
        )
    except JsonRefused:
        raise
    except RecursionError as error:
        raise JsonRefused(f"must be nested at most {MOST_DEPTH} deep") from error
    except ValueError as error:
        raise JsonRefused(f"is no JSON: {error}") from error
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MOST_DEPTH + 1):
        nested = [item for item in level if isinstance(item, dict | list)]
        if not nested:
            return
        level = [v for item in nested for v in (item.values() if isinstance(item, dict) else item)]
    raise JsonRefused(f"must be nested at most {MOST_DEPTH} deep")


def _refuse_constant(name: str) -> NoReturn:
    raise JsonRefused(f"must be finite numbers, got {name}")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonRefused(f"must be finite numbers, got {text[:40]}")
    return number


def _short(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise JsonRefused(f"must be integers of at most {MOST_DIGITS} digits, got {len(text)}")
    return int(text)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    by_name = dict(pairs)
    if len(by_name) < len(pairs):
        raise JsonRefused("must give each name once")
    return by_name
