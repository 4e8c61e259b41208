import pytest

from dashboard.figures.contact_sheet import Cell, contact_sheet

SOURCE = "data:image/png;base64,AAAA"
ROWS = [
    [Cell(SOURCE, "guidance 1\nseed <0>", "a"), Cell(SOURCE, "b", "b", marked=True)],
    [Cell("", "not computed"), Cell(SOURCE, "d", "d")],
]


def drawn(**options):
    return contact_sheet(ROWS, ["1", "<b>5</b>"], ["seed 0", "seed 1"], mode="light", **options)


def test_one_pair_of_axes_holds_every_picture_and_one_scatter_the_clicks():
    figure = drawn()
    assert [(i.x, i.y) for i in figure.layout.images] == [(0, 0), (1, 0), (1, 1)]
    (marks,) = figure.data
    assert list(marks.customdata) == ["a", "b", "", "d"]
    assert list(zip(marks.x, marks.y, strict=True)) == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert marks.marker.opacity == marks.unselected.marker.opacity == 0
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]


def test_blank_and_marked_cells_have_a_frame():
    blank, marked = sorted(drawn().layout.shapes, key=lambda shape: shape.line.width)
    assert (blank.x0 + blank.x1, blank.y0 + blank.y1) == (0, 2)
    assert blank.fillcolor is not None
    assert (marked.x0 + marked.x1, marked.y0 + marked.y1) == (2, 0)
    assert marked.fillcolor is None


def test_a_blank_cell_says_why_where_there_is_room():
    (word,) = drawn().layout.annotations
    assert (word.x, word.y, word.text) == (0, 1, "not computed")
    assert not drawn(largest=60).layout.annotations


def test_the_title_of_columns_stands_over_their_middle():
    title = drawn(largest=60, column_title="steps <n>").layout.annotations[0]
    assert (title.x, title.text) == (0.5, "steps &lt;n&gt;")


def test_labels_and_hovers_are_text():
    figure = drawn()
    assert figure.layout.yaxis.ticktext == ("1", "&lt;b&gt;5&lt;/b&gt;")
    assert figure.data[0].text[0] == "guidance 1<br>seed &lt;0&gt;"


def test_pictures_keep_their_shape():
    wide, square = drawn(aspect=2.0), drawn()
    assert wide.layout.yaxis.scaleratio == 0.5
    assert wide.layout.height < square.layout.height


@pytest.mark.parametrize("rows", [[], [[]]])
def test_an_empty_sheet_is_still_a_figure(rows):
    assert len(contact_sheet(rows, [], [], mode="dark").layout.images) == 0


def test_hundreds_of_pictures_stay_one_trace():
    rows = [[Cell(SOURCE, "h", f"{r}-{c}") for c in range(64)] for r in range(4)]
    figure = contact_sheet(rows, list("1234"), [str(c) for c in range(64)], mode="light")
    assert len(figure.data) == 1
    assert len(figure.layout.images) == 256


def test_tables_stand_apart_and_a_badge_stands_in_its_cell():
    figure = drawn(column_groups=[0, 1])
    assert [(i.x, i.y) for i in figure.layout.images] == [(0, 0), (1.16, 0), (1.16, 1)]
    assert list(figure.layout.xaxis.tickvals) == [0, 1.16]
    starred = contact_sheet([[Cell(SOURCE, "a", "a", badge="★ <5>")]], ["1"], ["2"], mode="dark")
    (badge,) = starred.layout.annotations
    assert badge.text == "★ &lt;5&gt;"
    assert (badge.x, badge.y) == (-0.47, -0.47)
