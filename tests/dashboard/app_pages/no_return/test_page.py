"""Point of no return on an empty store, on small runs, with bad input, and on a stale link."""

import shutil
from pathlib import Path

import pytest

from cache.store import Store
from engine.chain import manifests
from engine.experiments.no_return import continuations
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.text.spec import TextSpec
from tests.dashboard.app_pages.fork.test_page import page, said


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> tuple[Path, list[str]]:
    """A store with a text and an image run and continuations of both, on the built-in models."""
    folder = tmp_path_factory.mktemp("no-return") / "store"
    runs = []
    with Store.open(folder) as store:
        for spec in (
            TextSpec(length=5, steps=5, top_k=3),
            ImageSpec(prompt="a calm sea", steps=3, guidance=2.0),
        ):
            manifest = manifests.load(store, compute(store, [spec]).runs[0])
            tried = [continuations(store, manifest, at, 3) for at in (0, 2)]
            compute(store, [spec for each in tried for spec in each.specs])
            runs.append(manifest.run)
    return folder, runs


@pytest.fixture
def runs(computed, private_store) -> list[str]:
    shutil.copytree(computed[0], private_store)
    return computed[1]


def test_an_empty_store_says_what_to_do_next(empty_store):
    at = page("no_return")
    assert not at.exception
    assert "No text has been unmasked yet." in said(at)


def test_a_text_shows_its_curve_and_its_continuations(runs):
    at = page("no_return", run=runs[0][:12], steps="0,2", forks="3", at="2")
    assert not at.exception
    assert "All of it is in the store: 6 runs of 5 steps, 30 in all" in said(at)
    assert "Each continuation differs from the run in nothing but the seed" in said(at)
    assert len(at.get("plotly_chart")) == 1
    lines = at.code[0].value.splitlines()
    assert [line[:9].strip() for line in lines] == ["the run", "seed 1", "seed 2", "seed 3"]


def test_a_picture_says_what_its_continuations_change(runs):
    at = page("no_return", run=runs[1][:12], steps="0,2", forks="3")
    assert not at.exception
    assert "(eta 1.0)" in said(at)
    assert "still have to be embedded" in said(at)
    assert len(at.get("plotly_chart")) == 2


def test_what_is_missing_is_planned(runs):
    at = page("no_return", run=runs[0][:12], steps="0,2,3", forks="4")
    assert not at.exception
    assert "Compute these 12 continuations" in [button.label for button in at.button]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"steps": "0,9"}, "steps must be 0 to 4, got '9'"),
        ({"forks": "99"}, "the link asks for forks '99'; it must be 2 to 32"),
    ],
)
def test_bad_input_is_named(runs, query, message):
    at = page("no_return", run=runs[0][:12], **query)
    assert not at.exception
    assert message.lower() in said(at).lower()


def test_a_stale_link_says_so(runs):
    at = page("no_return", run="0123456789ab")
    assert not at.exception
    assert "is not in this store" in said(at)


def test_a_partial_run_is_to_be_finished_first(small_store):
    partial = next(
        m.run
        for m in manifests.listed(small_store, kind="text")
        if manifests.stored_steps(small_store, m) < m.step_count
    )
    at = page("no_return", run=partial)
    assert not at.exception
    assert "is not finished" in said(at)
