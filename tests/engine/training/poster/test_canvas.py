"""The canvas: picture units, smooth edges, gradients, mirrors."""

import numpy as np
import pytest

from engine.training.poster.canvas import Canvas, Gradient, box, ellipse, mix, rgb

WHITE = np.ones(3, np.float32)


def test_colours_are_read_and_mixed() -> None:
    assert rgb("#ff8000").tolist() == pytest.approx([1.0, 128 / 255, 0.0])
    assert mix(np.zeros(3, np.float32), WHITE, 0.25).tolist() == [0.25] * 3


def test_a_polygon_covers_its_area_at_any_size() -> None:
    for size in (32, 96, 128):
        canvas = Canvas(size)
        canvas.polygon(ellipse(0.5, 0.5, 0.3, 0.2), WHITE)
        assert canvas.image.mean() == pytest.approx(np.pi * 0.3 * 0.2, rel=0.06)
        assert ((canvas.image > 0.1) & (canvas.image < 0.9)).any()  # its edge is smooth


def test_what_lies_outside_is_cut_off() -> None:
    canvas = Canvas(32)
    canvas.polygon(box(1.5, 0.0, 2.0, 1.0), WHITE)
    assert canvas.image.max() == 0
    canvas.polygon(box(-1.0, -1.0, 2.0, 0.5), WHITE)
    assert canvas.image[:16].min() > 0.99
    assert canvas.image[17:].max() == 0


def test_a_gradient_runs_from_its_upper_to_its_lower_colour() -> None:
    canvas = Canvas(64)
    canvas.polygon(box(-0.1, -0.1, 1.1, 1.1), Gradient(np.zeros(3, np.float32), WHITE, 0.0, 1.0))
    column = canvas.image[:, 30, 0]
    assert (np.diff(column) > 0).all()
    assert column[32] == pytest.approx(0.5, abs=0.02)


def test_a_mirror_turns_what_is_above_the_shore_upside_down() -> None:
    canvas = Canvas(64)
    canvas.polygon(box(0.0, 0.25, 1.0, 0.375), WHITE)  # rows 16 to 23
    mirrored = canvas.mirror(0.5)
    assert mirrored[41:47].min() > 0.99
    assert mirrored[50:].max() < 0.01
