"""``python -m engine report`` and ``boards``."""

import io
import json
import shutil

import pytest

from cache.store import Store
from engine.capsules.importing import import_runs
from engine.cli.app import app
from engine.cli.console import run_app
from engine.cli.doctor import BROWSERS
from engine.reviews import boards
from engine.reviews.records import person
from tests.dashboard.conftest import SPEC, keep_text


def ran(*arguments):
    with pytest.raises(SystemExit) as ended:
        run_app(app, [str(each) for each in arguments])
    return ended.value.code


@pytest.fixture
def board(private_store):
    with Store.open(private_store) as store:
        run = keep_text(store, SPEC, 6)
        made = boards.make_board(store, "Guidance", by=person("Anna"))
        boards.add_items(store, made, [{"title": "one", "runs": (run,)}], by=person("Anna"))
    return made


def test_a_board_is_listed_and_written(board, tmp_path, capsys):
    assert ran("boards", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["boards"]
    assert (row["board"], row["title"], row["items"]) == (board, "Guidance", 1)
    for wanted, name in (
        (board[:12], "x.html"),
        ("guidance", "x.md"),
        (board[:12], "x.pptx"),
        (board, "x.zip"),
    ):
        assert ran("report", wanted, "--to", tmp_path / name) == 0
    assert b"Guidance" in (tmp_path / "x.html").read_bytes()
    with Store.open(tmp_path / "other") as other:
        assert import_runs(other, io.BytesIO((tmp_path / "x.zip").read_bytes())).boards == (board,)


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="no Chromium here")
def test_a_board_is_printed(board, tmp_path):
    assert ran("report", board, "--to", tmp_path / "x.pdf") == 0
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")


def test_without_a_browser_the_html_is_named(board, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("engine.cli.report.BROWSERS", ())
    assert ran("report", board, "--to", tmp_path / "x.pdf") == 1
    assert "write .html instead" in capsys.readouterr().err
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize(
    ("wanted", "name", "line"),
    [
        ("nothing", "x.html", "board 'nothing' is no board of this store"),
        (
            "guidance",
            "x.odp",
            "to must end in .html, .pdf, .pptx, .md, .md.zip or .zip (a capsule), got x.odp",
        ),
    ],
)
def test_what_cannot_be_written_is_one_line_and_no_file(
    board, tmp_path, capsys, wanted, name, line
):
    assert ran("report", wanted, "--to", tmp_path / name) == 2
    assert line in capsys.readouterr().err
    assert list(tmp_path.glob("x*")) == []
