"""How many threads a worker's arithmetic takes."""

import os

import pytest

from cache.errors import InvalidInput
from engine.jobs.local_worker import take_threads


@pytest.fixture
def environment(monkeypatch):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "7")
    return monkeypatch


def test_the_variable_decides(environment):
    environment.delenv("STEPSCOPE_THREADS", raising=False)
    take_threads()
    assert os.environ["OMP_NUM_THREADS"] == "7"
    environment.setenv("STEPSCOPE_THREADS", "2")
    take_threads()
    assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "2"


@pytest.mark.parametrize("given", ["0", "two", "-1", "9999"])
def test_a_number_that_is_none_is_named(environment, given):
    environment.setenv("STEPSCOPE_THREADS", given)
    with pytest.raises(InvalidInput, match=f"STEPSCOPE_THREADS must be 1 to 1024, got '{given}'"):
        take_threads()


def test_the_command_line_takes_it_too(environment):
    import typer

    from engine.cli.console import run_app

    app = typer.Typer()
    seen = []
    app.command()(lambda: seen.append(os.environ["OMP_NUM_THREADS"]))
    environment.delenv("STEPSCOPE_THREADS", raising=False)
    with pytest.raises(SystemExit):
        run_app(app, [])
    environment.setenv("STEPSCOPE_THREADS", "3")
    with pytest.raises(SystemExit):
        run_app(app, [])
    assert seen == ["7", "3"]


def test_the_command_line_names_a_number_that_is_none(environment, capsys):
    import typer

    from engine.cli.console import run_app

    environment.setenv("STEPSCOPE_THREADS", "many")
    with pytest.raises(SystemExit) as ended:
        run_app(typer.Typer(), [])
    assert ended.value.code == 2
    assert capsys.readouterr().err == ("error: STEPSCOPE_THREADS must be 1 to 1024, got 'many'\n")
