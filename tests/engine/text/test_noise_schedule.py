import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.noise_schedule import NoiseSchedule

NAMES = ["linear", "cosine"]


@pytest.mark.parametrize("name", NAMES)
def test_ends_are_exact(name):
    schedule = NoiseSchedule(name)
    assert schedule.mask_probability(0) == 0
    assert schedule.mask_probability(1) == 1


@given(name=st.sampled_from(NAMES), a=st.floats(0, 1), b=st.floats(0, 1))
def test_never_decreases_and_stays_a_probability(name, a, b):
    low, high = sorted((a, b))
    schedule = NoiseSchedule(name)
    assert 0 <= schedule.mask_probability(low) <= schedule.mask_probability(high) <= 1


def test_values_of_the_formulas():
    assert NoiseSchedule("linear").mask_probability(0.3) == 0.3
    assert NoiseSchedule("cosine").mask_probability(1 / 3) == pytest.approx(0.5)


@pytest.mark.parametrize("time", [-0.1, 1.1, math.nan])
def test_time_outside_is_refused(time):
    with pytest.raises(ValueError, match="time must be 0 to 1"):
        NoiseSchedule("linear").mask_probability(time)
