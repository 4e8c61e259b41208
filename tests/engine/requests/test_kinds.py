"""A new kind is its own folder and one row: everything else takes it as it comes."""

import io
import json
from typing import get_args

import pytest

from cache.errors import InvalidInput, MadeLater
from cache.store import Store
from engine.capsules.exporting import export_runs
from engine.capsules.importing import import_runs
from engine.capsules.verifying import verify_store
from engine.chain import manifests
from engine.cli.app import app
from engine.cli.console import run_app
from engine.experiments.forks import fork
from engine.experiments.reasons import reason
from engine.jobs.work import needed_keys, new_job, steps_stored
from engine.requests.computing import compute
from engine.requests.estimates import estimate
from engine.requests.kinds import KINDS, named
from engine.requests.planner import predict
from engine.requests.plans import parse_spec, plan
from tests.engine.toy_kind import WALK, WalkSpec


@pytest.fixture
def walks(monkeypatch, tiny_bert):
    monkeypatch.setitem(KINDS, "walk", WALK)
    return [WalkSpec(model=tiny_bert, seed=seed) for seed in (0, 1)]


def test_it_is_planned_computed_and_found_again(store, walks):
    predicted = predict(store, walks)
    # nothing is known of a walk's calls; the two walks share their start and no step
    assert (predicted.steps_computed, predicted.exact) == (8, True)
    first, second = compute(store, walks), compute(store, walks)
    assert (first.model_calls, first.steps_computed) == (8, 8)
    assert (second.model_calls, second.steps_cached) == (0, 8)
    assert parse_spec(walks[1].facts()) == walks[1]
    assert estimate(store, [(plan(walks[0].but(seed=7)), 4)]) == pytest.approx(0.4)


def test_it_is_a_job_within_its_budget(store, walks):
    job = new_job(walks, title="walks")
    assert (job.steps, steps_stored(store, job)) == (8, 0)
    compute(store, walks)
    assert steps_stored(store, job) == 8
    assert all(store.present(needed_keys([plan(spec) for spec in walks])))
    many = [walks[0].but(seed=seed, steps=50) for seed in range(3)]
    with pytest.raises(InvalidInput, match=r"at most 100 steps x runs \(STEPSCOPE_WALK_BUDGET\)"):
        new_job(many, title="too many")


def test_it_travels_and_is_judged(store, walks, tmp_path):
    runs = compute(store, walks).runs
    capsule = io.BytesIO()
    export_runs(store, runs, capsule)
    with Store.open(tmp_path / "there") as there:
        assert set(import_runs(there, capsule).new_runs) == set(runs)
        assert compute(there, walks).model_calls == 0
        report = verify_store(there)
        assert not report.damaged


def test_the_command_line_lists_shows_and_exports_it(private_store, walks, capsys, tmp_path):
    def answer(*words):
        with pytest.raises(SystemExit) as ended:
            run_app(app, list(words))
        assert ended.value.code == 0
        return capsys.readouterr().out

    with Store.open(private_store) as store:
        run = compute(store, walks).runs[0]
        (only,) = [m for m in manifests.listed(store, kind="walk") if m.run == run]
        assert reason(store, only, 1).stored
    rows = json.loads(answer("runs", "list", "--json"))["runs"]
    assert {row["kind"] for row in rows} == {"walk"}
    answer("runs", "export", run[:12], "--out", str(tmp_path / "walk.json"))
    assert len(json.loads((tmp_path / "walk.json").read_text())["at"]) == 5


def test_what_it_cannot_do_is_said(store, walks):
    run = compute(store, walks).runs[0]
    with pytest.raises(InvalidInput, match="only text and image runs can be forked"):
        fork(store, manifests.load(store, run), 1)


def test_a_run_of_a_kind_that_went_away_is_of_a_later_version(store, walks, monkeypatch):
    run = compute(store, walks).runs[0]
    monkeypatch.delitem(KINDS, "walk")
    with pytest.raises(MadeLater, match="its kind is 'walk'"):
        manifests.load(store, run)


@pytest.mark.parametrize("name", KINDS)
def test_every_row_is_of_its_name_and_its_walker_exists(name):
    kind = KINDS[name]
    assert get_args(kind.spec.model_fields["kind"].annotation) == (name,)
    assert callable(named(kind.walker))
    assert kind.mend is None or callable(named(kind.mend))
