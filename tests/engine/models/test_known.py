"""What is said of a text model before it is run."""

import pytest

from engine.models.known import known_of, licence_of, rounded
from engine.models.registry import find_model
from tests.tiny_text_models import save_tiny


def test_a_model_is_known_by_its_files(tmp_path):
    folder = save_tiny("roberta", tmp_path / "roberta")
    (tmp_path / "roberta" / "README.md").write_text("---\ntags: [x]\nlicense: mit\n---\n# A model")
    known = known_of(find_model(folder))
    assert (known.architecture, known.mask, known.licence) == (
        "RobertaForMaskedLM",
        "<mask>",
        "mit",
    )
    assert (known.stored_as, known.longest) == ("F32", 48 - 2 - known_padding(folder) - 1)
    assert known.parameters > 10_000
    assert "mask <mask>" in known.sentence()
    assert "licence mit" in known.sentence()


def known_padding(folder: str) -> int:
    import json
    from pathlib import Path

    return json.loads((Path(folder) / "config.json").read_text())["pad_token_id"]


def test_the_built_in_model_is_known():
    known = known_of(find_model("builtin-bert"))
    assert known.licence == "Apache-2.0"
    assert known.sentence().startswith("BertForMaskedLM, 4.5")


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: 'apache-2.0'\n---", "apache-2.0"),
        ("# x\nLicence of weights and data: Apache-2.0, as the project.", "Apache-2.0"),
        ("## Data and licence\nTrained on sentences", ""),
        ("---\nlicense", ""),
        ("", ""),
    ],
)
def test_a_licence_is_what_a_card_says(tmp_path, card, licence):
    (tmp_path / "README.md").write_text(card)
    assert licence_of(tmp_path) == licence


def test_numbers_are_rounded_as_people_say_them():
    assert [rounded(n) for n in (12, 4_300, 109_482_240, 1_300_000_000)] == [
        "12", "4.3 k", "109 M", "1.3 B",
    ]  # fmt: skip
