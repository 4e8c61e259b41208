"""Which files of a model's folder loading may read; they and no others are its identity. No torch.

A folder with config.json is one model: its files lie beside it. A folder with model_index.json is
a pipeline: its files lie in the folders of the components that the index names. Weights are read
from safetensors only. Notes, logs, optimizer states and checkpoints in folders of their own are
never read. ``safety_checker`` and ``feature_extractor`` are named by an index and not loaded; they
count all the same, for they always did, and stores know those models by that fingerprint.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cache.errors import ModelDamaged, ModelMissing
from engine.models.weight_files import read_json

CONFIG = "config.json"
INDEX = "model_index.json"
WEIGHTS = "model.safetensors"
SHARDS = "model.safetensors.index.json"
READ = frozenset(
    {
        *("config.json", "model_index.json", "scheduler_config.json", "generation_config.json"),
        *("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt"),
        *("special_tokens_map.json", "added_tokens.json", "adapter_config.json"),
        *("preprocessor_config.json", "processor_config.json", "diffusion.json"),
    }
)
# *.index.fp16.json: the index of a variant; tokenizer.4.0.0.json: of a version of transformers
READ_LIKE = ("*.safetensors", "*.model", "*.index.json", "*.index.*.json", "tokenizer.*.json")
# the hub's snapshot of BERT has one, and always counted it
KEPT_LIKE = ("*.mlpackage/Manifest.json",)
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
NOT_LOADED = frozenset({"safety_checker", "feature_extractor"})
CONVERT = "python -m engine models convert FOLDER NEW"


def read_files(folder: Path) -> dict[str, Path]:
    """The files that loading may read, by their path in the folder, sorted."""
    files: dict[str, Path] = {}
    if (folder / INDEX).exists():
        files[INDEX] = folder / INDEX
        for name in components(folder):
            files |= _files_of(folder / name, f"{name}/")
    if (folder / CONFIG).exists() or not files:
        files |= _files_of(folder, "")
        files |= {p.relative_to(folder).as_posix(): p for p in _kept(folder)}
    return dict(sorted(files.items()))


def components(folder: Path) -> list[str]:
    """The folders of a pipeline that its index names; all of them when it cannot be read."""
    there = sorted(p.name for p in folder.iterdir() if p.is_dir())
    try:
        index = read_json(folder / INDEX)
    except ModelDamaged:
        return there
    return [
        name for name in there if isinstance(index.get(name), list) and index[name][-1:] != [None]
    ]


def check_weights(name: str, folder: Path) -> None:
    """Raise ModelMissing when a model has no safetensors weights where loading looks for them."""
    if (folder / INDEX).exists():
        for part in components(folder):
            place = folder / part
            model = (place / CONFIG).exists() and not (place / "tokenizer_config.json").exists()
            if model and part not in NOT_LOADED and not _any(place, ".safetensors"):
                raise _no_weights(name, place, "no *.safetensors")
    elif not weight_paths(folder):
        raise _no_weights(name, folder, f"no {WEIGHTS}")


def weight_paths(folder: Path) -> list[Path]:
    """The safetensors files that a folder's model is loaded from, shards in order of name.

    [] when there are none; a shard that the index names is listed whether it is there or not.
    Raises ModelDamaged for an index that cannot be read.
    """
    named = _explicit(folder)
    if named is None and (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    index = folder / (named or SHARDS)
    if not index.is_file():
        return []
    return shard_paths(index) if index.suffix == ".json" else [index]


def shard_paths(index: Path) -> list[Path]:
    """The files that an index of shards names. Raises ModelDamaged when it names none."""
    shards = read_json(index).get("weight_map")
    if not isinstance(shards, dict) or not all(isinstance(s, str) for s in shards.values()):
        raise ModelDamaged(f"{index} names no files: its weight_map is no list of tensors")
    return [index.parent / shard for shard in sorted(set(shards.values()))]


def _explicit(folder: Path) -> str | None:
    """The file that config.json names itself; a checkpoint may choose its weights so."""
    try:
        named: Any = read_json(folder / CONFIG).get("transformers_weights")
    except ModelDamaged:
        return None
    return named if isinstance(named, str) else None


def _no_weights(name: str, folder: Path, lacks: str) -> ModelMissing:
    pickles = sorted(p.name for p in folder.iterdir() if p.suffix in PICKLES)
    if not pickles:
        return ModelMissing(f"{name} has no weights: {folder} has {lacks}")
    return ModelMissing(
        f"{name} has only pickled weights ({folder / pickles[0]}), which are not read; this makes "
        f"safetensors of them: {CONVERT}"
    )


def _files_of(folder: Path, prefix: str) -> dict[str, Path]:
    files = {f"{prefix}{p.name}": p for p in folder.iterdir() if _is_read(p.name) and p.is_file()}
    for name, index in list(files.items()):
        if ".index." in name:
            files |= {f"{prefix}{shard}": folder / shard for shard in _elsewhere(index)}
    return files


def _elsewhere(index: Path) -> Iterator[str]:
    """The shards that an index names which do not lie beside it under a name of safetensors."""
    try:
        shards = shard_paths(index)
    except ModelDamaged:
        return
    for shard in shards:
        name = os.path.relpath(shard, index.parent)
        if shard.is_file() and ("/" in name or not _is_read(name)):
            yield name


def _is_read(name: str) -> bool:
    return name in READ or any(fnmatchcase(name, pattern) for pattern in READ_LIKE)


def _kept(folder: Path) -> Iterator[Path]:
    for pattern in KEPT_LIKE:
        yield from (p for p in folder.rglob(pattern) if p.is_file())


def _any(folder: Path, suffix: str) -> bool:
    return any(p.suffix == suffix and p.is_file() for p in folder.iterdir())
