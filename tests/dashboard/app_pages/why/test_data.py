import pytest

from cache.errors import InvalidInput
from dashboard.app_pages.why.data import array_table, difference_table, replayed, steps_table
from engine.chain import manifests
from engine.experiments.reasons import Difference, Reason


def test_differences_are_rows_of_plain_text():
    why = Reason(
        4, False, "a" * 64, 2, (Difference(3, "top_k", None, 5), Difference(3, "x", "é" * 999, 1))
    )
    table = difference_table(why)
    assert table.iloc[0].tolist() == ["top_k", "not set", "5"]
    assert len(table["this run"][1]) == 200


def test_steps_say_what_they_were_to_the_run_and_whom_they_were_computed_for():
    table = steps_table(["a" * 64, "b" * 64, None], "b" * 64)
    assert table["was"].tolist() == ["there already", "computed", "not there yet"]
    assert table["computed_for"].tolist() == ["a" * 64, "b" * 64, ""]


def test_arrays_are_rows():
    replay = {"arrays": [{"name": "tokens", "same_bits": True, "largest": 0.0}]}
    assert array_table(replay).iloc[0].tolist() == ["tokens", True, 0.0]


def test_a_replay_that_cannot_be_says_why(small_store):
    run = next(m.run for m in manifests.listed(small_store, kind="text"))
    with pytest.raises(InvalidInput, match="step must be 1 to 5, got 9"):
        replayed(small_store.folder, run, 9)
