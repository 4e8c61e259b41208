"""What a safetensors file says of itself in its header, and which file of a folder is damaged.

No torch: the header is JSON before the tensors, so names and shapes are known without reading
them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.errors import ModelDamaged

MOST_HEADER = 100_000_000  # bytes; what the safetensors library itself accepts
POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """A tensor in a file, without its values."""

    dtype: str  # as safetensors writes it: F32, BF16, I64
    shape: tuple[int, ...]


def tensor_facts(path: Path) -> dict[str, TensorFacts]:
    """The tensors of a safetensors file by name. Raises ModelDamaged, naming the file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(64)
            if start.startswith(POINTER):
                raise ModelDamaged(f"{path} is a git-lfs pointer, not the weights: git lfs pull")
            if len(start) < 8:
                raise ModelDamaged(f"{path} is damaged: {size} bytes are no safetensors file")
            (length,) = struct.unpack("<Q", start[:8])
            if length > min(MOST_HEADER, size - 8):
                raise ModelDamaged(f"{path} is damaged: its header is cut off or is none")
            file.seek(8)
            header = json.loads(file.read(length))
        return _checked(path, header, size - 8 - length)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelDamaged(f"{path} is damaged: {error}") from error


def _checked(path: Path, header: Any, data_bytes: int) -> dict[str, TensorFacts]:
    try:
        entries = {name: facts for name, facts in header.items() if name != "__metadata__"}
        tensors = {
            name: TensorFacts(str(facts["dtype"]), tuple(int(n) for n in facts["shape"]))
            for name, facts in entries.items()
        }
        ends = [int(facts["data_offsets"][1]) for facts in entries.values()]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelDamaged(f"{path} is damaged: its header lists no tensors") from error
    needed = max(ends, default=0)
    if needed != data_bytes:
        raise ModelDamaged(
            f"{path} is damaged: its tensors need {needed} bytes, it has {data_bytes}"
        )
    return tensors


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of a model folder. Raises ModelDamaged, naming the file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelDamaged(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ModelDamaged(f"{path} is not a JSON object")
    return content


def damaged_file(folder: Path) -> str | None:
    """What is wrong with the first file of a folder that cannot be read; None when all can be."""
    for path in _readable(folder):
        try:
            tensor_facts(path) if path.suffix == ".safetensors" else read_json(path)
        except ModelDamaged as error:
            return str(error)
    return None


def _readable(folder: Path) -> Iterator[Path]:
    for pattern in ("*.json", "*.safetensors", "*/*.json", "*/*.safetensors"):
        yield from sorted(p for p in folder.glob(pattern) if p.is_file())
