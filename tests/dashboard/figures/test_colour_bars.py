"""Colour bars on their side, each below the maps that it explains."""

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from dashboard.app_pages.compare.figures import difference_maps
from dashboard.figures.colour_bars import bars_beneath
from dashboard.figures.printed import Wanted, printed

WIDTH = 350


def in_pixels(figure, row):
    """From the top of a row's maps to their foot, measured from the top of the plot."""
    layout = figure.layout
    paper = layout.height - layout.margin.t - layout.margin.b
    foot, top = layout[row].domain
    return (1 - top) * paper, (1 - foot) * paper


def test_maps_of_pictures_have_all_the_width_and_a_bar_below_each_row():
    maps = [np.ones((8, 8)), np.zeros((8, 8))]
    figure = difference_maps([("pixels", maps), ("latents", maps)], ["a", "b", "c"], mode="light")
    drawn = bars_beneath(figure, WIDTH)
    (first, foot), (second, last) = (in_pixels(drawn, row) for row in ("yaxis", "yaxis4"))
    wide = (drawn.layout.xaxis.domain[1] - drawn.layout.xaxis.domain[0]) * WIDTH
    assert first == 0
    assert drawn.layout.yaxis3.domain == drawn.layout.yaxis.domain  # a panel without a map, too
    assert foot == pytest.approx(wide, abs=2)  # a square
    bars = [drawn.layout[name].colorbar for name in ("coloraxis", "coloraxis2")]
    assert [bar.orientation for bar in bars] == ["h", "h"]
    assert [bar.title.text for bar in bars] == ["pixels", "latents"]
    layout = drawn.layout
    paper = layout.height - layout.margin.t - layout.margin.b
    heads = [(1 - bar.y) * paper for bar in bars]
    assert foot < heads[0] < second
    assert last < heads[1] < paper + layout.margin.b
    assert drawn.layout.height < figure.layout.height
    assert figure.layout.coloraxis.colorbar.orientation is None  # what is given stays as it is


def test_a_heatmap_keeps_its_height_and_a_long_title_has_lines():
    words = "confidence in the token that is held, of the model's own distribution"
    heat = go.Heatmap(z=[[0, 1], [1, 0]], colorbar={"title": {"text": words}})
    figure = go.Figure(heat).update_layout(height=400, margin={"t": 50, "b": 50})
    drawn = bars_beneath(figure, WIDTH)
    top, foot = in_pixels(drawn, "yaxis")
    assert foot - top == pytest.approx(300, abs=1)
    bar = drawn.data[0].colorbar
    lines = bar.title.text.split("<br>")
    assert " ".join(lines) == words
    assert max(map(len, lines)) * 9 <= WIDTH
    short = bars_beneath(figure.update_traces(colorbar_title_text="short"), WIDTH)
    assert drawn.layout.height - short.layout.height == 22 * (len(lines) - 1)


def test_words_along_the_axis_have_room_above_the_bar():
    def below(x, **axis):
        figure = go.Figure(go.Heatmap(z=[[0, 1]], x=x)).update_xaxes(**axis)
        return bars_beneath(figure, WIDTH).layout.margin.b

    assert below(["seed 0", "seed 1"]) > below([0, 1])
    assert below([0, 1], ticktext=["seed 0", "seed 1"]) > below([0, 1])
    assert below([0, 1], title_text="step") > below([0, 1])
    assert below([0, 1], side="top") < below([0, 1])


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(go.Scatter(x=[0], y=[0])),
        go.Figure(go.Heatmap(z=[[0]], showscale=False)),
        make_subplots(1, 2).add_trace(go.Heatmap(z=[[0]], name="a", showlegend=True), 1, 1)
        .add_trace(go.Scatter(y=[0], name="b"), 1, 2),
    ],
    ids=["no map", "no bar", "a legend below"],
)  # fmt: skip
def test_other_figures_stay_as_they_are(figure):
    assert bars_beneath(figure, WIDTH) is figure


def test_one_column_of_a_page_has_them_beneath_and_two_have_not():
    maps = [np.ones((8, 8))]
    figure = difference_maps([("pixels", maps)], ["a"], mode="light")
    assert printed(figure, Wanted("one column", 8)).layout.coloraxis.colorbar.orientation == "h"
    assert printed(figure, Wanted("two columns", 8)).layout.coloraxis.colorbar.orientation is None
