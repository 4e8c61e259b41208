import numpy as np
import pytest

from dashboard.app_pages.prompts.figures import picture_heatmap, similarity_heatmap, token_heatmap
from dashboard.figures.template import DIVERGING, SCALE

PROMPTS = ["a <b>cat</b>", "a dog"]


def heat_of(figure):
    return next(trace for trace in figure.data if trace.type == "heatmap")


def colours_of(figure):
    return [list(pair) for pair in heat_of(figure).colorscale]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_values_stand_in_cells_and_the_diagonal_is_out_of_the_scale(mode):
    cosines = np.array([[1, 0.2, 0.4], [0.2, 1, 0.6], [0.4, 0.6, 1]])
    figure = similarity_heatmap(cosines, [*PROMPTS, "the sea"], chosen=(0, 2), mode=mode)
    heat = heat_of(figure)
    assert np.isnan(np.diag(heat.z)).all()
    assert (heat.zmin, heat.zmax) == (0.2, 0.6)
    assert colours_of(figure) == SCALE[mode]
    assert [note.text for note in figure.layout.annotations][:3] == ["1.00", "0.20", "0.40"]
    assert len(figure.layout.shapes) == 2  # the pair, both ways
    assert list(figure.data[1].customdata)[:3] == ["0,0", "0,1", "0,2"]


def test_colours_go_both_ways_only_where_signs_differ():
    figure = similarity_heatmap(
        np.array([[1, -0.3], [-0.3, 1]]), PROMPTS, chosen=None, mode="light"
    )
    assert colours_of(figure) == SCALE["light"]
    cosines = np.array([[1, -0.3, 0.5], [-0.3, 1, 0.1], [0.5, 0.1, 1]])
    figure = similarity_heatmap(cosines, [*PROMPTS, "c"], chosen=None, mode="light")
    assert colours_of(figure) == DIVERGING["light"]
    assert (heat_of(figure).zmin, heat_of(figure).zmax) == (-0.5, 0.5)


def test_near_equal_values_do_not_span_the_whole_scale():
    figure = similarity_heatmap(
        np.array([[1, 0.99], [0.99, 1]]), PROMPTS, chosen=None, mode="light"
    )
    assert heat_of(figure).zmax - heat_of(figure).zmin == pytest.approx(0.1)


def test_a_prompt_is_text_and_never_markup():
    figure = similarity_heatmap(np.eye(2), PROMPTS, chosen=None, mode="dark")
    labels = [*figure.layout.xaxis.ticktext, *figure.layout.yaxis.ticktext, *figure.data[1].text]
    assert any("&lt;b&gt;" in label for label in labels)
    assert not any("<b>" in label for label in labels)
    tokens = token_heatmap(
        np.eye(3), ["(s)", "<i>", "(e)"], ["(s)", "x", "(e)"], mode="dark", numbers=(1, 2)
    )
    assert "<i>" not in [*tokens.layout.yaxis.ticktext, *tokens.data[1].text]


def test_many_prompts_are_numbered_and_long_ones_cut():
    many = similarity_heatmap(np.eye(80), ["word " * 300] * 80, chosen=None, mode="light")
    assert many.layout.yaxis.ticktext[79] == "80"
    assert len(many.data) == 1  # nothing to click among 6400 cells
    assert not many.layout.annotations
    few = similarity_heatmap(np.eye(2), ["word " * 300] * 2, chosen=None, mode="light")
    assert max(len(label) for label in few.layout.yaxis.ticktext) < 120
    assert "…" in few.layout.yaxis.ticktext[0]


def test_start_and_end_tokens_are_set_off_and_the_two_starts_blank():
    cosines = np.full((4, 3), 0.5)
    figure = token_heatmap(
        cosines, ["s", "a", "b", "e"], ["s", "a", "e"], mode="light", numbers=(1, 2)
    )
    assert np.isnan(heat_of(figure).z[0][0])
    assert not np.isnan(heat_of(figure).z[0][1])
    lines = {(shape.x0, shape.y0) for shape in figure.layout.shapes}
    assert lines == {(0, 0.5), (0, 2.5), (0.5, 0), (1.5, 0)}


def test_pictures_stand_over_their_columns():
    values = np.array([[0.9, 0.2], [0.1, 0.8]])
    figure = picture_heatmap(
        values, PROMPTS, ["data:image/png;base64,AA==", ""], ["1: x", "2: y"], shares=True,
        mode="light",
    )  # fmt: skip
    assert [image.x for image in figure.layout.images] == [0]
    assert (heat_of(figure).zmin, heat_of(figure).zmax) == (0, 1)
    assert "share 0.900" in figure.data[1].text[0]
    cosines = picture_heatmap(values, PROMPTS, ["", ""], ["1", "2"], shares=False, mode="light")
    assert (heat_of(cosines).zmin, heat_of(cosines).zmax) == (0.1, 0.9)
