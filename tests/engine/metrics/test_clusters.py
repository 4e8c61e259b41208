import numpy as np
import pytest

from engine.metrics.clusters import average_linkage, medoid


def apart(points):
    found = np.abs(np.subtract.outer(points, points))
    return found.astype(float)


def test_what_is_near_is_joined_and_the_largest_comes_first():
    labels = average_linkage(apart(np.array([9.0, 0.0, 0.2, 9.1, 0.4, 30.0])), cut=2.0)
    assert labels.tolist() == [1, 0, 0, 1, 0, 2]


def test_a_cut_of_nothing_joins_nothing_and_a_large_one_everything():
    distance = apart(np.arange(4.0))
    assert average_linkage(distance, cut=0.0).tolist() == [0, 1, 2, 3]
    assert average_linkage(distance, cut=99.0).tolist() == [0, 0, 0, 0]


def test_equal_items_are_one_cluster_at_any_cut_above_nothing():
    assert average_linkage(np.zeros((3, 3)), cut=1e-9).tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", range(8))
def test_it_is_scipys_average_linkage(seed):
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    squareform = pytest.importorskip("scipy.spatial.distance").squareform
    points = np.random.default_rng(seed).normal(size=(20, 3))
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    theirs = hierarchy.fcluster(
        hierarchy.linkage(squareform(distance, checks=False), "average"), 1.5, "distance"
    )
    ours = average_linkage(distance, cut=1.5)
    assert np.array_equal(np.equal.outer(ours, ours), np.equal.outer(theirs, theirs))


def test_the_medoid_is_in_the_middle():
    assert medoid(apart(np.array([0.0, 5.0, 1.0, 2.0])), np.array([0, 2, 3])) == 2


@pytest.mark.parametrize("distance", [np.zeros((2, 3)), np.array([[0.0, 1.0], [2.0, 0.0]])])
def test_what_is_no_table_of_distances_is_refused(distance):
    with pytest.raises(ValueError, match="square and symmetric"):
        average_linkage(distance, cut=1.0)
