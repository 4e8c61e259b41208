"""One bad entry stops only what needs it: every page and every listing command goes on."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.cli.app import app
from engine.cli.console import run_app
from tests.dashboard.damages import DAMAGES, fill
from tests.dashboard.pages import APP

PAGES = sorted(path.parent.name for path in (Path(APP).parent / "app_pages").glob("*/page.py"))
KIND_OF = {"image_denoising": "image", "text_corruption": "corruption", "text_unmasking": "text"}


@pytest.mark.parametrize("name", DAMAGES)
def test_no_page_raises(empty_store, name):
    runs = fill(empty_store)
    DAMAGES[name](empty_store, runs)
    at = AppTest.from_file(APP, default_timeout=120)
    at.run()
    raised = []
    for page in PAGES:
        links = [None]
        if page in KIND_OF:
            links.append(runs[KIND_OF[page]][0])
        elif page in ("fork", "why", "no_return"):
            links += [runs["text"][0], runs["image"][0]]
        for link in links:
            at.query_params.clear()
            if link is not None:
                at.query_params["run"] = link
            at.switch_page(f"app_pages/{page}/page.py").run()
            if at.exception:
                raised.append((page, link and link[:6], at.exception[0].message[:200]))
    assert raised == []


@pytest.mark.parametrize("name", DAMAGES)
def test_no_listing_command_stops(empty_store, name, capsys):
    runs = fill(empty_store)
    DAMAGES[name](empty_store, runs)
    for command in ("runs list", "runs list --json", "store stats", "demo --if-empty"):
        with pytest.raises(SystemExit) as ended:
            run_app(app, command.split())
        assert ended.value.code == 0, (command, capsys.readouterr())
    capsys.readouterr()
    with pytest.raises(SystemExit):
        run_app(app, ["runs", "list", "--json"])
    listed = json.loads(capsys.readouterr().out)
    rows = [*listed["runs"], *listed.get("unreadable", [])]
    assert {row["run"] for row in rows} == {run for chosen in runs.values() for run in chosen}
    for chosen in runs.values():
        with pytest.raises(SystemExit) as ended:
            run_app(app, ["runs", "show", chosen[0]])
        assert ended.value.code in (0, 1)


@pytest.mark.parametrize("name", [n for n in DAMAGES if "more field" not in n])
def test_verify_names_it_and_dropping_leaves_a_store_that_is_whole(empty_store, name, capsys):
    runs = fill(empty_store)
    DAMAGES[name](empty_store, runs)
    if (name.startswith("step") and "a bit" not in name) or "other channels" in name:
        pytest.skip("what it must be is known by its run alone")
    with pytest.raises(SystemExit) as ended:
        run_app(app, ["store", "verify", "--json"])
    report = json.loads(capsys.readouterr().out)
    later = "later version" in name
    assert ended.value.code == (0 if later else 1)
    assert report["later"] if later else report["damaged"] or report["unreadable"]
    with pytest.raises(SystemExit):
        run_app(app, ["store", "verify", "--drop"])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run_app(app, ["store", "verify"])
    assert ended.value.code == 0


@pytest.mark.parametrize("name", [n for n in DAMAGES if n.startswith("manifest")])
def test_runs_that_cannot_be_read_can_be_deleted(empty_store, name):
    runs = fill(empty_store)
    DAMAGES[name](empty_store, runs)
    spoilt = [chosen[0] for chosen in runs.values()]
    with pytest.raises(SystemExit) as ended:
        run_app(app, ["runs", "delete", "--yes", *spoilt])
    assert ended.value.code == 0
    assert not any(empty_store.present([f"run:{run}" for run in spoilt]))
