import math

import numpy as np
import pytest

from engine.metrics.trajectories import (
    agreement,
    first_divergence,
    kendall_tau,
)
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.spec import TextSpec


def test_kendall_tau_by_hand():
    order = np.array([1, 2, 3, 4])
    assert kendall_tau(order, order) == 1
    assert kendall_tau(order, order[::-1]) == -1
    assert kendall_tau(np.array([1, 2, 3]), np.array([1, 3, 2])) == pytest.approx(1 / 3)
    assert math.isnan(kendall_tau(order, np.ones(4)))


def test_kendall_tau_with_ties_is_tau_b():
    # by hand: 5 of 6 pairs ordered in the first, 6 in the second, all 5 concordant
    assert kendall_tau(np.array([1, 1, 2, 3]), np.array([1, 2, 3, 4])) == pytest.approx(
        5 / math.sqrt(30)
    )


def test_orders_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        kendall_tau(np.arange(3), np.arange(4))


@pytest.fixture
def pair(store, tiny_bert):
    spec = TextSpec(model=tiny_bert, length=8, steps=8, top_k=8, temperature=2.0)
    computed = compute(store, [spec, spec.but(seed=1)])
    return [text_stored.load_text_run(store, run) for run in computed.runs]


def test_divergence_and_agreement_of_two_seeds(pair):
    first, second = pair
    assert first_divergence(first, first) is None
    parted = first_divergence(first, second)
    assert parted is not None
    agreed = agreement(first, second)
    assert (agreed[:parted] == 1).all()
    assert agreed[parted] < 1
