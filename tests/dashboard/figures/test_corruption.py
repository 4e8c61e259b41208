import pytest

from dashboard.figures.corruption import corrupted_sentence, mask_map, schedule_curves
from engine.text import stored as text_stored
from tests.dashboard.conftest import keep_corruption


def load(store):
    return text_stored.load_corruption_run(store, keep_corruption(store))


def test_masked_positions_are_empty(store):
    run = load(store)
    for level, step in enumerate(run.steps):
        figure = corrupted_sentence(run, level=level, mode="light")
        empty = [text == "" for text in figure.data[1].text]
        assert empty == step.masked.tolist()


def test_both_schedules_and_the_runs_own_share(store):
    run = load(store)
    linear, cosine, share = schedule_curves([run], level=2, mode="dark").data
    assert linear.y[50] == 0.5
    assert cosine.y[50] == pytest.approx(0.5**0.5)
    assert list(share.y) == [float(step.masked.mean()) for step in run.steps]


def test_the_map_is_level_by_position(store):
    run = load(store)
    z = mask_map(run, level=0, mode="light").data[0].z
    assert z.shape == (5, 5)
    assert z[:, 0].sum() == 0
    assert z[:, -1].sum() == 5
