"""Why computed? on an empty store, on small runs, on stale links; and a step that is replayed."""

import shutil
from pathlib import Path

import pytest

from cache.store import Store
from engine.chain import manifests
from engine.experiments.forks import fork
from engine.requests.computing import compute
from engine.text.spec import TextSpec
from tests.dashboard.app_pages.fork.test_page import page, said


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> tuple[Path, list[str]]:
    """A store with a text run and a fork of it, on the built-in model."""
    folder = tmp_path_factory.mktemp("why") / "store"
    with Store.open(folder) as store:
        runs = list(compute(store, [TextSpec(length=5, steps=5, top_k=3)]).runs)
        parent = manifests.load(store, runs[0])
        runs += compute(store, [fork(store, parent, 2, {"temperature": 2.0})]).runs
    return folder, runs


@pytest.fixture
def runs(computed, private_store) -> list[str]:
    shutil.copytree(computed[0], private_store)
    return computed[1]


def test_an_empty_store_says_what_to_do_next(empty_store):
    at = page("why")
    assert not at.exception
    assert "No text has been unmasked yet." in said(at)


def test_a_shared_step_names_its_run_and_a_new_one_what_differed(runs):
    at = page("why", run=runs[1], step="2")
    assert not at.exception
    assert "3 of 6 steps, the start included, were computed for other runs." in said(at)
    assert f"it was there from run {runs[0][:12]}" in said(at)
    at = page("why", run=runs[1], step="4")
    assert not at.exception
    assert at.dataframe[0].value["fact"].tolist() == ["temperature"]
    assert at.dataframe[0].value["this run"].tolist() == ["2.0"]


def test_a_replayed_step_is_what_is_stored(runs):
    at = page("why", run=runs[1], step="4")
    at.button(key="replay").click().run(timeout=120)
    assert not at.exception
    assert at.success[0].value in (
        "The same bits.",
        "Within the tolerance of 0.001: the last bits differ.",
    )
    assert "tokens" in at.dataframe[1].value["array"].tolist()


def test_the_start_is_no_step_to_replay(runs):
    at = page("why", run=runs[0], step="0")
    assert not at.exception
    assert "The start is not a step of the sampler" in said(at)


def test_a_stale_link_says_so(runs):
    assert "is not in this store" in said(page("why", run="0123456789ab"))
    assert "it must be 0 to 5" in said(page("why", run=runs[0], step="99"))


def test_a_step_that_is_not_there_is_not_replayed(small_store):
    partial = next(
        m.run
        for m in manifests.listed(small_store, kind="text")
        if manifests.stored_steps(small_store, m) < m.step_count
    )
    at = page("why", run=partial, step="5")
    assert not at.exception
    assert "This step is not in the store yet." in said(at)


def test_a_rule_that_was_done_sooner_says_after_which_step(private_store):
    spec = TextSpec(length=4, steps=9, rule="threshold", threshold=0.001)
    with Store.open(private_store) as store:
        (run,) = compute(store, [spec]).runs
    at = page("why", run=run)
    assert not at.exception
    assert "The rule was done after step 1 of the 9 steps asked for" in said(at)
