"""Pickled weights to safetensors: ``python -m engine models convert FOLDER NEW``.

The one place that reads a pickle, with torch's reader of weights only, which runs no code. What
comes of it is a folder like the old one: a text or CLIP model, or a whole pipeline of diffusers.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from cache.errors import InvalidInput, ModelDamaged, ModelMissing
from engine.models.loading_errors import damage_named
from engine.models.model_files import CONFIG, INDEX, PICKLES
from engine.models.weight_files import read_json

# pytorch_model.fp16.bin, diffusion_pytorch_model-00001-of-00002.bin
NAME = re.compile(r"(?P<stem>(?:diffusion_)?pytorch_model)(?P<rest>(?:[.-].+)?)\.bin")
STEMS = {"pytorch_model": "model", "diffusion_pytorch_model": "diffusion_pytorch_model"}
# other frameworks' weights and what training leaves; none of it is copied
OTHERS = (*PICKLES, ".h5", ".msgpack", ".onnx", ".ot", ".tflite")


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote."""

    folder: Path
    files: tuple[str, ...]  # the safetensors made of pickles, by their path in the folder


def convert(folder: Path, new: Path) -> Converted:
    """Write a folder's model with its pickled weights as safetensors into a new folder.

    Raises ModelMissing for a folder that is no model, InvalidInput when there is nothing to
    convert or the new folder exists, ModelDamaged for weights that are not just weights. Then
    nothing is written.
    """
    pickles = _checked(folder, new)
    try:
        new.absolute().parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=new.absolute().parent, prefix=f".{new.name}."))
    except OSError as error:
        raise InvalidInput(f"{new} cannot be written: {error.strerror}") from error
    try:
        _copy(folder, partial)
        made = [_converted(path, folder, partial) for path in pickles]
        for index in _indexes(folder):
            _convert_index(index, folder, partial)
        partial.chmod(0o755)
        partial.rename(new)
    except OSError as error:
        raise InvalidInput(f"{new} cannot be written: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Converted(new, tuple(path.relative_to(partial).as_posix() for path in made))


def _checked(folder: Path, new: Path) -> list[Path]:
    if not folder.is_dir():
        raise ModelMissing(f"{folder} is no folder")
    if not (folder / CONFIG).exists() and not (folder / INDEX).exists():
        raise ModelMissing(f"{folder} is a folder without {CONFIG} or {INDEX}")
    if new.exists() or new.is_symlink():
        raise InvalidInput(f"{new} exists already; give a folder that does not")
    if new.absolute().resolve().is_relative_to(folder.resolve()):
        raise InvalidInput(f"{new} must not be inside {folder}")
    pickles = list(_pickles(folder))
    if not pickles:
        raise InvalidInput(
            f"nothing to convert: {folder} has no pytorch_model.bin or "
            "diffusion_pytorch_model.bin without its safetensors"
        )
    _check_shards(folder)
    return pickles


def _pickles(folder: Path) -> Iterator[Path]:
    """The pickled weights of a model and its components that have no safetensors beside them."""
    inner = folder.glob("*/*.bin") if (folder / INDEX).exists() else ()
    for path in sorted([*folder.glob("*.bin"), *inner]):
        named = NAME.fullmatch(path.name)
        if named and path.is_file() and not (path.parent / _safe(path.name)).exists():
            yield path


def _indexes(folder: Path) -> list[Path]:
    inner = folder.glob("*/*.bin.index*.json") if (folder / INDEX).exists() else ()
    indexes = [*folder.glob("*.bin.index*.json"), *inner]
    return sorted(path for path in indexes if path.name.startswith(tuple(STEMS)))


def _check_shards(folder: Path) -> None:
    for index in _indexes(folder):
        for shard in set(_weight_map(index).values()):
            if not (index.parent / shard).is_file():
                raise ModelDamaged(f"{index.parent / shard} is missing: {index.name} names it")


def _converted(path: Path, folder: Path, partial: Path) -> Path:
    target = _place(path, folder, partial).with_name(_safe(path.name))
    save_file(_tensors(path), target, metadata={"format": "pt"})
    return target


def _tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a pickle, each with memory of its own. Raises ModelDamaged."""
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # torch says UnpicklingError, EOFError, RuntimeError, KeyError, ...
        first = " ".join(str(error).split())[:200]
        raise ModelDamaged(
            f"{path} is not read: it is damaged or holds more than weights ({first})"
        ) from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not content:
        raise ModelDamaged(f"{path} holds no weights by name, but a {type(content).__name__}")
    for name, tensor in content.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise ModelDamaged(f"{path}: {name!r} is a {type(tensor).__name__}, not a tensor")
    return {
        name: tensor.detach().to_dense().clone().contiguous() for name, tensor in content.items()
    }


def _convert_index(index: Path, folder: Path, partial: Path) -> None:
    document = read_json(index)
    document["weight_map"] = {k: _safe(v) for k, v in _weight_map(index).items()}
    target = _place(index, folder, partial)
    stem = next(s for s in sorted(STEMS, key=len, reverse=True) if index.name.startswith(s))
    name = index.name.replace(stem, STEMS[stem], 1).replace(".bin.", ".safetensors.", 1)
    target.with_name(name).write_text(json.dumps(document, indent=1))


def _weight_map(index: Path) -> dict[str, str]:
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not all(
        isinstance(v, str) and NAME.fullmatch(v) for v in weight_map.values()
    ):
        raise ModelDamaged(f"{index} names no files of weights")
    return weight_map


def _safe(name: str) -> str:
    """A pickle's name as safetensors: pytorch_model.fp16.bin is model.fp16.safetensors."""
    named = NAME.fullmatch(name)
    return f"{STEMS[named['stem']]}{named['rest']}.safetensors" if named else name


def _copy(folder: Path, partial: Path) -> None:
    """Everything of a model and its components but other weights and what training left."""
    parts = [folder, *(p for p in sorted(folder.iterdir()) if p.is_dir())]
    for part in parts:
        inside = part == folder or (folder / INDEX).exists()
        wanted = [p for p in sorted(part.iterdir()) if inside and p.is_file() and _is_copied(p)]
        if wanted and part.name != ".git":
            target = _place(part, folder, partial)
            target.mkdir(exist_ok=True)
            for path in wanted:
                with damage_named(str(path), part):
                    shutil.copyfile(path, target / path.name)


def _is_copied(path: Path) -> bool:
    return path.suffix not in OTHERS and ".bin.index" not in path.name


def _place(path: Path, folder: Path, partial: Path) -> Path:
    return partial / path.relative_to(folder)
