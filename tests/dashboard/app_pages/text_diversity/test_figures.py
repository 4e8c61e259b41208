import pandas as pd
import pytest

from dashboard.app_pages.text_diversity.figures import metric_curves, trade_off

NAN = float("nan")
TABLE = pd.DataFrame(
    [
        (2.0, "top-k 5", "vendi", 4.0, 3.0, 5.5, 8),
        (0.5, "top-k 5", "vendi", 2.0, NAN, NAN, 8),
        (0.5, "<i>all</i>", "vendi", 3.0, 2.5, 3.5, 8),
        (2.0, "top-k 5", "log_probability", -1.0, -1.5, -0.5, 8),
        (0.5, "top-k 5", "log_probability", -0.4, -0.5, -0.3, 8),
        (0.5, "<i>all</i>", "log_probability", -0.6, -0.7, -0.5, 8),
    ],
    columns=["temperature", "cut", "measure", "mean", "low", "high", "seeds"],
)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_curves_have_a_panel_a_measure_and_a_line_a_cut(mode):
    figure = metric_curves(TABLE, ["vendi", "log_probability"], chosen=(2.0, "top-k 5"), mode=mode)
    assert [trace.name for trace in figure.data] == ["top-k 5", "&lt;i&gt;all&lt;/i&gt;"] * 2
    assert [bool(trace.showlegend) for trace in figure.data] == [True, True, False, False]
    line = figure.data[0]
    assert list(line.y) == [2.0, 4.0]
    assert list(line.x) == pytest.approx([0.5, 2.0], abs=0.02)
    assert [list(cell) for cell in line.customdata] == [[0.5, "top-k 5"], [2.0, "top-k 5"]]
    assert list(line.error_y.array) == [0, 1.5]
    assert list(line.error_y.arrayminus) == [0, 1.0]
    assert line.marker.size[1] > line.marker.size[0]
    assert "temperature 2, top-k 5, 8 texts" in line.text[1]
    assert "95 % 3.000 to 5.500" in line.text[1]
    assert "nan" not in line.text[0]
    assert len({trace.line.dash for trace in figure.data[:2]}) == 2


def test_the_trade_off_joins_temperatures_in_order_and_names_the_hottest():
    figure = trade_off(TABLE, diversity="vendi", chosen=None, mode="light")
    line = figure.data[0]
    assert list(line.x) == [2.0, 4.0]
    assert list(line.y) == [-0.4, -1.0]
    assert list(line.marker.size) == [10, 20]
    assert [note.text for note in figure.layout.annotations] == ["2", "0.5"]
    assert "Vendi score" in line.text[0]
    assert "log-probability" in line.text[0]


def test_nothing_measured_is_still_a_figure():
    assert len(metric_curves(TABLE[:0], ["vendi"], chosen=None, mode="light").data) == 0
    assert len(trade_off(TABLE[:0], diversity="vendi", chosen=None, mode="dark").data) == 0
