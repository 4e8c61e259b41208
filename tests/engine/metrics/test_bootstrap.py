import numpy as np
import pytest

from engine.metrics.bootstrap import bootstrap_vendi, half_sample_share
from engine.metrics.text_diversity import distinct, distinct_scorer
from engine.metrics.vendi import vendi_score


def texts_of(count: int, generator: np.random.Generator) -> list[list[int]]:
    return [generator.zipf(1.6, 12).clip(max=300).tolist() for _ in range(count)]


def test_a_score_of_a_set_is_the_whole_sets_and_lies_in_its_interval():
    texts = texts_of(8, np.random.default_rng(0))
    found = half_sample_share(distinct_scorer(texts, 1), len(texts))
    assert found.mean == pytest.approx(distinct(texts, 1))
    assert 0 <= found.low < found.mean < found.high <= 1
    assert found == half_sample_share(distinct_scorer(texts, 1), len(texts))


def test_its_interval_is_about_as_wide_as_fresh_sets_spread():
    generator = np.random.default_rng(1)
    fresh = [distinct(texts_of(8, generator), 1) for _ in range(400)]
    widths = []
    for _ in range(20):
        texts = texts_of(8, generator)
        found = half_sample_share(distinct_scorer(texts, 1), len(texts))
        widths.append(found.high - found.low)
    assert np.mean(widths) == pytest.approx(3.92 * np.std(fresh), rel=0.25)


def test_equal_items_leave_no_doubt():
    found = half_sample_share(distinct_scorer([[1, 2, 3]] * 6, 1), 6)
    assert found.low == pytest.approx(found.mean) == pytest.approx(found.high)
    assert found.mean == pytest.approx(1 / 6)


def test_texts_without_pairs_have_no_share_of_pairs():
    found = half_sample_share(distinct_scorer([[1], [2], [3]], 2), 3)
    assert np.isnan([found.mean, found.low, found.high]).all()


def test_two_items_have_no_interval_and_none_no_score():
    def score(places: np.ndarray) -> float:
        return float(len(places))

    two, none = (half_sample_share(score, n) for n in (2, 0))
    assert two.mean == 2
    assert np.isnan([two.low, two.high, none.mean]).all()


def test_the_interval_of_a_vendi_score_is_within_what_it_can_be():
    found = bootstrap_vendi(np.eye(4))
    assert found.mean == pytest.approx(vendi_score(np.eye(4))) == pytest.approx(4)
    assert 1 <= found.low < found.high <= 4
