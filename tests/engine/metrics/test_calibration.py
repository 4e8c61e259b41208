import numpy as np
import pytest

from engine.metrics.calibration import expected_calibration_error, reliability


def test_bins_count_everything_once():
    found = reliability(np.array([0.0, 0.05, 0.95, 1.0]), np.array([True, False, True, True]))
    assert [b.count for b in found] == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (found[0].accuracy, found[9].confidence) == (0.5, pytest.approx(0.975))
    assert np.isnan(found[4].accuracy)


def test_error_is_the_mean_gap_weighted_by_count():
    confidence = np.array([0.9, 0.9, 0.9, 0.3])
    right = np.array([True, True, False, False])
    # |2/3 - 0.9| * 3/4 + |0 - 0.3| * 1/4
    assert expected_calibration_error(confidence, right) == pytest.approx(0.175 + 0.075)


def test_a_sampler_that_is_as_right_as_it_is_sure_has_next_to_none():
    generator = np.random.default_rng(0)
    confidence = generator.uniform(size=50_000)
    right = generator.uniform(size=50_000) < confidence
    assert expected_calibration_error(confidence, right) < 0.01
    assert np.isnan(expected_calibration_error(np.zeros(0), np.zeros(0, bool)))
