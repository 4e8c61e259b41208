import numpy as np
import pandas as pd

from dashboard.app_pages.divergence.figures import likeness_curve, likeness_matrix, parting_bars

CURVE = pd.DataFrame(
    {"step": [0, 1], "mean": [1.0, 0.5], "lowest": [1.0, 0.2], "highest": [1.0, 0.8], "pairs": 3}
)


def test_the_mean_lies_in_its_band():
    band, mean = likeness_curve(CURVE, measure="agreement", step=1, mode="light").data
    assert list(mean.y) == [1.0, 0.5]
    assert list(band.y) == [1.0, 0.8, 0.2, 1.0]
    assert "pairs from 0.200 to 0.800" in mean.text[1]
    assert mean.name == "mean of 3 pairs"
    alone = likeness_curve(CURVE.assign(pairs=1), measure="rms", step=1, mode="light")
    assert alone.data[1].name == "the one pair"


def test_every_step_has_a_bar_and_never_is_the_last():
    table = pd.DataFrame({"step": [-1, 2], "pairs": [4, 6]})
    (bars,) = parting_bars(table, steps=3, what="step", mode="dark").data
    assert list(bars.x) == ["0", "1", "2", "3", "never"]
    assert list(bars.y) == [0, 0, 6, 0, 4]


def test_the_matrix_is_ordered_and_a_click_knows_the_runs():
    values = np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.2], [0.9, 0.2, 1.0]])
    figure = likeness_matrix(
        values, (7, 8, 9), measure="agreement", order=(0, 2, 1), chosen=(0, 1), mode="light"
    )
    cells, squares = figure.data
    assert cells.z[0][1] == 0.9
    assert np.isnan(cells.z[0][0])
    assert list(figure.layout.yaxis.ticktext) == ["seed 7", "seed 9", "seed 8"]
    assert squares.customdata[0] == "0,2"
    assert "seed 7 and seed 9" in squares.text[0]
    assert {(shape.x0, shape.y0) for shape in figure.layout.shapes} == {(1.5, -0.5), (-0.5, 1.5)}


def test_many_runs_have_no_numbers_in_their_cells():
    count = 40
    figure = likeness_matrix(
        np.eye(count), range(count), measure="rms", order=range(count), chosen=None, mode="dark"
    )
    assert figure.data[0].texttemplate is None
    assert len(figure.data[1].x) == count * (count - 1)
