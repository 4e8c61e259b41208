import numpy as np

from dashboard.app_pages.fork.family_tree import Node, family_tree
from dashboard.app_pages.fork.figures import effect_map
from engine.metrics.fork_effects import TokenEffects


def test_a_fork_leaves_its_parents_line_at_its_step():
    nodes = [
        Node("a" * 64, None, 0, 12, "", "<i>the</i> sea"),
        Node("b" * 64, "a" * 64, 3, 11, "after step 3: 'dog' at 1", "the dog", chosen=True),
    ]
    figure = family_tree(nodes, mode="light")
    root, fork, dots = figure.data
    assert (list(root.x), list(root.y)) == ([0, 12], [0, 0])
    assert (list(fork.x), list(fork.y)) == ([3, 3, 11], [0, 1, 1])
    assert list(dots.customdata) == ["a" * 64, "b" * 64]
    texts = [note.text for note in figure.layout.annotations]
    assert "&lt;i&gt;the&lt;/i&gt; sea" in texts
    assert list(figure.layout.xaxis.tickvals) == [0, 3, 11, 12]


def test_flipped_tokens_have_dots_and_written_ones_a_frame():
    effects = TokenEffects(
        at=2,
        steps=np.array([3, 4], np.int32),
        flipped=np.array([[True, False], [True, True]]),
        confidence=np.array([[np.nan, 0.2], [np.nan, np.nan]], np.float32),
        written=np.array([0], np.int32),
        free=np.array([1], np.int32),
    )
    figure = effect_map(effects, ["<b>", "sea"], mode="dark")
    assert list(figure.data[1].x) == ["0: &lt;b&gt;", "0: &lt;b&gt;", "1: sea"]
    assert len(figure.layout.shapes) == 1
    assert effects.flipped_at_end.tolist() == [1]
