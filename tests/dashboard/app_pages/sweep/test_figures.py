import math

from dashboard.app_pages.sweep.figures import label, metric_heatmap


def test_numbers_stand_in_the_cells_and_unfinished_ones_are_blank():
    figure = metric_heatmap(
        [[0.5, math.nan], [0.25, 1234.5]],
        ["1", "none"],
        ["<b>sea</b>", "lake"],
        runs=[["r1", ""], ["r2", "r3"]],
        rows="top_k",
        columns="prompt:ocean",
        name="contrast",
        mode="dark",
    )
    numbers = {(n.y, n.x): (n.text, n.font.color) for n in figure.layout.annotations}
    assert numbers == {  # white on the dark end of the scale
        (0, 0): ("0.5", "#ffffff"), (1, 0): ("0.25", "#ffffff"), (1, 1): ("1.23e+03", "#10191f"),
    }  # fmt: skip
    assert list(figure.layout.xaxis.ticktext) == ["&lt;b&gt;sea&lt;/b&gt;", "lake"]
    assert list(figure.layout.yaxis.ticktext) == ["1", "none"]
    targets = figure.data[1]
    assert list(targets.customdata) == ["r1", "", "r2", "r3"]
    assert "not finished" in targets.text[1] and "&lt;b&gt;sea" in targets.text[2]
    assert figure.layout.xaxis.title.text == "prompt:ocean"


def test_a_hover_reads_the_words_of_a_cell_as_they_are():
    figure = metric_heatmap(
        [[0.5, 0.25]],
        ["1"],
        ["a", "b"],
        runs=[["r1", "r2"]],
        words=[["the <a href=x>sea</a>", ""]],
        rows="seed",
        columns="top_k",
        name="confidence",
        mode="light",
    )
    assert "the &lt;a href=x&gt;sea&lt;/a&gt;" in figure.data[1].text[0]


def test_long_values_are_cut():
    assert label("x" * 40) == "x" * 27 + "…"
