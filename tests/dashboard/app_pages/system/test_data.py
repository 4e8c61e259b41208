import json
import subprocess

import pytest

from cache.errors import InvalidInput
from cache.upkeep import VerifyReport
from dashboard.app_pages.system import data
from engine.models.registry import ListedModel


def test_every_kind_of_entry_is_said_in_words(small_store):
    small_store.pin("0" * 64)
    stats = small_store.stats()
    table = data.store_table(stats)
    assert set(stats.by_prefix) <= set(data.KINDS)
    assert table["entries"].sum() == stats.entries
    assert table["MB"].sum() == pytest.approx(stats.size_bytes / 1e6)
    assert table["MB"].is_monotonic_decreasing


def test_a_model_that_is_not_here_says_so():
    here = ListedModel("builtin-bert", "text", True, "ab" * 32, "/models/bert", "")
    gone = ListedModel("google-bert/bert-base-uncased", "text", False, None, None, "how to get it")
    table = data.model_table([here, gone])
    assert list(table["here"]) == [True, False]
    assert list(table["source"]) == ["shipped", "model hub"]
    assert list(table["fingerprint"]) == ["ab" * 6, ""]


def test_versions_are_read_without_imports():
    versions = dict(zip(data.versions()["package"], data.versions()["version"], strict=True))
    assert versions["torch"].startswith("2.")
    assert versions["store schema"].isdecimal()


def test_the_examination_is_that_of_the_doctor(tmp_path, monkeypatch):
    asked = []

    def run(command, **options):
        asked.append(command)
        report = {"checks": [{"name": "device", "state": "ok", "detail": "CPU, 1 threads"}]}
        return subprocess.CompletedProcess(command, 1, stdout=json.dumps(report), stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    table = data.examine(tmp_path)
    assert list(table["detail"]) == ["CPU, 1 threads"]
    assert asked[0][1:] == ["-m", "engine", "doctor", "--store", str(tmp_path), "--json"]


def test_an_examination_that_fails_says_why(tmp_path, monkeypatch):
    def nonsense(command, **options):
        return subprocess.CompletedProcess(command, 1, stdout="", stderr="killed")

    monkeypatch.setattr(subprocess, "run", nonsense)
    with pytest.raises(InvalidInput, match="the examination did not end well"):
        data.examine(tmp_path)


def test_what_goes_and_what_is_faulty_is_named(small_store):
    runs = [key.removeprefix("run:") for key in small_store.scan("run:")]
    table = data.going_table(small_store, [*runs, "0" * 64], most=4)
    assert list(table["words"])[1] == "a <b>calm</b> sea"
    assert len(table) == 4
    report = VerifyReport(9, ("step:a",), ("decode:b",), 0, ())
    assert list(data.fault_table(report)["fault"]) == ["damaged", "its file is gone"]
