"""A sentence on its way, drawn from hand-made words."""

import math

import pytest

from dashboard.figures.emerging import emerging_sentence
from dashboard.figures.sentence import colours
from dashboard.figures.template import SERIES


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_masks_are_empty_boxes_and_the_last_step_is_framed(mode):
    figure = emerging_sentence(("the", "<b>sea</b>", None), revealed={1}, mode=mode)
    boxes, words = figure.data
    assert list(words.text) == ["the", "&lt;b&gt;sea&lt;/b&gt;", ""]
    assert [c == SERIES[1] for c in boxes.marker.line.color] == [False, True, False]
    assert boxes.marker.color[0] != boxes.marker.color[2]
    assert list(boxes.hovertext) == [
        "position 0: the",
        "position 1: &lt;b&gt;sea&lt;/b&gt;",
        "position 2: masked",
    ]


def test_what_was_revealed_has_the_colour_of_its_confidence():
    words, sure = ("the", "sea", "is"), (math.nan, 0.2, 0.9)
    boxes = emerging_sentence(words, revealed={2}, confidence=sure, mode="light").data[0]
    told = [colours(each, "light")[0] for each in sure]
    assert list(boxes.marker.color) == told
    assert len(set(told)) == 3
