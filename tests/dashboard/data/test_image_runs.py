import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from dashboard.data import image_runs
from engine.image import stored as image_stored
from engine.image.records import ImageRun
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from tests.dashboard.conftest import image_steps, keep_image
from tests.tiny_pipelines import save_stable_diffusion


@pytest.fixture
def run(store) -> ImageRun:
    return image_stored.load_image_run(store, keep_image(store))


def test_the_counterfactual_at_the_runs_own_guidance_follows_the_formula(run):
    before, step = run.steps[1], run.steps[2]
    eps = step.noise_uncond + 3.0 * (step.noise_cond - step.noise_uncond)
    expected = (before.latents - np.sqrt(1 - step.alpha_bar) * eps) / np.sqrt(step.alpha_bar)
    x0 = image_runs.counterfactual_x0(before, step, 3.0)
    assert x0 == pytest.approx(expected, abs=1e-5)


def test_the_counterfactual_at_guidance_one_is_the_conditional_prediction(run):
    for before, step in zip(run.steps[:-1], run.steps[1:], strict=True):
        x0 = image_runs.counterfactual_x0(before, step, 1.0)
        assert x0 == pytest.approx(step.predicted_x0, abs=1e-4)


@pytest.mark.parametrize("predicts", ["epsilon", "v_prediction", "sample"])
def test_the_counterfactual_knows_what_the_model_predicts(empty_store, tmp_path, predicts):
    save_stable_diffusion(tmp_path / "model")
    config = tmp_path / "model" / "scheduler" / "scheduler_config.json"
    settings = json.loads(config.read_text()) | {"prediction_type": predicts, "clip_sample": False}
    config.write_text(json.dumps(settings))
    spec = ImageSpec(model=str(tmp_path / "model"), prompt="a sea", steps=3, guidance=2.0)
    run = image_stored.load_image_run(empty_store, compute(empty_store, [spec]).runs[0])
    for before, step in zip(run.steps[:-1], run.steps[1:], strict=True):
        x0 = image_runs.counterfactual_x0(before, step, 2.0)
        assert x0 == pytest.approx(step.predicted_x0, rel=1e-3, abs=1e-3)


def test_a_step_without_two_predictions_has_no_counterfactual(run):
    assert image_runs.counterfactual_x0(run.steps[0], run.steps[0], 2.0) is None


def test_pictures_say_where_they_come_from(store, run):
    preview = image_stored.find_preview(store, run.manifest.fingerprint)
    decoded = image_runs.picture_of(store, run, 4, "latents", preview)
    assert (decoded.source, decoded.width) == ("decode", 32)
    linear = image_runs.picture_of(store, run, 2, "predicted_x0", preview)
    assert (linear.source, linear.width) == ("preview", 32)
    assert image_runs.picture_of(store, run, 0, "predicted_x0", preview) is None
    assert image_runs.picture_of(store, run, 2, "latents", None) is None


@pytest.mark.parametrize(
    ("count", "last", "expected"),
    [(8, 4, [1, 2, 3, 4]), (2, 25, [1, 25]), (3, 25, [1, 13, 25]), (5, 0, []), (1, 9, [1])],
)
def test_frames_are_spread(count, last, expected):
    assert image_runs.frames(count, last) == expected


def test_the_trajectory_ends_at_itself(run):
    table = image_runs.trajectory_table(run)
    assert table.cosine_to_final.iloc[-1] == pytest.approx(1)
    lengths = [
        np.sqrt(((b.latents - a.latents) ** 2).mean())
        for a, b in zip(image_steps()[:-1], image_steps()[1:], strict=True)
    ]
    assert table.step_length.tolist()[1:] == pytest.approx(lengths)


def test_a_sampler_whose_latents_grow_with_the_noise_is_told_in_unit_variance(run):
    grown = dataclasses.replace(
        run,
        steps=tuple(
            dataclasses.replace(s, latents=s.latents * 8, latents_scale=1 / 8) for s in run.steps
        ),
    )
    columns = ["latent_norm", "step_length", "cosine_to_final"]
    pd.testing.assert_frame_equal(
        image_runs.trajectory_table(grown)[columns],
        image_runs.trajectory_table(run)[columns],
        rtol=1e-5,
    )
