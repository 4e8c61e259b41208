"""Whether the weight files of a model's components are whole, by their first bytes. No torch."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from cache.errors import InvalidInput, ModelDamaged
from engine.models.weight_files import read_json

Variant = Literal["", "fp16"]
POINTER = b"version https://git-lfs"
MOST_HEADER = 100_000_000  # bytes, as the safetensors library
BASES = ("diffusion_pytorch_model", "model")


def check_weights(folder: Path) -> Variant:
    """Which weights of a component are loaded: the plain ones, or fp16 where there are only those.

    Raises ModelDamaged for a component without safetensors and for files that are not whole.
    """
    for variant in ("", "fp16"):
        names = list(_weight_files(folder, variant))
        if names:
            for path in names:
                check_safetensors(path)
            return "fp16" if variant else ""
    raise ModelDamaged(f"{folder} has no weights that can be read: it needs a *.safetensors file")


def has_half_weights(folder: Path) -> bool:
    """Whether a component has weights in float16 beside the plain ones."""
    return any(_weight_files(folder, "fp16"))


def _weight_files(folder: Path, variant: str) -> Iterator[Path]:
    middle = f".{variant}" if variant else ""
    for base in BASES:
        single = folder / f"{base}{middle}.safetensors"
        if single.is_file():
            yield single
            return
        index = folder / f"{base}.safetensors.index{middle}.json"
        if index.is_file():
            shards = read_json(index).get("weight_map")
            if not isinstance(shards, dict):
                raise ModelDamaged(f"{index} has no weight_map")
            yield from (folder / str(name) for name in sorted(set(shards.values())))
            return


def check_safetensors(path: Path) -> None:
    """Raise ModelDamaged for a safetensors file that is missing, a git-lfs pointer, or cut off."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(POINTER))
            if start == POINTER:
                raise ModelDamaged(f"{path} is a git-lfs pointer, not the file: run git lfs pull")
            if size < 8:
                raise ModelDamaged(f"{path} is not a safetensors file: it has {size} bytes")
            (length,) = struct.unpack("<Q", start[:8])
            if length > min(size - 8, MOST_HEADER):
                raise ModelDamaged(f"{path} is not a whole safetensors file: its header is cut off")
            file.seek(8)
            header = json.loads(file.read(length))
    except OSError as error:
        raise ModelDamaged(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ModelDamaged(f"{path} is not a safetensors file: its header is no JSON") from error
    if size != 8 + length + _data_end(path, header):
        raise ModelDamaged(f"{path} is not whole: it is not as long as its header says")


def _data_end(path: Path, header: Any) -> int:
    try:
        ends = [int(v["data_offsets"][1]) for k, v in header.items() if k != "__metadata__"]
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise ModelDamaged(f"{path} is not a safetensors file: {error!r} in its header") from error
    return max(ends, default=0)


def check_tokenizer(folder: Path) -> None:
    """Raise ModelDamaged for a tokenizer without a vocabulary: one of no words would be made up."""
    alone = ("tokenizer.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model")
    pair = all((folder / name).is_file() for name in ("vocab.json", "merges.txt"))
    if not pair and not any((folder / name).is_file() for name in alone):
        raise ModelDamaged(
            f"{folder} has no vocabulary: it needs tokenizer.json, vocab.txt, or vocab.json and "
            "merges.txt"
        )
    for name in ("tokenizer.json", "vocab.json"):
        if (folder / name).is_file():
            read_json(folder / name)


def check_quantisation(path: Path, config: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a component whose weights were saved in fewer bits."""
    asked = config.get("quantization_config")
    if asked:
        method = asked.get("quant_method") if isinstance(asked, dict) else asked
        raise InvalidInput(f"{path} is quantised ({method}): quantised weights are not supported")
