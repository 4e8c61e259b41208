"""Finding runs by words: what was typed is what is found."""

import pytest

from dashboard.data.finding import asked_for, holds

RUN = (
    "ab12cd builtin-sd a slowly flying owl at 12 o'clock, seed 3, 4 steps, guidance 5, top-k 5, "
    "guidance 5 seed 3 steps 4 temperature 1.2 夕焼けの海"
)


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("guidance 5", True),
        ("guidance 4", False),
        ("guidance=5", True),
        ("guidance 5.0", True),
        ("4 steps", True),
        ("steps 4", True),
        ("5 steps", False),
        ("seed 3 guidance 5", True),
        ("seed 5", False),
        ("temperature 1.2", True),
        ("temperature 1", False),
        ("top-k 5", True),
        ("owl", True),
        ("OWL slow", True),
        ("lowly", False),
        ("12", True),
        ("2", False),
        ("ab12", True),
        ("builtin-sd", True),
        ("sd", True),
        ("焼け", True),
        ("calm", False),
        ("", True),
    ],
)
def test_words_are_whole_and_numbers_exact(typed, held):
    assert holds(RUN, asked_for(typed)) == held


def test_the_beginning_of_an_id_may_be_all_digits():
    assert holds("12345678ab a sea", asked_for("12345678"))
    assert not holds("a sea 12345678ab", asked_for("12345678"))
