"""Runs that are near to a run, without reading the store again."""

from dashboard.data.kin import one_beginning, same_first_step, seeds_of
from dashboard.data.shelf import Shelf, shelf_of
from engine.chain import manifests
from engine.text.spec import TextChange
from tests.dashboard.conftest import SPEC, keep_text


def test_seeds_of_one_spec_stand_together_by_seed(small_store):
    shelf = Shelf()
    run = next(m for m in shelf.manifests(small_store, "text") if m.spec["seed"] == 1)
    assert [m.spec["seed"] for m in seeds_of(small_store, shelf, run)] == [0, 1, 2]


def test_a_fork_is_of_one_beginning_with_its_parent(empty_store):
    parent = keep_text(empty_store, SPEC, 6)
    fork = keep_text(empty_store, SPEC.but(changes=(TextChange(at=2, temperature=3.0),)), 6)
    keep_text(empty_store, SPEC.but(seed=7), 6)
    shelf = Shelf()
    manifest = manifests.load(empty_store, fork)
    assert {m.run for m in one_beginning(empty_store, shelf, manifest)} == {parent, fork}
    family = same_first_step(empty_store, shelf)[manifest.step_keys[1]]
    assert {m.run for m in family} == {parent, fork}


def test_nothing_is_read_again_while_nothing_comes_or_goes(small_store, monkeypatch):
    shelf = Shelf()
    first = shelf.runs(small_store, "text")
    monkeypatch.setattr(manifests, "load", None)
    monkeypatch.setattr(type(small_store), "stamps", None)
    assert shelf.runs(small_store, "text") is first
    made = []
    for _ in range(2):
        shelf.derived(small_store, "a thing", lambda cards: made.append(len(cards)))
    assert made == [5]


def test_a_run_that_comes_or_goes_is_seen_at_once(small_store):
    shelf = shelf_of(small_store)
    assert shelf is shelf_of(small_store)
    before = len(shelf.runs(small_store, "text"))
    run = keep_text(small_store, SPEC.but(seed=9), 6)
    assert shelf.runs(small_store, "text")[0].run == run
    small_store.delete([manifests.run_key(run)])
    assert len(shelf.runs(small_store, "text")) == before
