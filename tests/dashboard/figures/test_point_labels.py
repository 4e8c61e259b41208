"""Labels beside points, legible wherever the points are."""

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.point_labels import PLOT, label_points, label_shifts


def test_no_label_lies_on_another():
    places = [(1.0, 30.0), (0.99, 29.9), (0.5, 20.0), (0.98, 30.1)]
    shifts = label_shifts(places)
    low, high = np.min(places, axis=0), np.max(places, axis=0)
    pixels = (np.array(places) - low) / (high - low) * PLOT + np.array(shifts)
    apart = [np.abs(a - b).max() for i, a in enumerate(pixels) for b in pixels[:i]]
    assert min(apart) >= 20


def test_points_at_one_place_have_labels_at_different_corners():
    shifts = label_shifts([(0.0, 0.0), (1.0, 1.0), (1.0, 1.0)])
    assert shifts[1] != shifts[2]


def test_points_at_one_place_share_a_label():
    figure = go.Figure()
    places = [(0.0, 0.0), (1.0, 1.0), (1.0, 1.001), (0.5, 1.0)]
    label_points(figure, places, ["0", "8", "12", "4"], mode="light")
    assert [note.text for note in figure.layout.annotations] == ["0", "8, 12", "4"]


def test_every_point_has_its_own_words():
    figure = go.Figure()
    label_points(figure, [(0.0, 1.0), (2.0, 3.0)], ["a", "b"], mode="light")
    assert [(note.x, note.y, note.text) for note in figure.layout.annotations] == [
        (0.0, 1.0, "a"), (2.0, 3.0, "b"),
    ]  # fmt: skip
