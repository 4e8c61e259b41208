"""Where guidance acts: its figures on arrays by hand, and the page on small runs."""

import dataclasses

import numpy as np
import pytest

from dashboard.app_pages.image_denoising.data import guidance_table
from dashboard.app_pages.image_denoising.guidance_figures import guidance_overlay, guidance_totals
from engine.image import stored as image_stored
from tests.dashboard.conftest import IMAGE_SPEC, keep_image
from tests.dashboard.pages import open_page

SHARES = np.array([[0.0, 0.5, 1.0], [0.25, 0.0, 2.0]], np.float32)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_map_lies_over_its_picture_with_the_run_s_scale(mode):
    figure = guidance_overlay(SHARES, "data:image/png;base64,AA==", most=4.0, mode=mode)
    (heat,) = figure.data
    assert np.array(heat.z).tolist() == SHARES.tolist()
    assert (heat.zmin, heat.zmax) == (0, 4)
    assert heat.colorscale[0][1].endswith(",0)")  # where nothing acts the picture is seen
    (under,) = figure.layout.images
    assert (under.x, under.y, under.sizex, under.sizey) == (-0.5, -0.5, 3, 2)
    assert (under.layer, under.sizing) == ("below", "stretch")
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]


def test_without_a_picture_there_is_still_the_map():
    figure = guidance_overlay(SHARES, None, most=0.0, mode="light")
    assert figure.layout.images == ()
    assert figure.data[0].zmax == 1


def test_the_curve_leaves_out_steps_that_were_not_guided():
    curve = guidance_totals(np.array([np.nan, 2.0, np.nan, 1.0]), step=3, mode="light").data[0]
    assert list(curve.x) == [1, 2, 3]
    assert list(curve.y) == pytest.approx([2.0, np.nan, 1.0], nan_ok=True)
    assert curve.connectgaps is False


def test_the_table_has_the_scale_and_the_total_of_each_step(store):
    table = guidance_table(image_stored.load_image_run(store, keep_image(store)))
    assert table["step"].tolist() == [1, 2, 3, 4]
    assert table["guidance"].tolist() == [3.0] * 4
    assert table["total_difference"].tolist() == pytest.approx([0.1 * 16] * 4, rel=1e-5)


@pytest.mark.parametrize("pictures", [True, False])
def test_the_page_shows_it_with_and_without_pictures(empty_store, pictures):
    keep_image(empty_store, pictures=pictures)
    at = open_page("image_denoising", step="2")
    assert not at.exception
    assert "Where guidance acts" in [head.value for head in at.subheader]
    assert any("units of noise" in caption.value for caption in at.caption)


def test_the_start_has_no_map_and_still_the_curve(empty_store):
    keep_image(empty_store)
    at = open_page("image_denoising", step="0")
    assert not at.exception
    assert any("no two predictions" in info.value for info in at.info)


def test_a_run_that_was_not_guided_has_neither(empty_store, monkeypatch):
    from tests.dashboard import conftest

    steps = conftest.image_steps()
    alone = [dataclasses.replace(step, noise_uncond=None, guidance=1.0) for step in steps]
    monkeypatch.setattr(conftest, "image_steps", lambda: alone)
    keep_image(empty_store, spec=IMAGE_SPEC.but(guidance=1.0))
    at = open_page("image_denoising", step="2")
    assert not at.exception
    assert "Where guidance acts" not in [head.value for head in at.subheader]
