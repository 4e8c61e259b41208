import numpy as np

from dashboard.app_pages.fork.family_tree import TALL, Node, family_tree
from dashboard.app_pages.fork.figures import effect_map
from engine.metrics.fork_effects import TokenEffects


def test_a_fork_leaves_its_parents_line_at_its_step():
    nodes = [
        Node("a" * 64, None, 0, 12, "", "<i>the</i> sea"),
        Node("b" * 64, "a" * 64, 3, 11, "after step 3: 'dog' at 1", "the dog", chosen=True),
    ]
    figure = family_tree(nodes, mode="light")
    root, fork, fork_way, root_way, dots = figure.data
    assert (list(root.x), list(root.y)) == ([0, 12], [0, 0])
    assert (list(fork.x), list(fork.y)) == ([3, 3, 11], [0, 1, 1])
    assert (list(fork_way.x), list(fork_way.y)) == ([3, 3, 11], [0, 1, 1])
    assert (list(root_way.x), list(root_way.y)) == ([0, 3], [0, 0])  # what the two share
    assert fork_way.line.color == root_way.line.color != root.line.color
    assert list(dots.customdata) == ["a" * 64, "b" * 64]
    texts = [note.text for note in figure.layout.annotations]
    assert "&lt;i&gt;the&lt;/i&gt; sea" in texts
    assert list(figure.layout.xaxis.tickvals) == [0, 3, 11, 12]


def test_no_line_crosses_another_for_the_latest_forks_come_first():
    root, early, late, twin, nested = (letter * 64 for letter in "abcde")
    nodes = [
        Node(root, None, 0, 12, "", ""),
        Node(early, root, 2, 12, "", ""),
        Node(late, root, 8, 12, "", ""),
        Node(twin, root, 8, 12, "", ""),
        Node(nested, early, 5, 12, "", ""),
    ]
    figure = family_tree(nodes, mode="light")
    assert list(figure.data[-1].customdata) == [root, late, twin, early, nested]
    falls = [(t.x[0], *sorted(t.y[:2])) for t in figure.data[:5] if len(t.x) == 3]
    lines = [(t.y[-1], t.x[-2], t.x[-1]) for t in figure.data[:5]]
    for x, top, bottom in falls:
        assert not [row for row, begin, end in lines if top < row < bottom and begin < x < end]


def test_a_tall_tree_has_its_steps_above():
    many = [Node(f"{i:064x}", None, 0, 3, "", "") for i in range(TALL + 1)]
    assert family_tree(many, mode="dark").layout.xaxis.side == "top"
    assert family_tree(many[:2], mode="dark").layout.xaxis.side is None


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
