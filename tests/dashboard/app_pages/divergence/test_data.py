import numpy as np
import pytest

from dashboard.app_pages.divergence.data import (
    Parting,
    curve,
    finished,
    load_parting,
    more_seeds,
    outcomes,
    pair_table,
    partings,
    seed_groups,
)
from engine.chain import manifests
from tests.dashboard.conftest import SPEC, keep_text

AGREEMENT = np.stack(
    [np.ones((3, 3)), np.array([[1.0, 0.9, 0.2], [0.9, 1.0, 0.1], [0.2, 0.1, 1.0]])]
)
PARTING = Parting(
    ("a" * 64, "b" * 64, "c" * 64),
    (0, 1, 5),
    {"agreement": AGREEMENT},
    np.array([[-1, -1, 1], [-1, -1, 1], [1, 1, -1]]),
)


def test_runs_of_one_spec_are_a_group_and_only_whole_ones_are_compared(small_store):
    (group,) = seed_groups(manifests.listed(small_store, kind="text"))
    assert len(group.runs) == 3
    runs = finished(small_store, group)
    assert [run.spec["seed"] for run in runs] == [0, 1]


def test_equal_texts_never_part(small_store):
    (group,) = seed_groups(manifests.listed(small_store, kind="text"))
    parting = load_parting(small_store, finished(small_store, group))
    assert parting.last == 5
    assert parting.parted(0.5).tolist() == [[-1, -1], [-1, -1]]
    assert (parting.pairs["agreement"] == 1).all()


def test_one_run_alone_is_no_group(empty_store):
    keep_text(empty_store, SPEC, 6)
    assert seed_groups(manifests.listed(empty_store, kind="text")) == []


def test_the_curve_is_over_pairs_without_the_diagonal():
    table = curve(PARTING, "agreement")
    assert table["mean"].tolist() == pytest.approx([1.0, 0.4])
    assert table["lowest"].tolist() == pytest.approx([1.0, 0.1])
    assert table["highest"].tolist() == pytest.approx([1.0, 0.9])
    assert table["pairs"].tolist() == [3, 3]


def test_partings_are_counted_by_pairs():
    assert partings(PARTING, 0.5).to_dict("list") == {"step": [-1, 1], "pairs": [1, 2]}


def test_images_part_where_their_predictions_stay_less_alike():
    cosine = np.array([np.nan, 0.9, 0.5, 0.8, 0.6, 0.4])
    tables = np.ones((6, 2, 2))
    tables[:, 0, 1] = tables[:, 1, 0] = cosine
    images = Parting(("a" * 64, "b" * 64), (0, 1), {"predicted x0": tables}, None)
    assert partings(images, 0.75).to_dict("list") == {"step": [4], "pairs": [1]}
    assert partings(images, 0.45).to_dict("list") == {"step": [5], "pairs": [1]}
    assert partings(images, 0.3).to_dict("list") == {"step": [-1], "pairs": [1]}
    assert curve(images, "predicted x0")["step"].tolist() == [1, 2, 3, 4, 5]


def test_every_pair_is_a_row_with_its_seeds():
    table = pair_table(PARTING, "agreement", 1, 0.5)
    assert table["second_seed"].tolist() == [1, 5, 5]
    assert table["agreement"].tolist() == [0.9, 0.2, 0.1]
    assert table["parted_at"].tolist() == [-1, 1, 1]


def test_outcomes_join_what_is_alike_enough():
    assert outcomes(PARTING, alike=0.9) == [(0, 1), (2,)]
    assert outcomes(PARTING, alike=0.95) == [(0,), (1,), (2,)]
    assert outcomes(PARTING, alike=0.0) == [(0, 1, 2)]


def test_more_seeds_are_the_same_spec():
    shared = {k: v for k, v in SPEC.facts().items() if k != "seed"}
    assert more_seeds(shared, 3) == [SPEC.but(seed=seed) for seed in range(3)]
