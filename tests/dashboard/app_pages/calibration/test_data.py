import numpy as np
import pytest

from cache.errors import InvalidInput
from dashboard.app_pages.calibration.data import (
    BY_HAND,
    OF_ITS_WORLD,
    Infilled,
    ask,
    examples,
    infilled_of,
    parse_ratios,
    parse_texts,
    reliability_table,
    summary_table,
)
from engine.experiments.infilling import Commitments

ONE = Commitments(np.array([0.95, 0.95, 0.15]), np.array([True, False, False]), np.full(3, 0.5))
TWO = Commitments(np.array([0.95]), np.array([True]), np.array([0.25]))


def test_ratios_and_texts_are_read():
    assert parse_ratios("0.5, 0.25 .5") == [0.25, 0.5]
    assert parse_texts(" a sea. \n\n b boat.") == ["a sea.", "b boat."]


@pytest.mark.parametrize(
    ("read", "typed", "message"),
    [
        (parse_ratios, "", "ratios must be 1 to 6 numbers, got 0"),
        (parse_ratios, "0.5,2", "ratio must be above 0 and at most 1, got 2"),
        (parse_ratios, "nan", "ratio must be above 0 and at most 1, got nan"),
        (parse_ratios, "half", "ratios must be numbers above 0 and at most 1, got 'half'"),
        (parse_texts, "one", "texts must be 2 to 64 lines, got 1"),
        (parse_texts, "a\n" + "b" * 201, "a text must be at most 200 characters, got 201"),
    ],
)
def test_bad_input_is_named(read, typed, message):
    with pytest.raises(InvalidInput) as caught:
        read(typed)
    assert str(caught.value) == message


def test_the_examples_are_of_two_worlds():
    assert len(examples(BY_HAND)) == len(examples(OF_ITS_WORLD)) == 24
    assert not set(examples(BY_HAND)) & set(examples(OF_ITS_WORLD))


def test_every_order_hides_the_same_words_of_the_built_in_model():
    first, second = ask(
        ["the sea is calm.", "the old man sleeps."],
        [0.5],
        ["confidence", "random"],
        model="builtin-bert",
        seed=0,
    )
    assert [h.words for h in first.hidden] == [h.words for h in second.hidden]
    assert not set(first.runs) & set(second.runs)
    with pytest.raises(InvalidInput, match="texts must hold words that are one token"):
        ask(["zzzz", "qqqq"], [0.5], ["random"], model="builtin-bert", seed=0)


def test_what_is_not_finished_is_not_read():
    (asked,) = ask(
        ["the sea is calm.", "the old man sleeps."], [0.5], ["random"], model="builtin-bert", seed=0
    )

    def load(run: str):
        raise AssertionError(run)

    infilled = infilled_of(asked, [False, False], load)
    assert (infilled.by_text, infilled.asked, infilled.finished) == ((), 2, 0)


def test_bins_hold_what_was_committed():
    table = reliability_table([Infilled("random", (ONE, TWO), 2, 2)])
    assert table["commitments"].tolist() == [1, 3]
    assert table["accuracy"].tolist() == pytest.approx([0.0, 2 / 3])


def test_summaries_are_over_all_ratios_and_each_with_intervals_over_texts():
    table = summary_table([Infilled("random", (ONE, TWO, ONE), 3, 3)], [0.25, 0.5])
    assert table["ratio"].tolist() == [0.0, 0.25, 0.5]
    assert table["commitments"].tolist() == [7, 1, 6]
    whole = table.iloc[0]
    assert whole["accuracy"] == pytest.approx(3 / 7)
    assert whole["accuracy_low"] <= whole["accuracy"] <= whole["accuracy_high"]
    two = summary_table([Infilled("random", (ONE, TWO), 2, 2)], [])
    assert np.isnan(two["ece_low"][0])


def test_the_interval_of_the_calibration_error_lies_about_it():
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(24):
        confidence = rng.uniform(size=4)
        right = rng.uniform(size=4) < confidence
        texts.append(Commitments(confidence, right, np.full(4, 0.5)))
    row = summary_table([Infilled("random", tuple(texts), 24, 24)], []).iloc[0]
    middle = (row["ece_low"] + row["ece_high"]) / 2
    assert row["ece_low"] < row["ece"] < row["ece_high"]
    assert middle == pytest.approx(row["ece"], abs=0.01)
