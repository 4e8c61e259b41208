"""Sweeps as they are typed and as they lie in the store."""

import numpy as np
import pytest

from cache.errors import InvalidInput
from dashboard.app_pages.sweep import data
from engine.requests.computing import compute


@pytest.fixture
def text_sweep(tiny_bert):
    fields = {"model": tiny_bert, "length": 4}
    return data.sweep_of("text", fields, "seed=0:2\ntop_k=2,3\nsteps=4", "seed=1 top_k=3")


def test_axes_and_rules_are_read_line_by_line(text_sweep):
    assert [dict(cell) for cell in text_sweep.cells] == [
        {"seed": 0, "top_k": 2, "steps": 4},
        {"seed": 0, "top_k": 3, "steps": 4},
        {"seed": 1, "top_k": 2, "steps": 4},
    ]
    assert text_sweep.varying == ["seed", "top_k"]
    assert [(s.seed, s.top_k) for s in text_sweep.specs] == [(0, 2), (0, 3), (1, 2)]


@pytest.mark.parametrize(
    ("axes", "skip", "message"),
    [
        ("", "", "at least one axis"),
        ("seed=0:2\nseed=3", "", "axis 'seed' must be given once"),
        ("seed=0:2000", "", "1 to 1024 cells here, got 2000"),
        ("steps=0", "", "steps must be"),
        ("colour=1", "", "unknown"),
        ("seed=0:2", "seed=0:9", "1 to 1024 cells here, got 0"),
        ("seed=0:2", "moon=1", "skip names 'moon'"),
    ],
)
def test_bad_sweeps_are_named(tiny_bert, axes, skip, message):
    with pytest.raises(InvalidInput, match=message):
        data.sweep_of("text", {"model": tiny_bert, "length": 4}, axes, skip)


def test_a_template_axis_replaces_the_length(tiny_bert):
    sweep = data.sweep_of(
        "text", {"model": tiny_bert, "length": 4}, 'template=["the [MASK]", "a [MASK]"]', ""
    )
    assert [spec.template for spec in sweep.specs] == ["the [MASK]", "a [MASK]"]


def test_text_cells_and_metrics_come_from_the_store(store, text_sweep):
    first = text_sweep.plans[0]
    assert data.cell_text(store, first, 0) is None
    assert np.isnan(data.metric_of(store, first, "confidence"))
    compute(store, text_sweep.specs)
    assert data.cell_text(store, first, 0) == "_ _ _ _"
    assert "_" not in data.cell_text(store, first, 4)
    table = data.metric_table(store, text_sweep, "confidence")
    assert table["confidence"].between(0, 1).all()
    assert list(table["steps stored"]) == [4, 4, 4]
    assert data.metric_of(store, first, "steps") == 4
    assert data.step_at(first, 0.5) == 2


def test_image_cells_are_previews_until_the_end_which_is_decoded(store, tiny_sd):
    sweep = data.sweep_of("image", {"model": tiny_sd, "prompt": "a sea"}, "seed=0:2\nsteps=3", "")
    compute(store, sweep.specs)
    from engine.image import stored as image_stored

    preview = image_stored.find_preview(store, sweep.plans[0].model.fingerprint)
    assert data.cell_picture(store, sweep.plans[0], 3, None)[1] == "decoded"
    uri, how = data.cell_picture(store, sweep.plans[0], 1, preview)
    assert how == "linear preview"
    assert uri.startswith("data:image/")
    for name in data.METRICS["image"]:
        assert data.metric_of(store, sweep.plans[0], name) > 0


def test_grey_has_no_colour_and_red_beside_green_has_much():
    grey = np.full((4, 4, 3), 0.5)
    assert data.colourfulness(grey) == 0
    split = np.zeros((4, 4, 3))
    split[:2, :, 0] = split[2:, :, 1] = 1.0
    assert data.colourfulness(split) > 1
