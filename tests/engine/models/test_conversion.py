"""Pickled weights to safetensors: the same tensors, a whole folder or none, and no code run."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from cache.errors import InvalidInput, ModelDamaged, ModelMissing, StepscopeError
from engine.cli.app import app
from engine.models.conversion import convert
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import find_model
from engine.text.loading import load_denoiser

CPU = torch.device("cpu")


@pytest.fixture
def pickled(tmp_path: Path, tiny_bert: str) -> Path:
    """A tiny BERT with pytorch_model.bin alone."""
    folder = Path(shutil.copytree(tiny_bert, tmp_path / "old"))
    pickle_weights(folder / "model.safetensors", folder / "pytorch_model.bin")
    return folder


def pickle_weights(safe: Path, target: Path) -> None:
    tensors = load_file(safe)
    words = tensors.get("bert.embeddings.word_embeddings.weight")
    if words is not None:
        tensors["cls.predictions.decoder.weight"] = words  # tied: one memory, two names
    torch.save(tensors, target)
    safe.unlink()


def leftovers(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))


def test_a_text_model_says_the_same_afterwards(pickled: Path, tmp_path: Path, tiny_bert: str):
    (pickled / "trainer_state.json").write_text("{}")
    (pickled / "optimizer.pt").write_bytes(b"x")
    assert convert(pickled, tmp_path / "new").files == ("model.safetensors",)
    assert sorted(p.name for p in (tmp_path / "new").glob("*.[bp]*")) == []
    old, new = (load_denoiser(find_model(name), CPU) for name in (tiny_bert, str(tmp_path / "new")))
    ids = old.encode("the [MASK] sea")
    assert torch.equal(old.exact_logits(ids), new.exact_logits(ids))


def test_shards_and_their_index(pickled: Path, tmp_path: Path, tiny_bert: str):
    tensors = torch.load(pickled / "pytorch_model.bin", weights_only=True)
    (pickled / "pytorch_model.bin").unlink()
    names = sorted(tensors)
    parts = {
        "pytorch_model-00001-of-00002.bin": names[:9],
        "pytorch_model-00002-of-00002.bin": names[9:],
    }
    for file, inside in parts.items():
        torch.save({name: tensors[name] for name in inside}, pickled / file)
    places = {name: file for file, inside in parts.items() for name in inside}
    index = {"metadata": {"total_size": 1}, "weight_map": places}
    (pickled / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    convert(pickled, tmp_path / "new")
    denoiser = load_denoiser(find_model(str(tmp_path / "new")), CPU)
    ids = denoiser.encode("the [MASK] sea")
    other = load_denoiser(find_model(tiny_bert), CPU)
    assert torch.equal(denoiser.exact_logits(ids), other.exact_logits(ids))
    (pickled / "pytorch_model-00002-of-00002.bin").unlink()
    with pytest.raises(ModelDamaged, match=r"00002-of-00002\.bin is missing"):
        convert(pickled, tmp_path / "newer")
    assert not (tmp_path / "newer").exists()


def test_a_whole_pipeline(tmp_path: Path, tiny_sd: str):
    folder = Path(shutil.copytree(tiny_sd, tmp_path / "old"))
    before = {}
    for part in ("unet", "vae", "text_encoder"):
        (safe,) = (folder / part).glob("*.safetensors")
        before[f"{part}/{safe.name}"] = load_file(safe)
        name = safe.name if part != "text_encoder" else "pytorch_model.safetensors"
        pickle_weights(safe, safe.with_name(name).with_suffix(".bin"))
    with pytest.raises(ModelMissing, match="models convert"):
        find_model(str(folder))
    assert set(convert(folder, tmp_path / "new").files) == set(before)
    for name, tensors in before.items():
        after = load_file(tmp_path / "new" / name)
        assert all(torch.equal(after[k], v) for k, v in tensors.items())
    pipeline_facts(find_model(str(tmp_path / "new")))
    assert (tmp_path / "new" / "scheduler" / "scheduler_config.json").exists()


class Trap:
    def __reduce__(self):
        return (print, ("code was run",))


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Trap()),
        b"",
        b"version https://git-lfs.github.com/spec/v1\n",
        [torch.zeros(2)],
        {"a": "no tensor"},
        {},
        {"state_dict": {"a": 3}},
    ],
)
def test_what_is_no_weights_is_refused_and_nothing_is_left(
    pickled: Path, tmp_path: Path, content, capsys
):
    target = pickled / "pytorch_model.bin"
    target.write_bytes(content) if isinstance(content, bytes) else torch.save(content, target)
    with pytest.raises(ModelDamaged, match=r"pytorch_model\.bin") as refusal:
        convert(pickled, tmp_path / "new")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "new").exists()
    assert leftovers(tmp_path) == []
    assert "code was run" not in capsys.readouterr().out


def test_where_it_may_not_be_written(pickled: Path, tmp_path: Path, tiny_bert: str):
    taken = tmp_path / "taken"
    taken.mkdir()
    for new, told in ((taken, "exists"), (pickled / "new", "inside"), (Path("/proc/x"), "written")):
        with pytest.raises(InvalidInput, match=told):
            convert(pickled, new)
    assert list(taken.iterdir()) == []
    with pytest.raises(InvalidInput, match="nothing to convert"):
        convert(Path(tiny_bert), tmp_path / "new")
    for folder in (tmp_path / "none", taken):
        with pytest.raises(ModelMissing):
            convert(folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_command_says_what_a_folder_still_lacks(pickled: Path, tmp_path: Path):
    for name in ("vocab.txt", "tokenizer.json"):
        (pickled / name).unlink()
    done = CliRunner().invoke(app, ["models", "convert", str(pickled), str(tmp_path / "new")])
    assert done.exit_code == 0
    assert "1 file of weights made: model.safetensors" in done.output
    assert "cannot be used yet" in done.output
    again = CliRunner().invoke(app, ["models", "convert", str(pickled), str(tmp_path / "new")])
    assert isinstance(again.exception, StepscopeError)
