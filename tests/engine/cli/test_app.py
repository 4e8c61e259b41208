"""The command line as a person uses it: documents, exit codes, one clear line."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from engine.cli.app import app
from engine.cli.console import run_app


@pytest.fixture
def cli(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            run_app(app, [str(a) for a in arguments])
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


@pytest.fixture
def generate(cli, tiny_bert):
    def call(*more):
        code, out, err = cli(
            "text", "generate", "--model", tiny_bert, "--length", 6, "--steps", 6, *more, "--json"
        )
        assert code == 0, err
        return json.loads(out)

    return call


def test_generate_prints_one_document_and_the_second_call_is_free(generate):
    options = ("--top-k", 5, "--temperature", 1.2, "--seeds", "0:3")
    first, second = generate(*options), generate(*options)
    assert first["model_calls"] > 0
    assert second["model_calls"] == 0
    assert [run["seed"] for run in second["runs"]] == [0, 1, 2]
    assert first["runs"] == second["runs"]
    step = first["runs"][0]["steps"][0]
    assert step["index"] == 1
    assert len(step["revealed"]) == len(step["tokens"]) == len(step["confidence"]) == 1


def test_infill_keeps_the_template(cli, tiny_bert):
    code, out, _ = cli(
        "text", "infill", "the [MASK] sea is [MASK].", "--model", tiny_bert, "--json"
    )
    assert code == 0
    text = json.loads(out)["runs"][0]["text"]
    assert text.startswith("the ")
    assert " sea is " in text


def test_a_cell_that_fails_does_not_stop_the_sweep_and_is_told_at_the_end(cli, tiny_bert):
    sweep = ("text", "sweep", "length=4,400,5", f'model=["{tiny_bert}"]', "steps=4")
    code, out, err = cli(*sweep, "--json")
    document = json.loads(out)
    assert code == 1
    assert [len(run["steps"]) for run in document["runs"]] == [4, 4]
    assert [each["spec"]["length"] for each in document["failed"]] == [400]
    assert "tokens for this model, got 400" in err
    assert "1 of 3 runs failed, the rest is done" in err
    code, _, err = cli("text", "sweep", "length=400,401", f'model=["{tiny_bert}"]')
    assert code == 2
    assert "error: " in err


def test_a_plan_lists_every_cell_with_what_it_shares_and_how_long_all_takes(cli, tiny_bert):
    sweep = ("text", "sweep", "seed=0:2", "length=4", "steps=4", f'model=["{tiny_bert}"]')
    code, out, err = cli(*sweep, "--plan")
    first, second = out.splitlines()
    assert code == 0
    assert first.endswith("seed 0  new: 4 steps")
    assert second.endswith(f"seed 1  shared up to step 4 with {first[:12]}; 0 new")
    assert "no like step was timed yet" in err
    cli(*sweep)
    _, out, _ = cli(*sweep, "--plan")
    assert [line.rpartition("  ")[2] for line in out.splitlines()] == ["cached", "cached"]
    _, out, err = cli("text", "sweep", "seed=9", "top_k=5", "length=4", "steps=4",
                      f'model=["{tiny_bert}"]', "--plan", "--json")  # fmt: skip
    assert json.loads(out)["seconds"] > 0


def test_sweep_is_a_grid(cli, tiny_bert):
    code, out, _ = cli(
        "text", "sweep", "seed=0:2", "temperature=0.7,1.5", "top_k=5", f'model=["{tiny_bert}"]',
        "--length", 4, "--json",
    )  # fmt: skip
    runs = json.loads(out)["runs"]
    assert code == 0
    cells = [(run["spec"]["seed"], run["spec"]["temperature"]) for run in runs]
    assert cells == [(0, 0.7), (0, 1.5), (1, 0.7), (1, 1.5)]


def test_no_return_says_its_cost_then_how_alike_the_continuations_are(cli, generate):
    run = generate("--top-k", 5, "--temperature", 3)["runs"][0]["run"]
    asked = ("runs", "no-return", run[:8], "--after", "0,5", "--forks", 3)
    code, out, _ = cli(*asked, "--plan", "--json")
    assert code == 0
    predicted = json.loads(out)
    assert len(predicted["cells"]) == 6
    code, out, _ = cli(*asked, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["steps_computed"] == predicted["steps_computed"] == 3 * 6 + 3 * 1
    rows = {(row["at"], row["measure"]): row for row in found["decided"]}
    assert rows[0, "tokens"]["among"] == rows[0, "masked tokens"]["among"]
    assert rows[5, "tokens"]["with_run"]["mean"] >= 5 / 6  # all but one token were there
    assert found["points"].keys() == {"tokens", "masked tokens"}
    code, out, err = cli(*asked)
    assert code == 0
    assert "6 cached, 0 shared, 0 new" in err
    assert f"alike {rows[0, 'tokens']['among']['mean']:.2f}" in out


def test_no_return_of_two_continuations_has_no_bounds_and_says_so_in_json(cli, generate):
    run = generate("--top-k", 5)["runs"][0]["run"]
    _, out, _ = cli("runs", "no-return", run[:8], "--after", "3", "--forks", 2, "--json")
    assert json.loads(out)["decided"][0]["among"]["low"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--after", "6"], "steps must be 0 to 5, got '6'"),
        (["--forks", "1"], "forks must be 2 to 32, got 1"),
    ],
)
def test_no_return_names_what_is_wrong(cli, generate, options, message):
    run = generate()["runs"][0]["run"]
    code, out, err = cli("runs", "no-return", run[:8], *options)
    assert (code, out) == (2, "")
    assert message in err


def test_corrupt(cli, tiny_bert):
    code, out, _ = cli(
        "text", "corrupt", "the old boat", "--model", tiny_bert, "--steps", 4, "--json"
    )
    levels = json.loads(out)["levels"]
    assert code == 0
    assert [level["mask_probability"] for level in levels] == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["text", "generate", "--steps", "0"], "steps must be 1 to 200, got 0"),
        (["text", "generate", "--length", "0"], "length must be 1 to 510, got 0"),
        (["text", "generate", "--seeds", "x"], "seeds must be whole numbers"),
        (["text", "generate", "--seeds", "5:1"], "seeds must have 1 to"),
        (["text", "generate", "--temperature", "nan"], "temperature must be"),
        (["text", "generate", "--order", "up"], "unknown order 'up'; choose from"),
        (["text", "infill", "no blank"], "at least one [MASK]"),
        (["text", "sweep", "colour=1"], "unknown axis 'colour'; choose from"),
        (["text", "sweep", "seed"], "an axis must be NAME=VALUES"),
        (["text", "generate", "--model", "no-such/model"], "is not on this machine"),
        (["runs", "show", "zz"], "run must be at least 4 hexadecimal"),
        (["runs", "show", "abcdef"], "abcdef"),
        (["store", "gc", "--to-mib", "-1"], "to_mib must be 0 to"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(cli, arguments, message):
    code, out, err = cli(*arguments)
    assert code == 2
    assert out == ""
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_runs_list_show_pin_export_delete(cli, generate, tmp_path):
    run = generate("--seeds", "0:2")["runs"][0]["run"]
    code, out, _ = cli("runs", "list", "--json")
    assert code == 0
    assert len(json.loads(out)["runs"]) == 2
    _, out, _ = cli("runs", "show", run[:8], "--json")
    assert json.loads(out)["run"] == run
    assert cli("runs", "pin", run[:8])[0] == 0
    listed = json.loads(cli("runs", "list", "--json")[1])["runs"]
    assert {row["run"]: row["pinned"] for row in listed}[run] is True
    out_file = tmp_path / "run.json"
    assert cli("runs", "export", run[:8], "--out", out_file)[0] == 0
    assert json.loads(out_file.read_text())["run"] == run
    cli("runs", "pin", "--off", run[:8])
    assert cli("runs", "delete", run[:8], "--yes")[0] == 0
    assert len(json.loads(cli("runs", "list", "--json")[1])["runs"]) == 1


def test_runs_travel_to_another_store(cli, generate, tmp_path):
    runs = [found["run"] for found in generate("--seeds", "0:2")["runs"]]
    file, other = tmp_path / "two.zip", tmp_path / "other"
    assert cli("runs", "export", *(run[:8] for run in runs), "--out", file)[0] == 0
    code, out, _ = cli("runs", "import", file, "--store", other, "--json")
    assert code == 0
    assert sorted(json.loads(out)["new_runs"]) == sorted(runs)
    _, ours, _ = cli("runs", "show", runs[0], "--json")
    _, theirs, _ = cli("runs", "show", runs[0], "--store", other, "--json")
    assert json.loads(theirs) == json.loads(ours)
    _, _, err = cli("runs", "import", file, "--store", other)
    assert "0 runs imported, 2 were here already" in err


def test_a_capsule_that_is_none_is_one_line_and_changes_nothing(cli, generate, tmp_path):
    run = generate()["runs"][0]["run"]
    file = tmp_path / "not.zip"
    file.write_bytes(b"not a zip")
    for arguments, message in (
        (("import", file), "the capsule was refused, nothing of it was imported"),
        (("import", tmp_path / "gone.zip"), "cannot be read"),
        (("export", run, "--out", tmp_path / "run.tar"), "out must end in .zip"),
        (("export", run, run, "--out", tmp_path / "run.json"), "one run's record, got 2 runs"),
    ):
        code, out, err = cli("runs", *arguments)
        assert (code, out) == (2, "")
        assert message in err
        assert len(err.strip().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.glob("*.partial")) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("text sweep seed=0:2 seed=5", "axis 'seed' must be given once, got it twice"),
        ("image sweep sea seed=0 seed=5", "axis 'seed' must be given once, got it twice"),
        ("text sweep seed=0:2 --skip seed=7", "skip seed must be of 0, 1, got 7"),
        ("text sweep seed=0:2 --skip seed=x", "skip seed must be of 0, 1, got x"),
        ("text sweep changes=1", "unknown axis 'changes'; choose from model, length, "),
        ("image sweep sea kind=text", "unknown axis 'kind'; choose from model, prompt, "),
        ("image generate sea --precision int8", "must be auto, float32, float16, got 'int8'"),
        ("runs list --limit 0", "limit must be at least 1, got 0"),
        ("runs list --kind bogus", "kind must be one of text, corruption, image, embed, got"),
        ("runs show 0000", "no run of this store begins with '0000'"),
        ("runs no-return 0000", "no run of this store begins with '0000'"),
    ],
)
def test_what_would_be_taken_silently_is_refused(cli, arguments, message):
    code, out, err = cli(*arguments.split())
    assert (code, out) == (2, "")
    assert message in err


def test_a_fork_is_told_each_thing_once(cli, generate):
    run = generate()["runs"][0]["run"]
    for options, message in (
        (("--set", "seed=1", "--set", "seed=2"), "set must give 'seed' once, got it twice"),
        (("--write", "1=sea", "--write", "1=sun"), "write must give 1 once, got it twice"),
    ):
        code, _, err = cli("runs", "fork", run, "--at", 1, *options)
        assert (code, message in err) == (2, True)


def test_a_file_that_is_no_picture_is_named(cli, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("no picture")
    for command in (("embed", "image", file), ("image", "img2img", "sea", "--init", file)):
        code, _, err = cli(*command)
        assert code == 2
        assert f"{file}: not a picture that can be read" in err
        assert "0x" not in err


def test_tables_are_a_line_a_row(cli, generate):
    run = generate("--top-k", 5, "--seeds", "3")["runs"][0]["run"]
    _, out, _ = cli("runs", "list")
    (line,) = [line for line in out.splitlines() if line.startswith(run[:12])]
    assert "6/6" in line
    assert line.endswith("length 6, steps 6, top_k 5, seed 3")
    _, out, err = cli("models", "list")
    assert len(out.splitlines()) == 1 + 7
    assert "python -m engine models fetch NAME" in err


def test_store_commands(cli, generate):
    generate()
    code, out, _ = cli("store", "stats", "--json")
    assert code == 0
    assert json.loads(out)["entries"] > 6
    code, out, _ = cli("store", "verify", "--json")
    assert code == 0
    assert json.loads(out)["damaged"] == []
    before = json.loads(cli("store", "stats", "--json")[1])["entries"]
    assert cli("store", "gc", "--older-than-days", 0, "--json")[0] == 0
    assert json.loads(cli("store", "stats", "--json")[1])["entries"] == before


def test_models_list_names_each_model(cli):
    code, out, _ = cli("models", "list", "--json")
    models = {model["name"]: model for model in json.loads(out)["models"]}
    assert code == 0
    assert models["builtin-bert"]["available"]
    assert len(models["builtin-bert"]["fingerprint"]) == 64
    assert set(models["google-bert/bert-base-uncased"]) >= {"kind", "folder", "available"}


def test_a_missing_model_is_refused_without_asking_the_hub(tiny_bert, monkeypatch):
    from cache.errors import ModelMissing
    from engine.models.registry import find_model

    find_model(tiny_bert)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it asks the hub"))
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("it asks the hub"))
    with pytest.raises(ModelMissing):
        find_model("no-such/other-model")


def test_a_warm_request_never_imports_torch(generate, tiny_bert, private_store):
    generate("--seeds", "0:2")
    code = (
        "import sys; from engine.cli.app import app; from engine.cli.console import run_app\n"
        f"try: run_app(app, ['text','generate','--model',{tiny_bert!r},'--length','6',"
        "'--steps','6','--seeds','0:2','--json'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'transformers') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["model_calls"] == 0
    assert done.stderr.strip().splitlines()[-1] == "[]"


# a shell that starts a suite in the background leaves SIGINT ignored
SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from engine.text import walkers
plain, taken = walkers.TextWalker.take, []
def slow(self, which, before):
    taken.append(which)
    if len(taken) > 7:
        time.sleep(3600)
    yield from plain(self, which, before)
walkers.TextWalker.take = slow
from engine.cli.app import app
from engine.cli.console import run_app
run_app(app, sys.argv[1:])
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_in_the_middle_it_resumes_with_the_missing_steps_only(
    cli, tiny_bert, private_store, how
):
    request = ["text", "generate", "--model", tiny_bert, "--length", "20", "--steps", "20",
               "--top-k", "5", "--json"]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, *request],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"STEPSCOPE_STORE": str(private_store)},
    )
    stored = 0
    deadline = time.monotonic() + 240
    while stored < 5 and time.monotonic() < deadline:
        time.sleep(0.1)
        if private_store.exists():
            rows = json.loads(cli("runs", "list", "--json")[1] or '{"runs": []}')["runs"]
            stored = rows[0]["steps_stored"] if rows else 0
    process.send_signal(how)
    _, err = process.communicate(timeout=120)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert b"the same command resumes" in err
    left = json.loads(cli("runs", "list", "--json")[1])["runs"][0]["steps_stored"]
    assert 5 <= left < 20
    document = json.loads(cli(*request)[1])
    assert document["steps_computed"] == 20 - left
    assert document["model_calls"] <= 20 - left
    assert document["runs"][0]["complete"]
