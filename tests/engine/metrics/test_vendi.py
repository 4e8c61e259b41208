import numpy as np
import pytest

from engine.metrics.vendi import vendi_score


def test_all_alike_is_one_and_all_different_is_n():
    assert vendi_score(np.ones((5, 5))) == pytest.approx(1)
    assert vendi_score(np.eye(5)) == pytest.approx(5)


def test_two_groups_count_as_two():
    assert vendi_score(np.kron(np.eye(2), np.ones((3, 3)))) == pytest.approx(2)


# the package reads scipy by a name that scipy has deprecated
@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")
def test_agrees_with_the_reference_package():
    vendi = pytest.importorskip("vendi_score.vendi")
    x = np.random.default_rng(0).normal(size=(12, 6))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    assert vendi_score(x @ x.T) == pytest.approx(vendi.score_K(x @ x.T), rel=1e-6)


@pytest.mark.parametrize("bad", [np.ones((2, 3)), np.zeros((0, 0)), np.zeros((2, 2))])
def test_what_is_no_similarity_is_refused(bad):
    with pytest.raises(ValueError, match="similarity must be"):
        vendi_score(bad)
