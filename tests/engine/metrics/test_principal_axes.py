import numpy as np
import pytest

from engine.metrics import principal_axes
from engine.metrics.principal_axes import principal_map, products_of, products_of_tokens


def by_svd(states):
    """PCA the plain way: the SVD of the centred states themselves."""
    rows = states.reshape(len(states), -1).astype(np.float64)
    left, values, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    return left[:, :2] * values[:2], values[:2] ** 2 / (values**2).sum()


@pytest.mark.parametrize("chunk", [7, 4096])
def test_it_is_the_svd_of_the_centred_states(chunk, monkeypatch):
    monkeypatch.setattr(principal_axes, "CHUNK", chunk)
    states = np.random.default_rng(0).normal(100.0, 3.0, size=(9, 4, 5, 3)).astype(np.float32)
    found = principal_map(products_of(states))
    points, shares = by_svd(states)
    np.testing.assert_allclose(found.shares, shares, rtol=1e-6)
    np.testing.assert_allclose(np.abs(found.points), np.abs(points), rtol=1e-4, atol=1e-4)
    for axis in found.points.T:
        assert axis[np.abs(axis).argmax()] > 0


def test_points_on_a_line_have_one_axis():
    states = np.array([[0.0, 0], [1, 1], [3, 3]], np.float32)
    found = principal_map(products_of(states))
    assert found.shares == pytest.approx([1, 0], abs=1e-9)
    assert np.diff(found.points[:, 0]) == pytest.approx([2**0.5, 8**0.5])
    assert found.points[:, 1] == pytest.approx([0, 0, 0], abs=1e-6)


def test_states_that_are_all_one_lie_on_one_point():
    found = principal_map(products_of(np.full((4, 6), 7.0, np.float32)))
    assert found.points.tolist() == [[0, 0]] * 4
    assert found.shares.tolist() == [0, 0]
    alone = principal_map(products_of(np.ones((1, 6), np.float32)))
    assert alone.points.tolist() == [[0, 0]]


def test_tokens_are_one_hot():
    tokens = np.array([[1, 2, 3], [1, 2, 4], [9, 2, 4]], np.int32)
    one_hot = np.eye(10)[tokens].reshape(3, -1)
    np.testing.assert_array_equal(products_of_tokens(tokens), one_hot @ one_hot.T)
    found = principal_map(products_of_tokens(tokens))
    np.testing.assert_allclose(np.abs(found.points), np.abs(by_svd(one_hot)[0]), atol=1e-9)


def test_distances_on_the_map_are_those_of_the_states_where_two_axes_hold_all():
    states = np.random.default_rng(1).normal(size=(3, 8))
    points = principal_map(products_of(states)).points
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(
        np.linalg.norm(states[0] - states[1])
    )


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="square table"):
        principal_map(np.zeros((2, 3)))
