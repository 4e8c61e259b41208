"""Changes of mind in a sentence, a table and a figure, on runs made by hand."""

import numpy as np
import pytest

from dashboard.app_pages.text_unmasking.change_figures import held_heatmap
from dashboard.app_pages.text_unmasking.data import change_line, change_table
from engine.metrics.changes_of_mind import changes_of_mind
from tests.hand_made_text import MASK, Taken, text_run

WAVERING = [
    Taken({0: 5, 2: 7, 3: 9}, [0], confidence=0.2),
    Taken({2: 8, 3: 9}, [], confidence=0.4),
    Taken({2: 7, 3: 6}, [2], confidence=0.6),
    Taken({3: 9}, [3], confidence=0.8),
]


@pytest.fixture
def wavering():
    return text_run([MASK, 3, MASK, MASK], WAVERING)


def test_the_sentence_says_when_and_how_often(wavering):
    line = change_line(wavering, changes_of_mind(wavering))
    assert line.startswith("From step 4 of 4 on the sentence as it would read is the final one: ")
    assert "“word5 word3 word7 word9”" in line
    assert line.endswith(
        "2 of 3 positions changed the held token, 4 times in all; 2 held the final token and "
        "lost it again."
    )


def test_of_a_text_that_never_wavered_it_says_so():
    run = text_run([MASK], [Taken({0: 5}, [0])])
    assert change_line(run, changes_of_mind(run)).endswith("No position changed its token.")
    words = text_run([3], [Taken({}, ())])
    assert "nothing changed" in change_line(words, changes_of_mind(words))


def test_the_table_has_a_row_for_each_position_that_was_masked(wavering):
    table = change_table(wavering, changes_of_mind(wavering))
    assert table["position"].tolist() == [0, 2, 3]
    assert table["changes"].tolist() == [0, 2, 2]
    assert table["first_held_final"].tolist() == [1, 1, 1]
    assert table["lost_it_again"].tolist() == [False, True, True]
    assert table["revealed_by_step"].tolist() == [1, 3, 4]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_figure_marks_changes_and_frames_final_tokens(wavering, mode):
    heat, frames, marks = held_heatmap(wavering, changes_of_mind(wavering), step=2, mode=mode).data
    assert np.array(heat.z, float)[0].tolist() == pytest.approx(
        [0.2, *[float("nan")] * 3], nan_ok=True
    )
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert heat.text[2][1] == "holds word8 (0.400)<br>held word7 before"
    assert heat.text[3][1] == "holds word9 (0.400)<br>its final token"
    assert list(zip(marks.x, marks.y, strict=True)) == [(2, 2), (3, 2), (3, 3), (4, 3)]
    corners = [x for x in frames.x if x is not None]
    assert len(corners) == 5 * 5  # 0: one cell; 2: two apart; 3: one of two cells, one of one
    assert max(np.diff(corners[3 * 5 : 4 * 5])) == pytest.approx(1.94)


def test_a_hostile_token_is_no_markup_in_the_figure(run):
    figure = held_heatmap(run, changes_of_mind(run), step=1, mode="light")
    assert "<b>sea" not in str(figure.data[0].text) + str(figure.layout.yaxis.ticktext)
    # what was not judged is the page, not a colour that could be a value
    assert figure.layout.plot_bgcolor is None


def test_of_very_many_cells_no_words_are_held(wavering, monkeypatch):
    monkeypatch.setattr("dashboard.app_pages.text_unmasking.change_figures.WORDED", 3)
    heat = held_heatmap(wavering, changes_of_mind(wavering), step=2, mode="light").data[0]
    assert heat.text is None
