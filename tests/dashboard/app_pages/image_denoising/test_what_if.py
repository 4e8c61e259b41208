"""Other guiders from stored predictions: the x0 of each, APG's parts, and the page."""

import dataclasses

import numpy as np
import pytest

from dashboard.app_pages.image_denoising.data import apg_table, guided_x0
from dashboard.app_pages.image_denoising.guidance_figures import apg_curves
from dashboard.data.image_runs import counterfactual_x0
from engine.image.records import ImageRun
from engine.metrics.guiders import GUIDERS
from tests.dashboard.conftest import image_steps, keep_image
from tests.dashboard.pages import open_page

PREDICTS = ["epsilon", "v_prediction", "sample"]


def pair(predicts="epsilon", index=2):
    """Two steps in a row whose model predicts noise, velocities or clean latents."""
    before, step = image_steps()[index - 1 : index + 1]
    rng = np.random.default_rng(1)
    uncond = step.noise_cond + rng.normal(size=step.noise_cond.shape).astype(np.float32)
    return before, dataclasses.replace(
        step, noise_uncond=uncond, meta={"prediction_type": predicts}
    )


@pytest.mark.parametrize("predicts", PREDICTS)
def test_plain_guidance_is_the_counterfactual(predicts):
    before, step = pair(predicts)
    for scale in (1.0, 3.5):
        ours = guided_x0(before, step, GUIDERS[0], scale)
        np.testing.assert_allclose(ours, counterfactual_x0(before, step, scale), atol=1e-5)


@pytest.mark.parametrize("predicts", PREDICTS)
@pytest.mark.parametrize("guider", GUIDERS, ids=lambda guider: guider.name)
def test_every_guider_gives_its_own_x0_and_the_prompt_s_at_scale_1(guider, predicts):
    before, step = pair(predicts)
    alone = counterfactual_x0(before, step, 1.0)
    np.testing.assert_allclose(guided_x0(before, step, guider, 1.0), alone, atol=1e-5)
    guided = guided_x0(before, step, guider, 8.0)
    assert guided.dtype == np.float32
    assert np.abs(guided - alone).max() > 1e-3
    if guider.name != "CFG":
        assert np.abs(guided - counterfactual_x0(before, step, 8.0)).max() > 1e-3


def test_apg_adds_nothing_along_the_predicted_x0():
    before, step = pair()
    alone = counterfactual_x0(before, step, 1.0)
    guider = next(guider for guider in GUIDERS if guider.name == "APG")
    added = guided_x0(before, step, guider, 5.0) - alone
    assert abs(float((added * alone).sum())) < 1e-3 * np.linalg.norm(added) * np.linalg.norm(alone)


def test_what_cannot_be_guided_has_none():
    before, step = pair()
    alone = dataclasses.replace(step, noise_uncond=None)
    noisy = dataclasses.replace(step, alpha_bar=0.0)
    for guider in GUIDERS:
        assert guided_x0(before, alone, guider, 3.0) is None
        assert guided_x0(before, noisy, guider, 3.0) is None


def test_the_parts_of_every_step_are_a_table_and_two_curves():
    steps = image_steps()
    steps[3] = dataclasses.replace(steps[3], noise_uncond=None)
    table = apg_table(ImageRun(None, tuple(steps)))
    assert table["step"].tolist() == [1, 2, 3, 4]
    assert np.isnan(table["parallel"][2])
    before, step = steps[0], steps[1]
    difference = counterfactual_x0(before, step, 1.0) - counterfactual_x0(before, step, 0.0)
    whole = table["parallel"][0] ** 2 + table["orthogonal"][0] ** 2
    assert whole == pytest.approx(float((difference**2).mean()), rel=1e-4)
    parallel, orthogonal = apg_curves(table, step=2, mode="light").data
    assert list(parallel.x) == [1, 2, 3, 4]
    assert parallel.name.startswith("parallel")
    assert orthogonal.y[1] == table["orthogonal"][1]
    assert apg_table(ImageRun(None, tuple(steps[:1]))).empty


def test_the_page_shows_every_guider_with_its_paper(empty_store):
    keep_image(empty_store)
    at = open_page("image_denoising", step="2")
    assert len(at.get("image")) == 2  # the guiders are computed when they are looked at
    at.session_state["guiders"] = True
    at.run()
    assert not at.exception
    said = [element.value for element in at.markdown]
    for guider in GUIDERS:
        assert any(f"(https://arxiv.org/abs/{guider.arxiv})" in line for line in said)
    assert any(r"CFG-Zero\*" in line for line in said)
    assert len(at.get("image")) == 2 + len(GUIDERS)
