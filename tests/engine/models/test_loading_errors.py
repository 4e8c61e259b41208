"""Whatever a library raises while it loads is one clear line that names the file."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from cache.errors import InvalidInput, ModelDamaged
from engine.models.loading_errors import damage_named
from engine.models.weight_files import TensorFacts, tensor_facts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    save_file({"weight": np.zeros((2, 3), np.float32)}, tmp_path / "model.safetensors")
    return tmp_path


@pytest.mark.parametrize(
    "error",
    [AttributeError("x"), KeyError("x"), OverflowError("x"), ImportError("x\ny"), Exception()],
)
def test_any_error_becomes_one_line_that_names_the_folder(folder: Path, error: Exception):
    with pytest.raises(ModelDamaged, match="will not load") as refusal, damage_named("m", folder):
        raise error
    assert str(folder) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_the_damaged_file_is_named(folder: Path, name: str):
    (folder / name).write_bytes(b"[1, 2")
    with pytest.raises(ModelDamaged, match=name), damage_named("m", folder):
        raise RuntimeError("something else")


def test_own_errors_and_a_lack_of_memory_pass_through(folder: Path):
    for error in (InvalidInput("steps"), MemoryError()):
        with pytest.raises(type(error)), damage_named("m", folder):
            raise error


def test_a_header_tells_names_and_shapes(folder: Path):
    assert tensor_facts(folder / "model.safetensors") == {"weight": TensorFacts("F32", (2, 3))}


def _header(content: object) -> bytes:
    data = json.dumps(content).encode()
    return struct.pack("<Q", len(data)) + data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1234567",
        b"\xff" * 32,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        _header([1]),
        _header({"w": 3}),
        _header({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}),
        _header({"w": {"dtype": "F32", "shape": [2], "data_offsets": []}}),
        struct.pack("<Q", 40_000) + b"[" * 40_000,
    ],
)
def test_a_file_that_is_no_safetensors_file_is_refused_by_name(folder: Path, data: bytes):
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelDamaged, match=r"model\.safetensors"):
        tensor_facts(folder / "model.safetensors")
