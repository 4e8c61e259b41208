import numpy as np
import pandas as pd
import pytest

from dashboard.app_pages.samplers.schedule_figures import (
    evaluation_points,
    image_schedule_curves,
    image_schedules,
    text_schedule_curves,
    text_schedules,
)
from engine.image.schedules import alpha_bars, betas

LEVELS = pd.DataFrame(
    [(1, 900.0, 5.0, 0.1, "ddim"), (2, 100.0, 0.1, 0.9, "ddim"), (1, 950.0, 9.0, 0.05, "heun")],
    columns=["evaluation", "timestep", "sigma", "alpha_bar", "method"],
)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_images_have_three_schedules_in_three_panels(mode):
    table = image_schedules()
    assert len(table) == 3000
    figure = image_schedule_curves(table, mode=mode)
    assert len(figure.data) == 9
    assert sum(bool(trace.showlegend) for trace in figure.data) == 3
    scaled = table[table.schedule.str.startswith("scaled-linear")]
    np.testing.assert_array_equal(scaled.alpha_bar, alpha_bars(betas("scaled-linear")))


def test_texts_go_from_nothing_masked_to_all():
    table = text_schedules()
    for name in ("linear", "cosine"):
        part = table[table.schedule == name]
        assert part.mask_probability.iloc[[0, -1]].tolist() == [0, 1]
        assert part.kept_to_masked.iloc[[0, -1]].isna().all()
    middle = table[(table.schedule == "linear") & (table.time == 0.5)]
    assert middle.kept_to_masked.item() == pytest.approx(1)
    assert len(text_schedule_curves(table, mode="light").data) == 6


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_evaluations_stand_on_the_curve_and_in_a_row_of_their_own(mode):
    own = betas("scaled-linear")
    figure = evaluation_points(LEVELS, own, mode=mode)
    curve, ddim, ddim_row, heun, heun_row = figure.data
    assert list(curve.y) == list(alpha_bars(own))
    assert list(ddim.x) == list(ddim_row.x) == [900, 100]
    assert list(ddim.y) == [0.1, 0.9]
    assert list(ddim_row.y) == ["ddim", "ddim"]
    assert list(heun.customdata[0]) == [1, 9.0, 0.05, "heun"]
    assert heun_row.yaxis == "y2"
    assert len(evaluation_points(LEVELS, None, mode=mode).data) == 4
