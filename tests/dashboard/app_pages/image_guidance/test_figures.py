import pandas as pd
import pytest

from dashboard.app_pages.image_guidance.figures import frontier, scale_curves

NAN = float("nan")
TABLE = pd.DataFrame(
    [
        (15.0, "clip_score", 30.0, 29.0, 31.0, 4),
        (1.0, "clip_score", 20.0, 18.0, 23.0, 4),
        (1.0, "vendi", 3.0, 2.5, 3.5, 4),
        (15.0, "vendi", 1.5, NAN, NAN, 4),
    ],
    columns=["guidance", "measure", "mean", "low", "high", "seeds"],
)


def test_the_frontier_joins_the_scales_in_their_order():
    figure = frontier(TABLE, diversity="vendi", chosen=15.0, mode="light")
    (line,) = figure.data
    assert list(line.customdata) == [1.0, 15.0]
    assert list(line.x) == [3.0, 1.5]
    assert list(line.y) == [20.0, 30.0]
    assert list(line.error_y.array) == [3.0, 1.0]
    assert list(line.error_y.arrayminus) == [2.0, 1.0]
    assert list(line.error_x.array) == [0.5, 0.0]
    assert [note.text for note in figure.layout.annotations][:2] == ["1", "15"]
    assert line.marker.size[1] > line.marker.size[0]
    assert "95 % 18.000 to 23.000" in line.text[0]
    assert "nan" not in line.text[1]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_curves_have_a_panel_a_measure_and_a_band_where_it_is_known(mode):
    figure = scale_curves(TABLE, ["clip_score", "vendi"], chosen=1.0, mode=mode)
    band, curve, vendi_band, vendi = figure.data
    assert list(curve.x) == list(curve.customdata) == [1.0, 15.0]
    assert list(band.x) == [1.0, 15.0, 15.0, 1.0]
    assert list(band.y) == [23.0, 31.0, 29.0, 18.0]
    assert list(vendi_band.x) == [1.0, 1.0]
    assert list(vendi.y) == [3.0, 1.5]
    assert len(figure.layout.shapes) == 2


def test_curves_of_nothing_are_still_a_figure():
    assert len(scale_curves(TABLE, [], chosen=5.0, mode="light").data) == 0
