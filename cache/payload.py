"""Named arrays and JSON metadata, to safetensors bytes and back. Nothing is ever unpickled."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cache.errors import InvalidInput, PayloadError, PayloadTooLarge

MAX_HEADER_BYTES = 2**20  # a header of 20 MB takes seconds and 700 MB to parse
MAX_META_DEPTH = 32
META = "stepscope"  # the one name in the header's __metadata__
RESERVED = "__metadata__"
DTYPES = frozenset(
    ["bool", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What is stored under one key: arrays by name, and plain JSON values beside them.

    Arrays that come from the store are read-only: they are the truth for their key, and threads
    share them. Copy one before writing to it or handing it to torch.
    """

    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


def to_bytes(payload: Payload) -> bytes:
    """A payload as safetensors, its metadata as one JSON text in the header.

    Raises InvalidInput for names that are not text, dtypes not in DTYPES and metadata that is
    not plain JSON; PayloadTooLarge when names and metadata exceed MAX_HEADER_BYTES.
    """
    arrays = {name: _storable(name, array) for name, array in payload.arrays.items()}
    meta = json.dumps(
        _json_object(payload.meta), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    try:
        "".join([meta, *arrays]).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("names and meta must be text that UTF-8 can hold") from error
    data: bytes = save(arrays, {META: meta})
    _header_bytes(data)
    return data


def from_bytes(data: bytes) -> Payload:
    """The payload of safetensors bytes, its arrays read-only.

    Raises PayloadTooLarge for an oversized header before anything parses it, and PayloadError
    for whatever else ``to_bytes`` does not write.
    """
    header_bytes = _header_bytes(data)
    try:
        header = json.loads(data[8 : 8 + header_bytes])
        meta = json.loads(header[RESERVED][META], parse_constant=_refuse_constant)
        arrays: dict[str, NDArray[Any]] = load(data)
    except (SafetensorError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise PayloadError(f"not a payload: {error}") from error
    if not isinstance(meta, dict):
        raise PayloadError(f"not a payload: its meta is a {type(meta).__name__}, not an object")
    for name, array in arrays.items():
        _check_loaded(name, array)
        array.flags.writeable = False
    return Payload(arrays=arrays, meta=meta)


def _header_bytes(data: bytes) -> int:
    """The length of the header. Raises PayloadTooLarge, PayloadError."""
    if len(data) < 8:
        raise PayloadError(f"not a payload: only {len(data)} bytes")
    header_bytes = int.from_bytes(data[:8], "little")
    if header_bytes > MAX_HEADER_BYTES:
        raise PayloadTooLarge(
            f"names and meta must take at most {MAX_HEADER_BYTES} bytes, got {header_bytes}"
        )
    return header_bytes


def _storable(name: object, array: object) -> NDArray[Any]:
    if not isinstance(name, str) or name in ("", RESERVED):
        raise InvalidInput(f"an array's name must be text, not empty or {RESERVED}, got {name!r}")
    if not isinstance(array, np.ndarray) or array.dtype.name not in DTYPES:
        got = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise InvalidInput(
            f"array {name!r} must be bool, int8 to uint64 or float16 to float64, got {got}"
        )
    # safetensors writes the memory behind a view, not the view; order="C" keeps 0-d as it is
    return np.asarray(array, order="C")


def _check_loaded(name: str, array: NDArray[Any]) -> None:
    if array.dtype.name not in DTYPES:
        raise PayloadError(f"not a payload: array {name!r} is {array.dtype}")
    if array.dtype == bool and array.size and int(array.view(np.uint8).max()) > 1:
        raise PayloadError(f"not a payload: array {name!r} has bools that are not 0 or 1")


def _json_object(meta: object) -> dict[str, Any]:
    if not isinstance(meta, Mapping):
        raise InvalidInput(f"meta must be an object, got {type(meta).__name__}")
    plain: dict[str, Any] = _json(meta, 0)
    return plain


def _json(value: Any, depth: int) -> Any:
    """The value as JSON will give it back. Raises InvalidInput for what would come back changed."""
    if depth > MAX_META_DEPTH:
        raise InvalidInput(f"meta must be nested at most {MAX_META_DEPTH} deep")
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInput(f"meta must be finite numbers, got {value}")
        return value
    if isinstance(value, (list, tuple)):
        return [_json(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise InvalidInput(f"meta must have text as names, got {list(value)!r}")
        return {name: _json(item, depth + 1) for name, item in value.items()}
    raise InvalidInput(f"meta must be plain JSON values, got {type(value).__name__}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"meta holds {name}")
