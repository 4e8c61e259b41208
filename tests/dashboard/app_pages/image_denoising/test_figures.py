import numpy as np
import pytest

from dashboard.app_pages.image_denoising.figures import (
    CURVES,
    GAP,
    filmstrip,
    latent_curves,
    noise_curve,
)
from dashboard.data.image_runs import trajectory_table
from engine.image import stored as image_stored
from engine.image.records import Picture
from tests.dashboard.conftest import keep_image

PNG = image_stored.png_bytes(np.zeros((8, 8, 3), np.uint8))


SMALL = ("data:x", 8, 4)  # half its size


def picture(source):
    return Picture(PNG, 8, 8, source)


def test_the_strip_has_a_picture_for_each_that_is_there_and_names_previews():
    rows = [("x_t", [picture("decode"), None]), ("x0", [picture("preview"), picture("decode")])]
    figure = filmstrip(rows, ["step 1", "step 9"], marked=1, mode="light")
    *pictures, previews = figure.data
    assert len(pictures) == 3
    assert all(trace.source.startswith("data:image/png;base64,") for trace in pictures)
    assert list(previews.text) == ["preview"]
    assert list(previews.x) == [0.5]  # under the first column, in the second row
    assert previews.y[0] > 2
    (frame,) = figure.layout.shapes  # x_t of the marked column has no picture
    assert (frame.x0 > 1, frame.y0 > 1) == (True, True)


def test_a_picture_keeps_its_shape_and_travels_as_asked():
    wide = Picture(image_stored.png_bytes(np.zeros((8, 16, 3), np.uint8)), 16, 8, "decode")
    figure = filmstrip([("x_t", [wide])], ["1"], marked=None, mode="light", drawn=lambda _: SMALL)
    (image, _) = figure.data
    assert image.source == "data:x"
    assert image.dx == image.dy
    assert image.x0 - image.dx / 2 > 0
    assert image.x0 + 7.5 * image.dx == pytest.approx(
        1 - GAP
    )  # all of its column, however small it travels


def test_an_empty_strip_is_still_a_figure():
    figure = filmstrip([("x_t", [])], [], marked=None, mode="dark")
    assert [trace.type for trace in figure.data] == ["scatter"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_curves_show_every_step(store, mode):
    table = trajectory_table(image_stored.load_image_run(store, keep_image(store)))
    figure = latent_curves(table, step=2, mode=mode)
    assert len(figure.data) == len(CURVES)
    assert list(figure.data[0].x) == [0, 1, 2, 3, 4]
    bars = noise_curve(table, step=2, mode=mode).data[0]
    assert list(bars.y) == pytest.approx([0.05, 0.3, 0.6, 0.9])
