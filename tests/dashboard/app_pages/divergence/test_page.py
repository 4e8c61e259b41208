"""Divergence on an empty store, on small runs, and on stale links."""

import shutil
from pathlib import Path

import pytest

from cache.store import Store
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.text.spec import TextSpec
from tests.dashboard.app_pages.fork.test_page import page, said


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> Path:
    """A store with four seeds of a text and three of a picture, on the built-in models."""
    folder = tmp_path_factory.mktemp("seeds") / "store"
    text = TextSpec(length=5, steps=5, top_k=8, temperature=2.0)
    image = ImageSpec(prompt="a calm sea", steps=3, guidance=2.0)
    with Store.open(folder) as store:
        compute(store, [text.but(seed=seed) for seed in range(4)])
        compute(store, [image.but(seed=seed) for seed in range(3)])
    return folder


@pytest.fixture
def seeds(computed, private_store) -> None:
    shutil.copytree(computed, private_store)


def test_an_empty_store_says_what_to_do_next(empty_store):
    at = page("divergence")
    assert not at.exception
    assert "No text has been unmasked yet." in said(at)


def test_one_run_alone_is_offered_other_seeds(empty_store):
    compute(empty_store, [TextSpec(length=3, steps=2, top_k=5)])
    at = page("divergence")
    assert not at.exception
    assert "It takes two seeds of one spec or more." in said(at)
    assert "Compute these 8 seeds" in [button.label for button in at.button]


@pytest.mark.parametrize(("kind", "runs", "figures"), [("text", 4, 4), ("image", 3, 5)])
def test_seeds_are_compared_at_every_step(seeds, kind, runs, figures):
    at = page("divergence", modality=kind, step="1", pair="0,1")
    assert not at.exception
    assert f"{runs} finished runs of {runs}" in said(at)
    assert len(at.get("plotly_chart")) == figures
    assert "Every pair after step 1" in said(at)
    assert "of all these seeds" in said(at)
    assert " part at step " in said(at) or "never part" in said(at)


def test_how_alike_outcomes_must_be_is_in_the_link(seeds):
    at = page("divergence", modality="text", alike="0")
    assert "**1 outcome** of 4 seeds" in said(at)
    at.slider(key="alike-text").set_value(100).run()
    assert not at.exception
    assert at.query_params["alike"] == "100"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"group": "0123456789ab"}, "group 0123456789ab, are not in this store"),
        ({"modality": "sound"}, "asks for modality 'sound', which is not here"),
        ({"alike": "101"}, "it must be 0 to 100"),
    ],
)
def test_a_stale_link_says_so(seeds, query, message):
    at = page("divergence", **query)
    assert not at.exception
    assert message in said(at)


def test_a_pair_that_is_not_here_is_no_pair(seeds):
    at = page("divergence", modality="text", pair="0,9")
    assert not at.exception
    assert "Click a cell" in said(at)
