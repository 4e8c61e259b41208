import pytest

from dashboard.app_pages.text_unmasking.figures import measure_heatmap
from dashboard.figures.sentence import sentence_figure
from dashboard.figures.template import ROOM, enlarged, step_mark


def test_every_font_is_larger_and_nothing_else_is_lost(run):
    figure = measure_heatmap(run, measure="confidence", step=2, mode="dark")
    spec = enlarged(figure)
    size = figure.layout.template.layout.font.size
    assert spec["layout"]["template"]["layout"]["font"]["size"] == pytest.approx(size * ROOM)
    assert spec["layout"]["height"] > figure.layout.height
    assert len(spec["data"]) == len(figure.data)
    assert spec["data"][1]["marker"]["size"] == figure.data[1].marker.size
    assert figure.layout.template.layout.font.size == size  # the figure itself stays


def test_words_in_boxes_grow_too(run):
    figure = sentence_figure(run, step=2, mode="light")
    words = enlarged(figure, 2.0)["data"][1]
    assert words["textfont"]["size"] == 2 * figure.data[1].textfont.size
    assert list(words["textfont"]["color"]) == list(figure.data[1].textfont.color)


def test_a_mark_names_its_panel():
    assert step_mark(3, "light")["xref"] == "x"
    assert step_mark(3, "light", axis="2")["yref"] == "y2 domain"
