"""A shipped model's hashes: what counts, what is noticed, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cache.errors import ModelDamaged
from engine.models.manifest import check_manifest, fingerprint, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "model_index.json").write_text('{"part": ["transformers", "CLIPTextModel"]}')
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "vocab.txt").write_text("a\n")
    (tmp_path / "known_words.txt").write_text("a\n")
    write_manifest(tmp_path, "small", "text")
    return tmp_path


def test_an_untouched_folder_passes_with_its_fingerprint(folder: Path):
    document = json.loads((folder / "manifest.json").read_text())
    assert check_manifest(folder) == fingerprint(folder) == document["fingerprint"]
    assert set(document["files"]) == {
        *("config.json", "model_index.json", "part/model.safetensors", "vocab.txt")
    }


def test_cards_and_word_lists_do_not_change_the_fingerprint(folder: Path):
    before = fingerprint(folder)
    (folder / "MODEL_CARD.md").write_text("card")
    (folder / "known_words.txt").write_text("b\n")
    assert check_manifest(folder) == before


@pytest.mark.parametrize("name", ["part/model.safetensors", "config.json", "vocab.txt"])
def test_one_changed_byte_is_refused_by_name(folder: Path, name: str):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(ModelDamaged, match="changed") as refusal:
        check_manifest(folder)
    assert Path(name).name in str(refusal.value)


def test_a_missing_and_an_extra_file_are_refused(folder: Path):
    (folder / "vocab.txt").rename(folder / "other.txt")
    with pytest.raises(ModelDamaged):
        check_manifest(folder)
    (folder / "other.txt").rename(folder / "vocab.txt")
    check_manifest(folder)
    (folder / "extra.json").write_text("{}")
    check_manifest(folder)  # nothing reads it
    (folder / "added_tokens.json").write_text("{}")
    with pytest.raises(ModelDamaged, match="not in the manifest"):
        check_manifest(folder)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"files": 3}'])
def test_an_unreadable_manifest_is_refused(folder: Path, text: str):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ModelDamaged, match="readable"):
        check_manifest(folder)


def test_a_manifest_with_another_fingerprint_is_refused(folder: Path):
    document = json.loads((folder / "manifest.json").read_text())
    document["fingerprint"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(ModelDamaged, match="fingerprint"):
        check_manifest(folder)
