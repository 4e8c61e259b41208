"""The paths of seeds: what is read of stored runs, and the map."""

import dataclasses

import numpy as np
import pytest

from cache.errors import MissingFromStore
from dashboard.app_pages.divergence import paths_data
from dashboard.app_pages.divergence.data import finished, seed_groups
from dashboard.app_pages.divergence.paths_data import load_paths
from dashboard.app_pages.divergence.paths_figures import path_map
from engine.chain import manifests
from engine.image import stored as image_stored
from tests.dashboard import conftest
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text


@pytest.fixture
def images(empty_store, monkeypatch):
    """Two image runs of other latents."""
    usual = conftest.image_steps()
    keep_image(empty_store, spec=IMAGE_SPEC.but(seed=0))
    other = [
        dataclasses.replace(step, latents=step.latents[::-1] * (1 + step.index)) for step in usual
    ]
    monkeypatch.setattr(conftest, "image_steps", lambda: other)
    keep_image(empty_store, spec=IMAGE_SPEC.but(seed=1))
    (group,) = seed_groups(manifests.listed(empty_store, kind="image"))
    return empty_store, finished(empty_store, group)


def test_images_are_placed_by_their_latents(images):
    store, runs = images
    paths = load_paths(store, runs)
    assert paths.table["seed"].tolist() == [0] * 5 + [1] * 5
    assert paths.table["step"].tolist() == list(range(5)) * 2
    states = np.stack(
        [step.unit_latents().ravel() for m in runs
         for step in image_stored.load_image_run(store, m.run).steps]
    )  # fmt: skip
    values = np.linalg.svd(states - states.mean(axis=0), compute_uv=False) ** 2
    assert paths.shares == pytest.approx(tuple(values[:2] / values.sum()), rel=1e-4)
    spread = (paths.table[["first", "second"]].to_numpy() ** 2).sum(axis=0)
    assert spread == pytest.approx(values[:2], rel=1e-4)


def test_equal_texts_take_one_path(empty_store):
    for seed in (0, 1):
        keep_text(empty_store, SPEC.but(seed=seed), 6)
    (group,) = seed_groups(manifests.listed(empty_store, kind="text"))
    paths = load_paths(empty_store, finished(empty_store, group))
    first, second = (part for _, part in paths.table.groupby("seed"))
    assert first["first"].tolist() == pytest.approx(second["first"].tolist())
    # held FINAL from step 1 on: all of the way is the first step's, from five masks to five tokens
    places = first["first"].to_numpy()
    assert abs(places[0] - places[1]) == pytest.approx(10**0.5)
    assert places[1:] == pytest.approx([places[1]] * 5)
    assert paths.shares == pytest.approx((1, 0), abs=1e-9)


def test_of_long_runs_some_steps_are_shown(images, monkeypatch):
    monkeypatch.setattr(paths_data, "MOST_POINTS", 3)
    assert load_paths(*images).table["step"].tolist() == [0, 2, 4] * 2


def test_the_first_seeds_are_shown(images, monkeypatch):
    monkeypatch.setattr(paths_data, "MOST_PATHS", 1)
    assert load_paths(*images).table["seed"].unique().tolist() == [0]


def test_a_missing_step_is_an_error_of_the_store(images):
    store, runs = images
    store.delete([runs[0].step_keys[2]])
    with pytest.raises(MissingFromStore):
        load_paths(store, runs)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_map_has_a_line_a_seed(images, mode):
    paths = load_paths(*images)
    figure = path_map(paths.table, (0.62, 0.21), step=3, mode=mode)
    assert [trace.name for trace in figure.data] == ["seed 0", "seed 1"]
    trace = figure.data[1]
    assert list(trace.text) == [f"seed 1, step {k} of 4" for k in range(5)]
    assert list(trace.marker.symbol) == ["circle-open", *["circle"] * 3, "square"]
    assert list(trace.marker.line.width) == [0, 0, 0, 2, 0]
    assert trace.marker.size[3] == 14
    assert figure.data[0].line.color != trace.line.color
    assert figure.layout.xaxis.title.text == "first axis: 62% of the variance"
    assert figure.layout.yaxis.title.text == "second axis: 21% of the variance"
    assert figure.layout.yaxis.scaleanchor == "x"


def test_beyond_the_last_step_the_last_has_the_rim(images):
    figure = path_map(load_paths(*images).table, (1.0, 0.0), step=99, mode="light")
    assert list(figure.data[0].marker.line.width) == [0, 0, 0, 0, 2]
