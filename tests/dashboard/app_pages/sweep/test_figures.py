import math

from dashboard.app_pages.sweep.figures import label, metric_heatmap


def test_numbers_stand_in_the_cells_and_unfinished_ones_are_blank():
    figure = metric_heatmap(
        [[0.5, math.nan], [0.25, 1234.5]],
        [1.0, None],
        ["<b>sea</b>", "lake"],
        rows="top_k",
        columns="prompt:ocean",
        name="contrast",
        mode="dark",
    )
    trace = figure.data[0]
    assert trace.text == (("0.5", ""), ("0.25", "1.23e+03")) or [list(r) for r in trace.text] == [
        ["0.5", ""],
        ["0.25", "1.23e+03"],
    ]
    assert list(trace.x) == ["&lt;b&gt;sea&lt;/b&gt;", "lake"]
    assert list(trace.y) == ["1", "none"]
    assert figure.layout.xaxis.title.text == "prompt:ocean"


def test_long_values_are_cut():
    assert label("x" * 40) == "x" * 27 + "…"
