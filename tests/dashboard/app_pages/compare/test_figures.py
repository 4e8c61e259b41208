import numpy as np
import pandas as pd
import pytest

from dashboard.app_pages.compare.figures import (
    DIFFERS,
    curves,
    difference_maps,
    token_differences,
)
from dashboard.figures.boxes import rows_of_boxes
from dashboard.figures.sentence import text_boxes


def test_rows_share_their_columns_and_what_differs_has_a_bar(run):
    rows = [text_boxes(run, step=step, mode="light") for step in (2, 3)]
    apart = [[False] * 5, [False, True, False, False, True]]
    figure = rows_of_boxes(rows, ["seed 0", "<b>"], apart, mode="light")
    bars, _, marks = figure.data
    assert list(bars.base[:5]) == list(bars.base[5:])
    assert list(bars.x[:5]) == list(bars.x[5:])
    assert marks.line.color == DIFFERS
    assert [marks.x[0], marks.x[3]] == [bars.base[1], bars.base[4]]
    assert None in marks.x  # bars are not joined
    assert [each.text for each in figure.layout.annotations] == ["seed 0", "&lt;b&gt;"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_curves_have_a_panel_a_measure_and_a_line_a_run(mode):
    table = pd.DataFrame(
        {
            "run": ["1 (a)"] * 3 + ["2 (<b>)"] * 3,
            "position": [0, 1, 2] * 2,
            "step": [0, 1, 2, 0, 1, 1],
            "agreement": [1, 1, 1, 1, 0.5, np.nan],
            "rms": [0, 0, 0, 0, 2, 3],
        }
    )
    figure = curves(
        table,
        {"agreement": "agreement", "rms": "RMS (std. dev.)"},
        marked=1,
        x_title="share of the way (%)",
        x_scale=50.0,
        mode=mode,
    )
    assert len(figure.data) == 4
    assert list(figure.data[1].x) == [0, 50]  # nan is left out
    assert list(figure.data[3].customdata) == [0, 1, 1]
    assert figure.data[1].name == "2 (&lt;b&gt;)"
    assert {shape.x0 for shape in figure.layout.shapes} == {50}
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 2


def test_positions_that_differ_are_cells_over_the_slider():
    differs = np.zeros((2, 3, 2), bool)
    differs[1, 2, 0] = True
    figure = token_differences(
        differs, ["<b>", "sea"], ["2 (a)", "3 (b)"], first="1 (<i>)", marked=1, x_title="step",
        x_scale=1.0, mode="light",
    )  # fmt: skip
    first, second, *keys = figure.data
    assert [key.name for key in keys] == ["differs from 1 (&lt;i&gt;)", "the same"]
    assert first.z.sum() == 0
    assert second.z[0][2] == 1
    assert second.text[0][2] == "differs"
    assert list(first.y) == ["0 &lt;b&gt;", "1 sea"]


def test_maps_of_a_row_share_a_scale_and_blanks_stay_blank():
    small, large = np.full((2, 2), 0.1), np.full((2, 2), 0.4)
    latents = np.full((1, 1), 3.0)
    figure = difference_maps(
        [("pixels (0 to 1)", [small, large]), ("latents (std. dev.)", [None, latents])],
        ["2 (a)", "3 (b)"],
        mode="dark",
    )
    assert len(figure.data) == 3
    assert figure.layout.coloraxis.cmax == 0.4
    assert figure.layout.coloraxis2.cmax == 3
    assert figure.layout.coloraxis2.colorbar.title.text == "latents (std. dev.)"
    assert [t.coloraxis for t in figure.data] == ["coloraxis", "coloraxis", "coloraxis2"]
    same = difference_maps([("pixels (0 to 1)", [np.zeros((2, 2))])], ["2 (a)"], mode="light")
    assert same.layout.coloraxis.cmax > 0
