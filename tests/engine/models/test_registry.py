import json

import pytest

from cache.errors import ModelMissing
from engine.models.registry import find_model, whole_words


def test_whole_words_are_those_a_model_was_trained_on_or_has_as_one_token(tmp_path):
    assert {"sea", "boat"} <= whole_words(find_model("builtin-bert"))
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "vocab.txt").write_text("[MASK]\nsea\n##s\nParis\n.\n")
    assert whole_words(find_model(str(tmp_path))) == {"sea"}
    (tmp_path / "vocab.txt").unlink()
    with pytest.raises(ModelMissing, match=r"has no vocab\.txt"):
        whole_words(find_model(str(tmp_path)))


@pytest.mark.parametrize("name", ["~no-such-person/x", "x" * 400, "a\0b", "/no/such/folder"])
def test_a_name_that_is_no_folder_is_one_line(name):
    with pytest.raises(ModelMissing):
        find_model(name)


def test_pickled_weights_are_refused_with_the_line_that_mends_it(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelMissing, match=r"has no weights"):
        find_model(str(tmp_path))
    (tmp_path / "pytorch_model.bin").write_bytes(b"weights")
    with pytest.raises(ModelMissing, match=r"pytorch_model\.bin.*models convert FOLDER NEW"):
        find_model(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with_pickle = find_model(str(tmp_path)).fingerprint
    (tmp_path / "pytorch_model.bin").write_bytes(b"others")
    assert find_model(str(tmp_path)).fingerprint == with_pickle  # nothing reads it


def test_a_component_of_a_pipeline_with_pickled_weights_is_refused(tmp_path):
    index = {"unet": ["diffusers", "UNet2DConditionModel"], "scheduler": ["diffusers", "X"]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    for name, config in (("unet", "config.json"), ("scheduler", "scheduler_config.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / config).write_text("{}")
    (tmp_path / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"weights")
    with pytest.raises(ModelMissing, match="models convert"):
        find_model(str(tmp_path))
    (tmp_path / "unet" / "diffusion_pytorch_model.fp16.safetensors").write_bytes(b"weights")
    find_model(str(tmp_path))
