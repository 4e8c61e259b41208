"""Facts to stable keys: canonical JSON, sha256, a schema version."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from cache.errors import InvalidInput

SCHEMA_VERSION = 1
MAX_DEPTH = 32


def canonical_json(facts: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, whole floats as integers.

    ``7`` and ``7.0`` give one text, ``-0.0`` gives ``0``. Raises InvalidInput for nan, inf, keys
    that are not str, other types, lone surrogates, and nesting deeper than MAX_DEPTH.
    """
    text = json.dumps(
        _plain(facts, 0), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("facts must be text that UTF-8 can hold") from error
    return text


def key(kind: str, facts: Any) -> str:
    """64 hexadecimal characters that name these facts of this kind."""
    return digest(f"stepscope {SCHEMA_VERSION}\n{kind}\n{canonical_json(facts)}".encode())


def step_key(previous: str, facts: Any) -> str:
    """key(k) = hash(key(k-1), what step k alone depends on)."""
    return key("step", {"previous": previous, "facts": facts})


def digest(data: bytes) -> str:
    """sha256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _plain(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise InvalidInput(f"facts must be nested at most {MAX_DEPTH} deep")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInput(f"facts must be finite numbers, got {value}")
        return int(value) if value.is_integer() else value
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise InvalidInput(f"facts must have text as names, got {name!r}")
        return {name: _plain(item, depth + 1) for name, item in value.items()}
    raise InvalidInput(f"facts must be plain JSON values, got {type(value).__name__}")
