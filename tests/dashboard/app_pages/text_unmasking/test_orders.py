"""The orders of runs beside one another: the table, and where the page shows it."""

import pytest

from dashboard.app_pages.text_unmasking.data import order_table
from engine.text.keys import text_chain
from tests.dashboard.conftest import FINGERPRINT, SPEC
from tests.dashboard.pages import open_page
from tests.hand_made_text import MASK, Taken, text_run

FORWARD = [Taken({0: 5, 1: 6, 2: 7}, [0]), Taken({1: 6, 2: 7}, [1]), Taken({2: 7}, [2])]
BACK = [Taken({0: 5, 1: 6, 2: 7}, [2]), Taken({0: 5, 1: 6}, [1, 0])]


def test_one_run_alone_has_no_tau():
    table = order_table([text_run([MASK] * 3, FORWARD)], ["seed 0"])
    (row,) = table.to_dict("records")
    assert (row["local @1"], row["local @2"], row["global @1"], row["most at once"]) == (1, 1, 1, 1)
    assert "tau with the first" not in row


def test_two_runs_have_their_likeness():
    runs = [text_run([MASK] * 3, FORWARD), text_run([MASK] * 3, BACK)]
    first, second = order_table(runs, ["seed 0", "seed 1"]).to_dict("records")
    assert first["tau with the first"] == 1
    assert second["tau with the first"] == pytest.approx(-2 / 6**0.5)
    assert second["most at once"] == 2
    assert second["global @1"] == pytest.approx(2 / 3)


def test_the_page_shows_a_row_for_each_run(small_store):
    first, second = (text_chain(SPEC.but(seed=seed), FINGERPRINT).run for seed in (0, 1))
    at = open_page("text_unmasking", view="Unmask order", run=first, beside=second)
    assert not at.exception
    table = at.dataframe[0].value
    assert table["run"].tolist() == ["seed 0", "seed 1"]
    assert table["tau with the first"].tolist() == [1, 1]
    assert table["local @1"].tolist() == [1, 1]


def test_changes_of_mind_of_two_runs_stand_side_by_side(small_store):
    first, second = (text_chain(SPEC.but(seed=seed), FINGERPRINT).run for seed in (0, 2))
    at = open_page("text_unmasking", view="Changes of mind", run=first, beside=second)
    assert not at.exception
    said = [line.value for line in at.text]
    assert any(
        "From step 1 of 5 on the sentence as it would read is the final one" in s for s in said
    )
    assert len(at.get("plotly_chart")) == 2
