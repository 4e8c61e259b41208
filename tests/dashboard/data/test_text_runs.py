"""Reductions of text runs that pages share."""

from dashboard.data.text_runs import half_masked
from engine.text import stored as text_stored
from tests.dashboard.conftest import keep_corruption


def test_a_forward_process_is_first_shown_where_half_of_it_can_be_read(store):
    run = text_stored.load_corruption_run(store, keep_corruption(store))
    shares = [float(step.masked.mean()) for step in run.steps]
    at = half_masked(run)
    assert 0 < shares[at] < 1
    assert abs(shares[at] - 0.5) == min(abs(share - 0.5) for share in shares)
