import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.unmask_order import global_ar_ness, local_ar_ness, order_likeness, reveals
from tests.hand_made_text import MASK, Taken, text_run


def ordered(*steps, start=None):
    """A run that reveals positions in an order; a number is a step of one, a tuple of several."""
    groups = [step if isinstance(step, tuple) else (step,) for step in steps]
    left = [position for group in groups for position in group]
    start = [MASK] * len(left) if start is None else start
    taken = []
    for group in groups:
        taken.append(Taken({p: p % 15 + 1 for p in left}, group))
        left = [p for p in left if p not in group]
    return text_run(start, taken)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_left_to_right_is_1_and_right_to_left_is_0(k):
    assert local_ar_ness(ordered(0, 1, 2, 3, 4), k) == 1
    assert global_ar_ness(ordered(0, 1, 2, 3, 4), k) == 1
    assert local_ar_ness(ordered(4, 3, 2, 1, 0), k) == 0
    # the last k are among the k leftmost whatever came before
    assert global_ar_ness(ordered(4, 3, 2, 1, 0), k) == k / 5


def test_an_order_by_hand():
    run = ordered(4, 5, 6, 1, 2, 3, 0)
    assert local_ar_ness(run, 1) == pytest.approx(4 / 6)  # 5, 6, 2 and 3 follow
    assert local_ar_ness(run, 2) == pytest.approx(2 / 5)  # 4 5 6 and 1 2 3
    assert local_ar_ness(run, 3) == 0
    # among the leftmost: only the last, 0; of two: 1, 2, 3 (beside 0) and 0
    assert global_ar_ness(run, 1) == pytest.approx(1 / 7)
    assert global_ar_ness(run, 2) == pytest.approx(4 / 7)
    assert global_ar_ness(run, 7) == 1


def test_the_k_before_must_ascend_and_not_only_be_there():
    assert local_ar_ness(ordered(1, 0, 2), 2) == 0


def test_the_positions_of_a_step_are_read_from_left_to_right():
    run = ordered((1, 0), (3, 2))
    assert [reveal.position for reveal in reveals(run)] == [0, 1, 2, 3]
    assert [reveal.masked for reveal in reveals(run)] == [(0, 1, 2, 3), (1, 2, 3), (2, 3), (3,)]
    assert local_ar_ness(run, 1) == 1
    assert global_ar_ness(run, 1) == 1


def test_a_template_s_words_are_skipped():
    run = ordered(0, 2, 4, start=[MASK, 9, MASK, 9, MASK])
    assert local_ar_ness(run, 2) == 1


def test_what_a_fork_wrote_was_not_revealed():
    steps = [Taken({0: 5, 1: 6, 2: 7}, [1]), Taken({2: 7}, [2], written={0: 8})]
    run = text_run([MASK] * 3, steps)
    assert [reveal.position for reveal in reveals(run)] == [1, 2]
    assert global_ar_ness(run, 1) == 1 / 2  # 0 was still masked when 1 came
    assert local_ar_ness(run, 1) == 1


def test_what_cannot_be_told_is_nan_and_k_is_checked():
    assert math.isnan(local_ar_ness(ordered(0), 1))
    assert math.isnan(global_ar_ness(text_run([3], []), 1))
    for share in (local_ar_ness, global_ar_ness):
        with pytest.raises(ValueError, match="at least 1, got 0"):
            share(ordered(0, 1), 0)


@given(st.permutations(range(7)))
def test_local_falls_and_global_rises_with_k(order):
    run = ordered(*order)
    rising = [global_ar_ness(run, k) for k in range(1, 8)]
    assert rising == sorted(rising)
    assert rising[-1] == 1
    # of n - k spans: one of length k + 1 holds two of length k
    counts = [round(local_ar_ness(run, k) * (7 - k)) for k in range(1, 7)]
    assert counts == sorted(counts, reverse=True)


def test_orders_of_two_runs():
    one = ordered(0, 1, 2, 3)
    assert order_likeness(one, one) == 1
    assert order_likeness(one, ordered(3, 2, 1, 0)) == -1
    assert order_likeness(one, ordered((0, 1), 2, 3)) == pytest.approx(5 / math.sqrt(30))
    assert math.isnan(order_likeness(one, ordered(0, 1, 2)))
    assert math.isnan(order_likeness(one, ordered((0, 1, 2, 3))))


def test_only_what_both_revealed_is_ordered():
    steps = [
        Taken({1: 6, 2: 7, 3: 8}, [3], written={0: 8}),
        Taken({1: 6, 2: 7}, [2]),
        Taken({1: 6}, [1]),
    ]
    assert order_likeness(ordered(0, 1, 2, 3), text_run([MASK] * 4, steps)) == -1
