"""A figure for a column, a page, a slide: its size, its type, its colours."""

import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.colors import sample_colorscale
from plotly.subplots import make_subplots

from dashboard.figures.printed import Wanted, at_most_wide, for_phone, on_dark, printed
from dashboard.figures.template import (
    BLUE_ON_DARK,
    GRID,
    INK,
    OPENED,
    PAPER,
    SCALE,
    SERIES,
    as_text,
    house_template,
    new_figure,
)


def figure(mode):
    drawn = go.Figure(
        go.Scatter(
            x=[0, 1], y=[1, 2], mode="lines+markers", line={"width": 3},
            marker={"size": [8, 12], "color": SERIES[0]}, text=["#16232b", "a"],
        ),
        layout={"template": house_template(mode), "height": 300},
    )  # fmt: skip
    drawn.add_annotation(text="a", font={"size": 14, "color": INK[mode]})
    return drawn


@pytest.mark.parametrize(
    ("made_for", "points", "width"), [("one column", 8, 321), ("two columns", 9, 680)]
)
def test_a_column_is_as_wide_as_it_says_and_all_sizes_go_with_the_type(made_for, points, width):
    scale = points * 96 / 72 / 15
    drawn = printed(figure("light"), Wanted(made_for=made_for, points=points))
    assert drawn.layout.width == width
    assert drawn.layout.height == pytest.approx(300 * scale)
    assert drawn.layout.template.layout.font.size == pytest.approx(points * 96 / 72)
    assert drawn.layout.annotations[0].font.size == pytest.approx(14 * scale)
    assert drawn.data[0].line.width == pytest.approx(3 * scale)
    assert list(drawn.data[0].marker.size) == pytest.approx([8 * scale, 12 * scale])
    assert list(drawn.data[0].y) == [1, 2]  # no number of the data


def test_what_is_open_on_the_page_is_not_marked_in_a_file():
    shown = figure("light")
    shown.add_scatter(x=[1], y=[2], mode="markers", meta=OPENED)
    shown.add_shape(type="rect", x0=0, x1=1, y0=0, y1=1, name=OPENED)
    shown.add_shape(type="line", x0=0, x1=1, y0=1, y1=1)
    drawn = printed(shown, Wanted())
    assert len(drawn.data) == 1
    assert [shape.type for shape in drawn.layout.shapes] == ["line"]
    assert len(shown.data) == 2


@pytest.mark.parametrize(("made_for", "below"), [("one column", True), ("two columns", False)])
def test_in_a_column_a_legend_beside_the_axes_stands_below_them(made_for, below):
    shown = figure("light")
    shown.add_scatter(x=pd.Series([0], index=[7]), y=[1], name="a sampler").update_traces(
        name="b", selector=0
    )
    shown.update_layout(legend={"orientation": "v", "x": 1.02, "y": 0.94})
    legend = printed(shown, Wanted(made_for=made_for, points=8)).layout.legend
    assert (legend.yref == "container") is below
    assert (legend.orientation == "h") is below


def test_a_note_that_would_run_out_of_a_column_is_broken():
    words = "about as far as the <b>reference</b> is from where it goes"
    shown = figure("light")
    shown.update_xaxes(range=[0, 10])
    for x, ref in ((0.5, "x domain"), (6, "x"), (0, "paper")):
        shown.add_annotation(x=x, xref=ref, y=1, text=as_text(words), xanchor="left",
                             showarrow=False, font={"size": 14})  # fmt: skip
    _, half, most, none = printed(shown, Wanted("one column", 8)).layout.annotations
    lines = [note.text.split("<br>") for note in (none, half, most)]
    assert len(lines[0]) < len(lines[1]) <= len(lines[2])
    assert all(" ".join(each) == as_text(words) for each in lines)
    assert half.align == "left"
    wide = printed(shown, Wanted("two columns", 8)).layout.annotations
    assert wide[1].text == as_text(words)


def test_a_slide_is_sixteen_by_nine():
    drawn = printed(figure("light"), Wanted(made_for="slide", points=18))
    assert drawn.layout.height == round(drawn.layout.width * 9 / 16)


@pytest.mark.parametrize(("shown", "asked"), [("dark", "light"), ("light", "dark")])
def test_colours_are_those_of_the_background_whatever_was_shown(shown, asked):
    drawn = printed(figure(shown), Wanted(background=asked))
    assert drawn.layout.annotations[0].font.color == INK[asked]
    assert drawn.layout.template.layout.paper_bgcolor == PAPER[asked]
    assert drawn.layout.template.layout.xaxis.gridcolor == GRID[asked]
    assert drawn.data[0].marker.color == (SERIES[0] if asked == "light" else BLUE_ON_DARK)


def test_a_colour_on_the_scale_keeps_its_place_on_the_other():
    values = [0.0, 0.3, 0.62, 1.0]
    bars = go.Figure(go.Bar(y=values, marker={"color": sample_colorscale(SCALE["dark"], values)}))
    drawn = printed(bars, Wanted(background="light"))
    wanted = sample_colorscale(SCALE["light"], values)
    for colour, other in zip(drawn.data[0].marker.color, wanted, strict=True):
        one, two = ([int(c) for c in each[4:-1].split(",")] for each in (colour, other))
        assert max(abs(a - b) for a, b in zip(one, two, strict=True)) <= 3


