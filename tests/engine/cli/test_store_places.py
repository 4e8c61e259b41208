"""Stores that cannot be written, files that are none, and runs that are being written."""

import dataclasses
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cache import upkeep
from cache.errors import InvalidInput
from cache.store import Store
from cache.writing import being_written
from engine.chain import manifests
from engine.cli.app import app
from engine.cli.console import run_app
from engine.cli.files import opened_file
from engine.requests.computing import compute
from engine.text.spec import TextSpec
from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.damages import flip

READING = ("runs list", "runs show {run}", "store stats", "store verify", "store gc", "runs why "
           "{run} --step 1", "runs export {run} --out {out}", "demo --if-empty")  # fmt: skip


def command(line):
    with pytest.raises(SystemExit) as ended:
        run_app(app, line.split() if isinstance(line, str) else line)
    return ended.value.code


@pytest.fixture
def kept(private_store):
    with Store.open(private_store) as store:
        run = keep_text(store, SPEC, 6)
    return private_store, run


def read_everything(run, tmp_path):
    for line in READING:
        assert command(line.format(run=run, out=tmp_path / "run.zip")) == 0, line
    assert (tmp_path / "run.zip").stat().st_size > 1000


def test_a_store_that_may_only_be_read_is_read_by_every_reading_command(
    kept, tmp_path, monkeypatch
):
    folder, run = kept
    monkeypatch.setattr("cache.folder.is_writable", lambda _: False)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    read_everything(run, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert command(f"runs pin {run}") == 1


def by_another_user(code):
    """Python of this project run by the user nobody."""
    return subprocess.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", sys.executable, "-c", code],
        capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs another user")
def test_the_store_of_another_user(kept, tmp_path):
    if by_another_user("import cache.store").returncode:
        pytest.skip("this project's folder is closed to other users")
    folder, run = kept
    temporary = [p for p in tmp_path.parents if "pytest-of-" in str(p)]
    for path in (folder, *folder.rglob("*"), tmp_path, *temporary):
        path.chmod(0o755 if path.is_dir() else 0o644)
    done = by_another_user(
        "from cache.store import Store\n"
        f"s = Store.open({str(folder)!r}, to_read=True)\n"
        f"print(s.read_only, s.has({f'run:{run}'!r}))"
    )
    assert done.stdout == "True True\n", done.stderr


def test_reading_waits_for_no_writer(kept, tmp_path):
    folder, run = kept
    with Store.open(folder) as writer, writer.rows.transaction():
        read_everything(run, tmp_path)


def test_a_run_that_is_being_written_stays(private_store):
    with Store.open(private_store) as store:
        run, other = keep_text(store, SPEC, 3), keep_text(store, SPEC.but(seed=1), 6)
        with being_written(store, [run]):
            assert upkeep.gc(store, to_size_bytes=0, dry_run=True).runs == (other,)
            with pytest.raises(InvalidInput, match="is being written"):
                upkeep.delete_run(store, run)
            assert upkeep.gc(
                store, to_size_bytes=0, older_than_s=0, grace_s=0, dry_run=False
            ).runs == (other,)
            assert store.has(f"run:{run}")
        assert upkeep.gc(store, to_size_bytes=0, dry_run=False).runs == (run,)
        assert list((private_store / "writing").iterdir()) == []


def test_a_writer_that_was_killed_protects_nothing(private_store):
    with Store.open(private_store) as store:
        run = keep_text(store, SPEC, 3)
        kill = (
            "import os; from cache.store import Store; from cache.writing import being_written\n"
            f"with being_written(Store.open({str(private_store)!r}), [{run!r}]): os._exit(9)"
        )
        root = Path(__file__).parents[3]
        assert subprocess.run([sys.executable, "-c", kill], cwd=root, check=False).returncode == 9
        assert upkeep.gc(store, to_size_bytes=0, dry_run=False).runs == (run,)


def test_a_clean_up_beside_a_sweep_never_stops_it(private_store):
    specs = [TextSpec(length=4, seed=seed) for seed in range(12)]
    over = threading.Event()
    with Store.open(private_store) as store:

        def clean():
            while not over.is_set():
                upkeep.gc(store, to_size_bytes=0, older_than_s=0, grace_s=0, dry_run=False)

        cleaner = threading.Thread(target=clean)
        cleaner.start()
        try:
            computed = compute(store, specs)
        finally:
            over.set()
            cleaner.join()
        assert len(computed.runs) == 12


@pytest.mark.parametrize("lost", ["dropped", "damaged"])
def test_the_same_command_repairs_a_vocabulary(private_store, lost, capsys):
    line = "text generate --length 3 --json"
    assert command(line) == 0
    first = json.loads(capsys.readouterr().out)
    with Store.open(private_store) as store:
        (key,) = store.scan("vocab:")
        store.delete([key]) if lost == "dropped" else flip(store, key)
    assert command(line) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["runs"][0]["text"] == first["runs"][0]["text"]


@pytest.mark.parametrize("which", [0, 2, -1])
def test_the_same_command_repairs_a_step_and_a_manifest(private_store, which, capsys):
    line = "text generate --length 3 --json"
    assert command(line) == 0
    first = json.loads(capsys.readouterr().out)
    run = first["runs"][0]["run"]
    with Store.open(private_store) as store:
        flip(store, manifests.load(store, run).step_keys[which])
        flip(store, f"run:{run}")
    assert command(line) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["runs"][0]["text"] == first["runs"][0]["text"]
    with Store.open(private_store) as store:
        assert upkeep.verify(store).damaged == ()
        assert manifests.load(store, run).run == run


def test_what_a_later_version_wrote_is_shown_and_never_overwritten(private_store, capsys):
    with Store.open(private_store) as store:
        run = keep_text(store, SPEC, 6)
        payload = store.get(f"run:{run}")
        payload.meta["zzz"] = {"a": 1}
        store.replace(f"run:{run}", payload)
        before = store.get(f"run:{run}").meta
        keep_text(store, SPEC, 6)
        with pytest.raises(InvalidInput, match="later version"):
            manifests.annotate(store, run, tags=["x"], note="")
        assert store.get(f"run:{run}").meta == before
    assert command("runs list") == 0
    assert "made by a later version" in capsys.readouterr().err
    assert command(f"runs show {run}") == 0


@pytest.mark.parametrize("out", ["/dev/null", "/proc/x.zip", "{tmp}/folder.zip", "{tmp}/no/x.zip",
                                 "{tmp}/" + "n" * 252 + ".zip"])  # fmt: skip
def test_an_export_goes_into_a_file_or_nowhere(kept, tmp_path, out, capsys):
    (tmp_path / "folder.zip").mkdir()
    assert command(["runs", "export", kept[1], "--out", out.format(tmp=tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: out ")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["default-store", "folder.zip"]


def test_a_pipe_is_not_waited_for(tmp_path, kept, capsys):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "none", Path("/dev/zero")):
        with pytest.raises(InvalidInput, match="read"), opened_file(path):
            pass
        assert command(["runs", "import", str(path)]) == 2


def test_runs_of_any_clock_travel(private_store, tmp_path):
    with Store.open(private_store) as store:
        run = keep_text(store, SPEC, 6)
        manifest = manifests.load(store, run)
        for number, clock in enumerate((-3.0e9, 5.0e9)):
            moved = dataclasses.replace(manifest, created_at=clock)
            meta = manifests.manifest_meta(moved)
            store.replace(f"run:{run}", type(store.get(f"run:{run}"))(meta=meta))
            out, other = tmp_path / f"{number}.zip", tmp_path / str(number)
            assert command(f"runs export {run} --out {out}") == 0
            assert command(f"runs list --store {private_store}") == 0
            assert command(f"runs import {out} --store {other}") == 0


def test_a_link_to_nothing_is_named(tmp_path, capsys):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for folder in ("link", "link/below"):
        assert command(f"runs list --store {tmp_path / folder}") == 1
        told = capsys.readouterr().err
        assert "is a link to" in told
        assert told.count("\n") == 1


def test_a_home_of_nobody_is_named(capsys):
    assert command("runs list --store ~nobody-of-that-name/x") == 1
    assert "nobody's home" in capsys.readouterr().err


def test_another_database_and_a_dropped_table_are_noticed(kept, tmp_path, capsys):
    folder, _ = kept
    Store.open(tmp_path / "other").close()
    mine = folder / "entries" / "cache.db"
    shutil.copyfile(mine, tmp_path / "saved")
    shutil.copyfile(tmp_path / "other" / "entries" / "cache.db", mine)
    for line in ("runs list", "text generate --length 3"):
        assert command(line) == 1
        assert "not the one that was made here" in capsys.readouterr().err
    shutil.copyfile(tmp_path / "saved", mine)
    assert command("runs list") == 0
    capsys.readouterr()
    with sqlite3.connect(mine) as opened:
        opened.execute("DROP TABLE Cache")
    opened.close()
    for line in ("runs list", "text generate --length 3"):
        assert command(line) == 1
        assert "lost its table of entries" in capsys.readouterr().err
