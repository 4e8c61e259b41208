"""A sentence on its way, drawn from hand-made words."""

import pytest

from dashboard.figures.emerging import emerging_sentence
from dashboard.figures.template import SERIES


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_masks_are_empty_boxes_and_the_last_step_is_framed(mode):
    figure = emerging_sentence(("the", "<b>sea</b>", None), revealed={1}, mode=mode)
    shapes, words = figure.layout.shapes, [a.text for a in figure.layout.annotations]
    assert words == ["the", "&lt;b&gt;sea&lt;/b&gt;", ""]
    assert [shape.line.color == SERIES[1] for shape in shapes] == [False, True, False]
    assert shapes[0].fillcolor != shapes[2].fillcolor
    assert list(figure.data[0].text) == [
        "position 0: the",
        "position 1: &lt;b&gt;sea&lt;/b&gt;",
        "position 2: masked",
    ]
