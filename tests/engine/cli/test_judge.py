"""``text judge`` and ``models show``, as a shell has them."""

import json

from typer.testing import CliRunner

from engine.cli.app import app
from tests.tiny_text_models import save_tiny


def test_texts_are_judged_beside_their_entropy(private_store):
    asked = ["text", "judge", "the sea is calm.", "the the the the", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [each["text"] for each in said["texts"]] == asked[2:4]
    assert said["texts"][1]["word_entropy_nats"] == 0
    assert all(each["nats_a_token"] < 0 < each["perplexity"] for each in said["texts"])
    shown = CliRunner().invoke(app, asked[:-1])
    assert "perplexity" in shown.stdout


def test_a_model_is_shown(tmp_path):
    folder = save_tiny("esm", tmp_path / "esm")
    done = CliRunner().invoke(app, ["models", "show", folder])
    assert done.exit_code == 0, done.output
    assert "EsmForMaskedLM" in done.stdout
    assert "mask <mask>" in done.stdout
