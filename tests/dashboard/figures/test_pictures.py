import numpy as np
import pytest

from dashboard.data.image_runs import trajectory_table
from dashboard.figures.pictures import CURVES, filmstrip, latent_curves, noise_curve
from engine import stored_images
from engine.image_records import Picture
from tests.dashboard.conftest import keep_image

PNG = stored_images.png_bytes(np.zeros((8, 8, 3), np.uint8))


def picture(source):
    return Picture(PNG, 8, 8, source)


def test_the_strip_has_a_picture_for_each_that_is_there_and_names_previews():
    rows = [("x_t", [picture("decode"), None]), ("x0", [picture("preview"), picture("decode")])]
    figure = filmstrip(rows, ["step 1", "step 9"], marked=1, mode="light")
    assert len(figure.data) == 3
    assert all(trace.source.startswith("data:image/png;base64,") for trace in figure.data)
    titles = [figure.layout[f"xaxis{n}"].title.text for n in ("", "2", "3", "4")]
    assert titles == [None, None, "preview", None]
    assert len(figure.layout.shapes) == 1  # x_t of the marked column has no picture


def test_an_empty_strip_is_still_a_figure():
    assert len(filmstrip([("x_t", [])], [], marked=None, mode="dark").data) == 0


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_curves_show_every_step(store, mode):
    table = trajectory_table(stored_images.load_image_run(store, keep_image(store)))
    figure = latent_curves(table, step=2, mode=mode)
    assert len(figure.data) == len(CURVES)
    assert list(figure.data[0].x) == [0, 1, 2, 3, 4]
    bars = noise_curve(table, step=2, mode=mode).data[0]
    assert list(bars.y) == pytest.approx([0.05, 0.3, 0.6, 0.9])