def test_title_and_caption_have_room_of_their_own_and_are_text():
    plain = printed(figure("light"), Wanted())
    drawn = printed(figure("light"), Wanted(title="<b>a</b>", caption="word " * 70))
    assert drawn.layout.annotations[-1].text == "&lt;b&gt;a&lt;/b&gt;"
    assert drawn.layout.height > plain.layout.height + 40
    assert drawn.layout.margin.t > 50
    assert drawn.layout.title.text.count("<br>") >= 1
    assert drawn.layout.margin.b > 80


def test_transparent_has_no_paper():
    drawn = printed(figure("dark"), Wanted(background="transparent"))
    assert drawn.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert drawn.layout.annotations[0].font.color == INK["light"]


@pytest.mark.parametrize("caption", ["", "What it shows."])
def test_a_legend_below_the_axes_has_room_of_its_own(caption):
    figure = new_figure(mode="light", title="", height=420)
    for name in range(12):
        figure.add_scatter(x=[0, 1], y=[0, name], name=f"{name} word")
    figure.update_xaxes(title_text="step")
    narrow, wide = (
        printed(figure, Wanted(made_for=made_for, points=8.0, caption=caption))
        for made_for in ("one column", "two columns")
    )
    for each in (narrow, wide):
        assert each.layout.legend.yref == "container"
        assert (each.layout.legend.y > 0) == bool(caption)  # above the caption
    assert narrow.layout.margin.b > wide.layout.margin.b  # more rows of the same names
    assert narrow.layout.height > wide.layout.height
    one = new_figure(mode="light", title="", height=420)
    one.add_scatter(x=[0, 1], y=[0, 1], name="alone")
    assert printed(one, Wanted(made_for="one column", points=8.0)).layout.legend.yref is None


def test_a_figure_that_is_too_wide_is_shown_smaller_as_a_whole():
    slide = printed(figure("light"), Wanted(made_for="slide", points=18))
    small = at_most_wide(slide, 480)
    assert small.layout.width == 480
    assert small.layout.height == 270
    shrunk = 480 / slide.layout.width
    assert small.data[0].line.width == pytest.approx(slide.data[0].line.width * shrunk)
    assert at_most_wide(slide, 2000) is slide


def test_on_a_phone_the_legend_has_room_below_the_axes():
    drawn = go.Figure([go.Scatter(y=[1, 2], name=f"a longer name {i}") for i in range(8)])
    drawn.update_layout(height=300, legend={"y": -0.2, "orientation": "h"}, margin={"b": 40})
    shown = for_phone(drawn)
    assert shown.layout.width is None
    assert shown.layout.legend.yref == "container"
    assert shown.layout.height - shown.layout.margin.b == pytest.approx(300 - 40)
    assert shown.layout.margin.b > 150
    assert drawn.layout.height == 300


def test_on_a_phone_what_explains_several_panels_stands_above_them():
    panels = make_subplots(1, 2, subplot_titles=["a", "b"])
    for column in (1, 2):
        for name in ("seed 0", "seed 1"):
            panels.add_scatter(y=[0, 1], name=name, showlegend=column == 1, row=1, col=column)
    panels.update_layout(legend={"orientation": "h", "y": -0.2}, margin={"t": 50})
    shown = for_phone(panels)
    assert (shown.layout.legend.y, shown.layout.legend.yanchor) == (1, "top")
    assert shown.layout.margin.t > 50


def test_on_a_phone_numbers_lie_and_titles_have_lines():
    figure = go.Figure(go.Scatter(x=list(range(13)), y=list(range(13))))
    said = "step at which two texts first differ (a mask is a token, too)"
    figure.update_xaxes(dtick=1, title_text=said)
    axis = for_phone(figure).layout.xaxis
    assert (axis.dtick, axis.tickangle) == (2, 0)
    lines = axis.title.text.split("<br>")
    assert " ".join(lines) == said
    assert max(map(len, lines)) <= 26


def test_on_a_dark_page_the_first_blue_is_light_enough_and_the_figure_stays():
    figure = go.Figure(go.Scatter(y=[1], line={"color": SERIES[0]}, marker={"color": [SERIES[0]]}))
    figure.add_shape(type="line", line={"color": SERIES[0]})
    shown = on_dark(figure)
    (trace,) = shown["data"]
    assert trace["line"]["color"] == shown["layout"]["shapes"][0]["line"]["color"] == BLUE_ON_DARK
    assert trace["marker"]["color"] == [BLUE_ON_DARK]
    assert figure.data[0].line.color == SERIES[0]
    assert printed(figure, Wanted(background="dark")).data[0].line.color == BLUE_ON_DARK
    assert printed(figure, Wanted(background="light")).data[0].line.color == SERIES[0]
