import pytest

from cache.errors import ModelMissing
from engine.models.registry import find_model, whole_words


def test_whole_words_are_those_a_model_was_trained_on_or_has_as_one_token(tmp_path):
    assert {"sea", "boat"} <= whole_words(find_model("builtin-bert"))
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "vocab.txt").write_text("[MASK]\nsea\n##s\nParis\n.\n")
    assert whole_words(find_model(str(tmp_path))) == {"sea"}
    (tmp_path / "vocab.txt").unlink()
    with pytest.raises(ModelMissing, match=r"has no vocab\.txt"):
        whole_words(find_model(str(tmp_path)))
