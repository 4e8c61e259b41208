"""Stores and capsules of yesterday stay valid: what version 0.1.0 wrote answers today.

``tests/yesterday`` holds three tiny models, the store that twelve commands of 0.1.0 filled, the
documents they printed, and a capsule of all its runs. It is data: never made anew.
"""

import json
import shutil
from pathlib import Path

import pytest

from engine.cli.app import app
from engine.cli.console import run_app

YESTERDAY = Path(__file__).parent / "yesterday"
LANDSCAPES = Path(__file__).parents[1] / "docs" / "capsules" / "landscapes-demo.zip"
ANSWERS = json.loads((YESTERDAY / "answers.json").read_text())


@pytest.fixture
def yesterday(tmp_path, monkeypatch):
    """A copy of yesterday's folder to work in, with its store in force."""
    folder = tmp_path / "yesterday"
    shutil.copytree(YESTERDAY, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("STEPSCOPE_STORE", str(folder / "store"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def ask(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            run_app(app, list(arguments))
        captured = capsys.readouterr()
        assert ended.value.code == 0, captured.err
        return captured.out

    return call


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: " ".join(answer["command"])[:40])
def test_a_store_of_yesterday_answers_without_a_model_call(yesterday, ask, answer):
    document = json.loads(ask(*answer["command"], "--json"))
    assert document.get("model_calls", 0) == 0
    assert document.get("steps_computed", 0) == 0
    for name in ("runs", "run", "similarity", "levels"):
        assert document.get(name) == answer["document"].get(name)


def test_a_capsule_of_yesterday_opens_in_an_empty_store(yesterday, ask, monkeypatch):
    monkeypatch.setenv("STEPSCOPE_STORE", str(yesterday / "another"))
    listed = {run["run"] for a in ANSWERS for run in a["document"].get("runs", []) if "run" in run}
    ask("runs", "import", "capsule.zip")
    there = {run["run"] for run in json.loads(ask("runs", "list", "--json"))["runs"]}
    assert listed <= there
    document = json.loads(ask(*ANSWERS[0]["command"], "--json"))
    assert document["model_calls"] == 0
    assert document["runs"] == ANSWERS[0]["document"]["runs"]


def test_the_demo_of_the_first_models_opens_and_says_that_they_were_replaced(
    tmp_path, monkeypatch, ask, capsys
):
    monkeypatch.setenv("STEPSCOPE_STORE", str(tmp_path / "landscapes"))
    ask("runs", "import", str(LANDSCAPES))
    runs = json.loads(ask("runs", "list", "--json"))["runs"]
    assert {run["kind"] for run in runs} == {"image", "embed"}
    picture = next(run["run"] for run in runs if run["kind"] == "image")
    with pytest.raises(SystemExit) as ended:
        run_app(app, ["runs", "fork", picture, "--at", "12", "--set", "guidance=3"])
    assert ended.value.code == 2
    assert "builtin-models-1" in capsys.readouterr().err
