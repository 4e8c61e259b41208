import math

import pytest

from engine.metrics.text_quality import agreement, constraints_kept, repetition, token_entropy


def test_entropy_is_that_of_the_counts():
    assert token_entropy("aaaa") == 0
    assert token_entropy("abcd") == pytest.approx(math.log(4))
    assert token_entropy("aab") == pytest.approx(-(2 / 3 * math.log(2 / 3) + math.log(1 / 3) / 3))
    assert math.isnan(token_entropy(""))


def test_repetition_is_the_share_of_what_was_there_already():
    assert repetition("abcd") == 0
    assert repetition("ababab") == pytest.approx(1 - 2 / 5)
    assert repetition("aaa", 1) == pytest.approx(2 / 3)
    assert math.isnan(repetition("a"))


def test_agreement_counts_positions():
    assert agreement([1, 2, 3, 4], [1, 2, 0, 4]) == 0.75
    assert math.isnan(agreement([], []))
    with pytest.raises(ValueError, match="one length"):
        agreement([1], [1, 2])


def test_constraints_are_words_and_phrases():
    text = "The old sea is calm, don't you see?"
    assert constraints_kept(text, must=["sea", "old sea"], must_not=["se"]) == 1
    assert constraints_kept(text, must=["boat", "SEA"], must_not=["calm"]) == pytest.approx(1 / 3)
    assert constraints_kept(text, must_not=["see you"]) == 1
    assert math.isnan(constraints_kept(text))
