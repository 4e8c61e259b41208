"""A model's identity: what loading reads, by its contents wherever the file system may lie."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from engine.models import fingerprints, manifest
from engine.models.fingerprints import files_state, folder_fingerprint, settled
from engine.models.model_files import read_files, weight_paths
from engine.models.registry import find_model


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = tmp_path / "model"
    place.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json", "vocab.txt"):
        (place / name).write_text("{}")
    return place


def test_an_old_folder_keeps_its_fingerprint(folder: Path):
    digest = hashlib.sha256(b"{}").hexdigest()
    names = ("config.json", "model.safetensors", "tokenizer.json", "vocab.txt")
    lines = "".join(f"{name}:{digest}\n" for name in names)
    assert folder_fingerprint(folder) == hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize(
    "name",
    [
        *("trainer_state.json", "training_args.bin", "all_results.json", "my notes.txt"),
        *("README.md", "optimizer.pt", "checkpoint-500/model.safetensors", "known_words.txt"),
        *("pytorch_model.bin", "checkpoint-500/config.json", "1_Pooling/config.json"),
    ],
)
def test_what_loading_never_reads_is_no_part_of_it(folder: Path, name: str):
    before = folder_fingerprint(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("something")
    assert folder_fingerprint(folder) == before


@pytest.mark.parametrize(
    "name", ["added_tokens.json", "model.fp16.safetensors", "special_tokens_map.json"]
)
def test_what_loading_may_read_is_part_of_it(folder: Path, name: str):
    before = folder_fingerprint(folder)
    (folder / name).write_text("something")
    assert folder_fingerprint(folder) != before


def test_shards_are_part_wherever_the_index_has_them(folder: Path):
    (folder / "model.safetensors").unlink()
    (folder / "more").mkdir()
    (folder / "more" / "a.weights").write_text("a")
    index = {"weight_map": {"x": "more/a.weights", "y": "missing.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "more/a.weights" in read_files(folder)
    assert [p.name for p in weight_paths(folder)] == ["missing.safetensors", "a.weights"]
    before = folder_fingerprint(folder)
    (folder / "more" / "a.weights").write_text("b")
    assert folder_fingerprint(folder) != before


def test_a_component_behind_a_link_is_part_of_its_pipeline(tmp_path: Path):
    unet = tmp_path / "elsewhere"
    unet.mkdir()
    (unet / "diffusion_pytorch_model.safetensors").write_text("a")
    pipeline = tmp_path / "pipeline"
    pipeline.mkdir()
    (pipeline / "model_index.json").write_text('{"unet": ["diffusers", "X"], "old": [null, null]}')
    (pipeline / "unet").symlink_to(unet)
    (pipeline / "old").mkdir()
    (pipeline / "old" / "config.json").write_text("{}")
    assert set(read_files(pipeline)) == {
        *("model_index.json", "unet/diffusion_pytorch_model.safetensors")
    }


def _pin(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (1, 1))


def test_other_bytes_of_the_same_size_under_a_pinned_time_are_another_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    for wait in (2.0, 0.0, -1e9):  # changed just now, and changed long ago as far as this is told
        monkeypatch.setattr(fingerprints, "RECENT_S", wait)
        (folder / "model.safetensors").write_text("{}")
        _pin(folder)
        before = folder_fingerprint(folder)
        assert folder_fingerprint(folder) == before
        (folder / "model.safetensors").write_text("[]")
        _pin(folder)
        assert folder_fingerprint(folder) == manifest.fingerprint(folder) != before


def test_settled_files_are_hashed_once_and_then_by_no_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fingerprints, "RECENT_S", -1e9)
    hashed = []
    monkeypatch.setattr(manifest, "fingerprint", lambda _: hashed.append(1) or "f" * 64)
    for _ in range(3):
        assert folder_fingerprint(folder) == "f" * 64
    fingerprints._remembered.clear()  # another process
    assert folder_fingerprint(folder) == "f" * 64
    assert len(hashed) == 1


def test_a_file_system_without_times_of_change_is_asked_anew_by_every_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fingerprints, "RECENT_S", -1e9)
    whole = tuple((n, s, m, 1_000_000_000, i, d) for n, s, m, _, i, d in files_state(folder))
    monkeypatch.setattr(fingerprints, "files_state", lambda _: whole)
    before = folder_fingerprint(folder)
    (folder / "model.safetensors").write_text("[]")
    assert folder_fingerprint(folder) == before  # one process believes itself
    fingerprints._remembered.clear()
    assert folder_fingerprint(folder) != before


def test_what_changed_a_moment_ago_is_not_settled(folder: Path):
    state = files_state(folder)
    newest = max(changed for _, _, _, changed, _, _ in state)
    assert not settled(state, newest + 1)
    assert settled(state, newest + 3_000_000_000)


@pytest.mark.parametrize("content", ["", "[]", '{"x": 3}', "[" * 100_000])
def test_a_ledger_of_nonsense_costs_nothing(folder: Path, tmp_path: Path, content: str):
    ledger = tmp_path / "cache" / "stepscope" / "fingerprints.json"
    ledger.parent.mkdir(parents=True)
    ledger.write_text(content)
    assert folder_fingerprint(folder) == manifest.fingerprint(folder)


def test_a_home_that_cannot_be_written_costs_nothing(folder: Path, monkeypatch, tmp_path: Path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(fingerprints, "RECENT_S", -1e9)
    assert find_model(str(folder)).fingerprint == manifest.fingerprint(folder)
