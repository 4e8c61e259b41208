"""Whatever stdout and stderr lead to: what was computed is told, or one line says why not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from cache.errors import InvalidInput
from engine.cli.console import print_json, run_app
from engine.cli.streams import write_json

SCRIPT = """
import sys
import typer
from engine.cli.console import print_json, run_app, stderr, stdout
app = typer.Typer()
@app.command()
def say(what: str):
    stderr.print("on the way")
    if what == "json":
        print_json({"text": "我é💥", "odd": "\\udce9"})
    else:
        stdout.print("我é💥 " * 9)
    stderr.print("after")
run_app(app)
"""


def say(what, *, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **environment):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, what],
        cwd=Path(__file__).parents[3],
        env=os.environ | environment,
        stdout=stdout,
        stderr=stderr,
        check=False,
    )
    return done.returncode, done.stdout, (done.stderr or b"").decode()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252:strict"])
def test_text_that_a_terminal_lacks_is_escaped_and_json_stays_json(encoding):
    code, out, err = say("json", PYTHONIOENCODING=encoding)
    found = json.loads(out.decode(encoding.partition(":")[0]))
    assert (code, found) == (0, {"text": "我é💥", "odd": "\udce9"})
    code, out, err = say("text", PYTHONIOENCODING=encoding)
    assert code == 0
    assert "Traceback" not in err
    shown = out.decode(encoding.partition(":")[0])
    assert ("我" if encoding == "utf-8" else "\\u6211") in shown


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("what", ["json", "text"])
def test_a_full_disk_under_stdout_is_one_line_and_exit_code_1(what, unbuffered):
    with Path("/dev/full").open("wb") as full:
        code, _, err = say(what, stdout=full, PYTHONUNBUFFERED=unbuffered)
    assert code == 1
    assert err.splitlines()[-1] == "error: stdout cannot be written: No space left on device"
    assert "Traceback" not in err


@pytest.mark.parametrize("what", ["json", "text"])
def test_a_closed_pipe_is_quiet(what):
    read, write = os.pipe()
    os.close(read)
    code, _, err = say(what, stdout=write)
    os.close(write)
    assert code == 1
    assert "error" not in err
    assert "Traceback" not in err


def test_a_full_disk_under_stderr_stops_nothing():
    with Path("/dev/full").open("wb") as full:
        code, out, _ = say("json", stderr=full)
    assert code == 0
    assert json.loads(out)["text"] == "我é💥"


def test_nothing_of_a_document_with_nan_is_written(capsys):
    with pytest.raises(ValueError, match="JSON"):
        write_json({"a": 1, "b": [float("nan")]})
    assert capsys.readouterr().out == ""


def ended(act, capsys, *arguments):
    app = typer.Typer()

    @app.command()
    def command(count: int = 0) -> None:
        act()

    with pytest.raises(SystemExit) as stopped:
        run_app(app, list(arguments))
    return stopped.value.code, capsys.readouterr()


def test_the_unforeseen_is_one_line_and_keeps_its_traceback_when_asked_to(capsys, monkeypatch):
    def fail() -> None:
        raise RuntimeError("two\nlines")

    code, told = ended(fail, capsys)
    assert code == 1
    assert told.err == (
        "error: unexpected RuntimeError: two lines; set STEPSCOPE_DEBUG=1 for the traceback\n"
    )
    code, told = ended(lambda: print_json({"a": float("inf")}), capsys)
    assert (code, told.out) == (1, "")
    monkeypatch.setenv("STEPSCOPE_DEBUG", "1")
    with pytest.raises(RuntimeError, match="two"):
        ended(fail, capsys)


def test_refusals_are_one_line_and_exit_code_2(capsys):
    def refuse() -> None:
        raise InvalidInput("x" * 100_000)

    code, told = ended(refuse, capsys)
    assert code == 2
    assert told.err.count("\n") == 1
    assert len(told.err) < 1100
    code, told = ended(refuse, capsys, "--count", "²")
    assert (code, told.err) == (2, "error: --count must be a whole number, got '²'\n")
    code, told = ended(refuse, capsys, "--cuont", "2")
    assert code == 2
    assert told.err.startswith("error: No such option: --cuont")
