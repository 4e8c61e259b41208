import pandas as pd

from dashboard.app_pages.calibration.figures import accuracy_by_ratio, reliability_diagram

BINS = pd.DataFrame(
    [("random", 0.9, 1.0, 40, 0.95, 0.5), ("confidence", 0.1, 0.2, 10, 0.15, 0.1)],
    columns=["order", "low", "high", "commitments", "confidence", "accuracy"],
)
SUMMARY = pd.DataFrame(
    [
        ("random", 0.0, 9, 60, 0.9, 0.4, 0.3, 0.5),
        ("random", 0.5, 9, 40, 0.9, 0.3, 0.2, 0.5),
        ("random", 0.25, 9, 20, 0.9, 0.6, float("nan"), float("nan")),
    ],
    columns=["order", "ratio", "texts", "commitments", "mean_confidence", "accuracy",
             "accuracy_low", "accuracy_high"],
)  # fmt: skip


def test_every_order_is_a_line_against_the_diagonal():
    diagonal, confidence, random = reliability_diagram(BINS, mode="light").data
    assert (list(diagonal.x), list(diagonal.y)) == ([0, 1], [0, 1])
    assert (confidence.name, random.name) == ("confidence", "random")
    assert random.marker.size[0] > confidence.marker.size[0]
    assert "40 words of confidence 0.9 to 1.0" in random.text[0]


def test_accuracy_falls_over_the_ratios_without_the_row_of_all():
    (line,) = accuracy_by_ratio(SUMMARY, mode="dark").data
    assert list(line.x) == [0.25, 0.5]
    assert list(line.y) == [0.6, 0.3]
    assert list(line.error_y.array) == [0.0, 0.2]
    assert "20 words of 9 texts" in line.text[0]
