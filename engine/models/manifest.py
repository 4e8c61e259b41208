"""What a model's files should be: their hashes, and the fingerprint that names its function."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cache.errors import ModelDamaged
from engine.models.model_files import read_files

NAME = "manifest.json"


def file_hashes(folder: Path) -> dict[str, str]:
    """sha256 of every file that loading may read, by its path in the folder.

    Raises ModelDamaged, naming the file, when one cannot be read.
    """
    return {name: _sha256(path) for name, path in read_files(folder).items()}


def fingerprint(folder: Path) -> str:
    """64 hexadecimal characters that name a model by its weights, configs and vocabulary."""
    return _combined(file_hashes(folder))


def write_manifest(
    folder: Path, name: str, kind: str, made: Mapping[str, Any] | None = None
) -> str:
    """Write manifest.json for a finished model folder; its fingerprint.

    ``made`` says what it was trained on and how; it is no part of the fingerprint.
    """
    hashes = file_hashes(folder)
    document = {"name": name, "kind": kind, "fingerprint": _combined(hashes), "files": hashes}
    if made is not None:
        document["made"] = dict(made)
    (folder / NAME).write_text(json.dumps(document, indent=1) + "\n")
    return str(document["fingerprint"])


def made_of(folder: Path) -> dict[str, Any]:
    """What a shipped model's manifest says about its training; {} where it says nothing."""
    try:
        made = json.loads((folder / NAME).read_text()).get("made")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelDamaged(f"{folder} has no readable {NAME}: {error}") from error
    return made if isinstance(made, dict) else {}


def check_manifest(folder: Path) -> str:
    """The fingerprint of a shipped model whose files are all what its manifest says.

    Raises ModelDamaged, naming the first file that is changed, missing or extra.
    """
    try:
        document = json.loads((folder / NAME).read_text())
        expected = dict(document["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamaged(f"{folder} has no readable {NAME}: {error}") from error
    hashes = file_hashes(folder)
    for name in sorted(expected.keys() | hashes.keys()):
        if expected.get(name) != hashes.get(name):
            state = "missing" if name not in hashes else "not in the manifest"
            state = "changed" if name in hashes and name in expected else state
            raise ModelDamaged(f"{folder / name} is {state}; reinstall Stepscope or retrain it")
    if document.get("fingerprint") != _combined(hashes):
        raise ModelDamaged(f"the fingerprint in {folder / NAME} is not that of its files")
    return _combined(hashes)


def _combined(hashes: dict[str, str]) -> str:
    lines = "".join(f"{name}:{digest}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelDamaged(f"{path} cannot be read: {error.strerror}") from error
