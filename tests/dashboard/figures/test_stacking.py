"""Panels side by side, one below the other."""

import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from dashboard.figures.contact_sheet import Cell, contact_sheet
from dashboard.figures.printed import Wanted, printed
from dashboard.figures.stacking import stacked


def side_by_side(columns=3):
    titles = [f"panel {i}" for i in range(columns)]
    figure = make_subplots(1, columns, subplot_titles=titles)
    for column in range(1, columns + 1):
        figure.add_trace(go.Scatter(x=[0, 1], y=[column, 2]), row=1, col=column)
    figure.add_vline(x=0.5)
    figure.update_layout(height=300, legend={"y": -0.2})
    return figure


def test_panels_have_the_whole_width_one_below_the_other():
    figure = side_by_side()
    drawn = stacked(figure)
    axes = [(drawn.layout[f"xaxis{n}"], drawn.layout[f"yaxis{n}"]) for n in ("", "2", "3")]
    assert all(x.domain == (0, 1) for x, _ in axes)
    edges = [edge for _, y in axes for edge in reversed(y.domain)]
    assert edges == sorted(edges, reverse=True)
    assert edges[0] == 1
    assert edges[-1] == pytest.approx(0)
    titles = drawn.layout.annotations
    assert [title.text for title in titles] == ["panel 0", "panel 1", "panel 2"]
    assert [title.y for title in titles] == [y.domain[1] for _, y in axes]
    assert {title.x for title in titles} == {0.5}
    assert drawn.layout.height > 2 * figure.layout.height
    assert drawn.layout.legend.y > figure.layout.legend.y
    assert len(drawn.layout.shapes) == 3
    assert figure.layout.xaxis.domain != (0, 1)  # what is given stays as it is


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(go.Scatter(x=[0], y=[0])),
        make_subplots(2, 1).add_trace(go.Scatter(y=[0]), 1, 1).add_trace(go.Scatter(y=[0]), 2, 1),
        make_subplots(1, 2)
        .add_trace(go.Heatmap(z=[[0]]), 1, 1)
        .add_trace(go.Heatmap(z=[[0]]), 1, 2),
        go.Figure(),
    ],
    ids=["one panel", "stacked already", "maps", "nothing"],
)
def test_other_figures_stay_as_they_are(figure):
    assert stacked(figure) is figure


def test_one_column_of_a_page_stacks_and_two_do_not():
    one = printed(side_by_side(), Wanted("one column", 8))
    two = printed(side_by_side(), Wanted("two columns", 8))
    assert one.layout.xaxis3.domain == (0, 1)
    assert two.layout.xaxis3.domain[0] > 0.5
    assert one.layout.height > two.layout.height


@pytest.mark.parametrize("made_for", ["one column", "two columns", "screen"])
def test_pictures_in_rows_fill_the_width_they_are_printed_in(made_for):
    cells = [[Cell("data:image/png;base64,", "h")] * 3] * 2
    sheet = contact_sheet(cells, ["4", "7.5"], ["0", "1", "2"], mode="light", largest=160)
    layout = printed(sheet, Wanted(made_for, 8)).layout
    low, high = layout.xaxis.range
    assert (low, high) == (-0.5, 2.5)
    room = layout.width - layout.margin.l - layout.margin.r
    pictures = layout.height - layout.margin.t - layout.margin.b
    assert 0.75 * room < pictures * 3 / 2 <= room
