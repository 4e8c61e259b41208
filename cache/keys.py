"""Facts to stable keys: canonical JSON, sha256, a schema version.

A key is a promise: equal facts give an equal key on every machine and in every year, and facts
that differ give keys that differ. So only plain values are taken, and anything whose text could
vary (nan, other types, lone surrogates) is refused rather than guessed at.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

from cache.errors import InvalidInput

SCHEMA_VERSION = 1  # raise it when the same facts come to mean something else
MAX_DEPTH = 32
MAX_INT_BITS = 1024  # as far as a float reaches
KIND = re.compile(r"[a-z][a-z0-9_-]{0,31}")
HEX = re.compile(r"[0-9a-f]{64}")


def canonical_json(facts: Any) -> str:
    """The one JSON text of a value: names sorted by code point, no spaces, whole floats as ints.

    ``7`` and ``7.0`` give one text and ``-0.0`` gives ``0``; ``True`` stays apart from ``1``.
    Text is not normalised: what looks alike but differs in code points differs.
    Raises InvalidInput for anything but None, bool, int, float, str, list, tuple and dict, for
    nan and inf, names that are not str, text that UTF-8 cannot hold, and depth over MAX_DEPTH.
    """
    text = json.dumps(
        _plain(facts, 0), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "facts must be text that UTF-8 can hold, got a lone surrogate"
        ) from error
    return text


def key(kind: str, facts: Any) -> str:
    """64 hexadecimal characters that name these facts of this kind. Raises InvalidInput."""
    if not KIND.fullmatch(kind):
        raise InvalidInput(f"kind must be a short lower-case word, got {kind!r}")
    return digest(f"stepscope {SCHEMA_VERSION}\n{kind}\n{canonical_json(facts)}".encode())


def step_key(previous: str, facts: Any) -> str:
    """key(k) = hash(key(k-1), what step k alone depends on). Raises InvalidInput."""
    if not HEX.fullmatch(previous):
        raise InvalidInput(f"previous must be a key of 64 hexadecimal characters, got {previous!r}")
    return key("step", {"previous": previous, "facts": facts})


def digest(data: bytes) -> str:
    """sha256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _plain(value: Any, depth: int) -> Any:
    """The value with tuples as lists and whole floats as integers; the exact types only."""
    if depth > MAX_DEPTH:
        raise InvalidInput(f"facts must be nested at most {MAX_DEPTH} deep")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int or kind is float:
        return _number(value)
    if kind is list or kind is tuple:
        return [_plain(item, depth + 1) for item in value]
    if kind is dict:
        for name in value:
            if type(name) is not str:
                raise InvalidInput(f"facts must have text as names, got {name!r}")
        return {name: _plain(item, depth + 1) for name, item in value.items()}
    raise InvalidInput(f"facts must be plain JSON values, got {kind.__name__}")


def _number(value: int | float) -> int | float:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInput(f"facts must be finite numbers, got {value}")
        return int(value) if value.is_integer() else value
    if value.bit_length() > MAX_INT_BITS:
        raise InvalidInput(f"facts must be integers of at most {MAX_INT_BITS} bits")
    return value
