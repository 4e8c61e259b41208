"""What a rule took back, and wrote again, in everything that a page shows of a text run."""

import numpy as np
import pytest

from dashboard.app_pages.text_unmasking import data, figures
from dashboard.app_pages.text_unmasking.line_figures import measure_lines
from dashboard.data import scenes
from dashboard.data.sentence_frames import sentence_pictures
from dashboard.figures.sentence import reveal_confidence, text_boxes
from engine.metrics.changes_of_mind import changes_of_mind
from engine.metrics.unmask_order import order_likeness, reveals
from tests.hand_made_text import MASK, Taken, text_run


@pytest.fixture
def run():
    """Position 0 is written twice, 1 once and 2 is a template's own."""
    return text_run(
        [MASK, MASK, 7],
        [
            Taken({0: 1, 1: 2}, reveals=[0]),
            Taken({1: 3}, reveals=[1], takes_back=[0]),
            Taken({0: 4}, reveals=[], confidence=0.25),
            Taken({0: 5}, reveals=[0], confidence=0.75),
        ],
    )


def test_the_record_has_every_reveal_and_what_stands(run):
    assert run.reveals() == [(1, 0), (2, 1), (4, 0)]
    assert run.takings_back() == [(2, 0)]
    assert run.reveal_step().tolist() == [4, 2, 0]
    assert (run.model_calls, run.tokens_per_call) == (4, 0.5)
    assert (
        data.calls_line(run)
        == "4 steps, 4 times the model was asked: 0.50 tokens a call, 1 taken back"
    )
    assert [r.position for r in reveals(run)] == [0, 1, 0]
    assert order_likeness(run, run) == 1.0
    assert changes_of_mind(run).held[:, 0].tolist() == [1, 1, 4, 5]


def test_the_player_marks_a_token_that_was_taken_back(run):
    panel = scenes.text_panel(run, "")
    frame = panel["frames"][2]
    assert frame["f"] == [scenes.MASKED | scenes.BACK, scenes.FRESH, 0]
    assert panel["words"][frame["w"][0]] == "word1"  # the word that it lost
    assert panel["lines"][2] == (
        "Step 2 of 4 reveals “word3” at 1, and takes back “word1” at 0; 1 masked."
    )
    assert panel["frames"][3]["f"][0] == scenes.MASKED
    assert panel["frames"][4]["c"][0] == 0.75  # as it was when it was revealed last


def test_pictures_and_sentences_show_what_was_taken_back(run):
    assert "word1 was taken back" in text_boxes(run, step=2, mode="light")[0].hover
    assert (
        np.isnan(reveal_confidence(run.steps[1:3], run.length)[0])
        and reveal_confidence(run.steps[1:5], run.length)[0] == 0.75
    )
    drawn = dict(sentence_pictures(run, [1, 2, 3]))
    assert drawn[2].png != drawn[3].png


def test_figures_have_a_dot_a_reveal_and_a_cross_where_it_was_lost(run):
    order = figures.unmask_order(run, step=4, mode="light")
    dots, crosses = order.data
    assert list(zip(dots.x, dots.y, dots.text, strict=True)) == [
        (0, 1, "word1"), (1, 2, "word3"), (0, 4, "word5")
    ]  # fmt: skip
    assert (list(crosses.x), list(crosses.y), list(crosses.text)) == ([0], [2], ["word1"])
    heat = figures.measure_heatmap(run, measure="confidence", step=2, mode="light")
    by_name = {trace.name: trace for trace in heat.data}
    assert list(by_name["revealed"].x) == [1, 2, 4] and list(by_name["taken back"].x) == [2]
    line = measure_lines(run, measure="confidence", step=2, mode="light").data[0]
    assert np.isnan(line.x[1]) and list(line.x[[0, 2, 3]]) == [1, 3, 4]  # no line over the gap
    assert figures.entropy_curve(run, step=2, mode="light").data


def test_a_step_that_found_nothing_masked_has_no_entropy():
    run = text_run(
        [MASK, MASK],
        [
            Taken({0: 1, 1: 2}, reveals=[0, 1]),
            Taken({}, reveals=[], takes_back=[0]),
            Taken({0: 3}, reveals=[0]),
        ],
    )
    curve = figures.entropy_curve(run, step=1, mode="light")
    assert list(curve.data[1].x) == [1, 3]
    assert run.model_calls == 2
