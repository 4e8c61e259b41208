"""The loop is ours, the bits are diffusers': latents after every step, and the picture."""

import diffusers
import numpy as np
import pytest
from PIL import Image

from engine.image import stored as image_stored
from engine.image.schedulers import SAMPLERS
from engine.requests.computing import compute
from tests.engine.image.conftest import run_pipeline
from tests.tiny_pipelines import save_stable_diffusion

BIT_FOR_BIT = ["ddim", "euler", "dpm++", "unipc"]


def computed(store, spec):
    run = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    picture = image_stored.find_result(store, run.manifest)
    return [step.latents for step in run.steps[1:]], image_stored.picture_pixels(picture.png)


@pytest.mark.parametrize(
    ("sampler", "guidance", "exact"),
    [
        *((name, 7.5, True) for name in SAMPLERS),
        *(("dpm++", guidance, False) for guidance in (1.0, 7.5)),
        ("ddim", 1.0, True),
    ],
)
def test_text_to_image_has_the_latents_of_the_pipeline(
    store, spec, reference, sampler, guidance, exact
):
    spec = spec.but(sampler=sampler, guidance=guidance, exact=exact)
    wanted, wanted_picture = reference(spec)
    found, picture = computed(store, spec)
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        if sampler in BIT_FOR_BIT:
            assert np.array_equal(mine, theirs)
        else:
            assert np.abs(mine - theirs).max() <= 1e-5
    assert np.abs(picture.astype(int) - wanted_picture).max() <= (sampler not in BIT_FOR_BIT)


@pytest.mark.parametrize(
    "change",
    [
        {"eta": 0.7},
        {"negative_prompt": "rain, people"},
        {"width": 64, "height": 32},
        {"steps": 1},
    ],
)
def test_every_option_means_what_it_means_to_the_pipeline(store, spec, reference, change):
    spec = spec.but(**change)
    size = {name: getattr(spec, name) for name in ("width", "height")}
    wanted, wanted_picture = reference(spec, **size)
    found, picture = computed(store, spec)
    assert all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))
    assert np.array_equal(picture, wanted_picture)


@pytest.mark.parametrize(
    ("sampler", "strength"),
    [*((name, 0.7) for name in SAMPLERS), ("ddim", 0.3), ("ddim", 1.0), ("unipc", 0.9)],
)
def test_image_to_image_has_the_latents_of_the_pipeline(store, spec, tiny_sd, sampler, strength):
    pipe = diffusers.StableDiffusionImg2ImgPipeline.from_pretrained(
        tiny_sd, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    digest = image_stored.keep_pixels(store, pixels)
    spec = spec.but(sampler=sampler, init_image=digest, strength=strength)
    wanted, wanted_picture = run_pipeline(
        pipe, spec, image=Image.fromarray(pixels), strength=strength
    )
    found, picture = computed(store, spec)
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        assert np.abs(mine - theirs).max() <= (0 if sampler in BIT_FOR_BIT else 1e-5)
    assert np.abs(picture.astype(int) - wanted_picture).max() <= (sampler not in BIT_FOR_BIT)


@pytest.mark.parametrize("sampler", ["ddim", "euler", "dpm++"])
def test_sdxl_has_the_latents_of_the_pipeline(store, spec, tiny_sdxl, sampler):
    pipe = diffusers.StableDiffusionXLPipeline.from_pretrained(tiny_sdxl, add_watermarker=False)
    for negative in ("", "rain"):
        wanted_spec = spec.but(model=tiny_sdxl, sampler=sampler, negative_prompt=negative)
        wanted, _ = run_pipeline(pipe, wanted_spec)
        found, _ = computed(store, wanted_spec)
        assert all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))


def test_a_batch_of_seeds_and_scales_differs_in_the_last_places_only(store, spec, reference):
    specs = [
        spec.but(exact=False, seed=seed, guidance=guidance)
        for seed in (0, 1)
        for guidance in (1.0, 5.0, 7.5)
    ]
    runs = compute(store, specs).runs
    for each, run in zip(specs, runs, strict=True):
        found = image_stored.load_image_run(store, run).steps[-1].latents
        assert np.abs(found - reference(each)[0][-1]).max() < 1e-3


def test_predicted_x0_is_the_schedulers_own_where_it_gives_one(store, spec, reference):
    run = image_stored.load_image_run(store, compute(store, [spec.but(sampler="ddim")]).runs[0])
    step = run.steps[2]
    before = run.steps[1].latents
    guided = step.noise_uncond + 7.5 * (step.noise_cond - step.noise_uncond)
    clean = (before - (1 - step.alpha_bar) ** 0.5 * guided) / step.alpha_bar**0.5
    assert np.abs(clean).max() > 1
    assert np.allclose(clean, step.predicted_x0, atol=1e-4)  # latents are not clipped


def test_a_model_that_takes_its_guidance_as_an_input_is_called_once_a_step(store, spec, tmp_path):
    save_stable_diffusion(tmp_path, time_cond_proj_dim=16)
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(
        tmp_path, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    spec = spec.but(model=str(tmp_path), sampler="lcm", steps=4)
    wanted, _ = run_pipeline(pipe, spec)
    found, _ = computed(store, spec)
    assert all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))
    assert compute(store, [spec.but(guidance=3.0)]).model_calls == 4
