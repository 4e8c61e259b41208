"""Named arrays and JSON metadata, to safetensors bytes and back. Nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cache.errors import InvalidInput, PayloadError, PayloadTooLarge

MAX_HEADER_BYTES = 1 << 20
META = "stepscope"
DTYPES = frozenset(
    ["bool", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What is stored under one key: arrays by name, and plain JSON beside them."""

    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


def to_bytes(payload: Payload) -> bytes:
    """A payload as safetensors. Raises InvalidInput for other dtypes or meta that is not JSON,
    PayloadTooLarge when names and meta exceed MAX_HEADER_BYTES."""
    for name, array in payload.arrays.items():
        if array.dtype.name not in DTYPES:
            raise InvalidInput(f"array {name!r} must have a plain dtype, got {array.dtype}")
    try:
        meta = json.dumps(dict(payload.meta), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"meta must be plain JSON: {error}") from error
    # safetensors writes a view's buffer, not the view
    arrays = {name: np.ascontiguousarray(a).reshape(a.shape) for name, a in payload.arrays.items()}
    data = save(arrays, {META: meta})
    check_header(data)
    return data


def from_bytes(data: bytes) -> Payload:
    """The payload of safetensors bytes. Raises PayloadError when they are not that."""
    header_bytes = check_header(data)
    try:
        header = json.loads(data[8 : 8 + header_bytes])
        meta = json.loads(header["__metadata__"][META])
        arrays = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise PayloadError(f"not a payload: {error}") from error
    if not isinstance(meta, dict):
        raise PayloadError("not a payload: its metadata is not an object")
    return Payload(arrays=arrays, meta=meta)


def check_header(data: bytes) -> int:
    """The length of a safetensors header in bytes, checked before anything parses it."""
    if len(data) < 8:
        raise PayloadError(f"not a payload: {len(data)} bytes")
    header_bytes = int.from_bytes(data[:8], "little")
    if header_bytes > MAX_HEADER_BYTES:
        raise PayloadTooLarge(
            f"a header must be at most {MAX_HEADER_BYTES} bytes, got {header_bytes}"
        )
    return header_bytes
