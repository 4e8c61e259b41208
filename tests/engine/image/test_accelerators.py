"""Approximations: labelled, keyed apart, and resumable like it."""

import numpy as np
import pytest

from engine.image import stored as image_stored
from engine.image.keys import last_whole_pass
from engine.image.loading import load_image_denoiser
from engine.models.device import best_device
from engine.requests.computing import compute
from engine.requests.plans import plan
from tests.engine.image.conftest import with_sampler


def last_latents(store, spec):
    run = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    return run.steps[-1].latents, run.steps[-1].meta


@pytest.fixture
def spec(spec):
    return spec.but(steps=6)


@pytest.mark.parametrize("name", ["deepcache", "tome"])
def test_an_approximation_is_not_the_same_and_says_what_it_is(store, spec, name):
    real, provenance = last_latents(store, spec)
    assert "approximated_by" not in provenance
    near, provenance = last_latents(store, spec.but(accelerator=name))
    assert provenance["approximated_by"] == name
    assert not np.array_equal(near, real)
    assert plan(spec).chain.step_keys[0] != plan(spec.but(accelerator=name)).chain.step_keys[0]


@pytest.mark.parametrize("name", ["deepcache", "tome"])
def test_the_model_is_itself_again_afterwards(store, spec, name):
    before, _ = last_latents(store, spec)
    last_latents(store, spec.but(accelerator=name))
    store.delete(plan(spec).chain.step_keys)
    after, _ = last_latents(store, spec)
    assert np.array_equal(before, after)


@pytest.mark.parametrize("interval", [None, (3, 5)])
@pytest.mark.parametrize("name", ["deepcache", "tome"])
def test_resuming_from_every_step_gives_the_same_bits(store, spec, name, interval):
    spec = spec.but(accelerator=name, guidance_interval=interval, sampler="dpm++")
    keys = plan(spec).chain.step_keys
    wanted, _ = last_latents(store, spec)
    for stored in range(1, len(keys)):
        store.delete(keys[stored:])
        assert np.array_equal(last_latents(store, spec)[0], wanted)


def test_deepcache_has_the_latents_of_its_own_helper(store, spec, reference, tiny_sd):
    import diffusers
    import torch
    from DeepCache import DeepCacheSDHelper

    pipe = diffusers.StableDiffusionPipeline.from_pretrained(
        tiny_sd, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    pipe = with_sampler(pipe, spec)
    helper = DeepCacheSDHelper(pipe=pipe)
    helper.set_params(cache_interval=3, cache_branch_id=0)
    helper.enable()
    wanted = pipe(
        spec.prompt,
        num_inference_steps=spec.steps,
        generator=torch.Generator().manual_seed(spec.seed),
        output_type="latent",
    ).images[0]
    found, _ = last_latents(store, spec.but(accelerator="deepcache"))
    assert np.array_equal(found, wanted.numpy())


def test_runs_with_deepcache_side_by_side_keep_their_features_apart(store, spec):
    specs = [spec.but(accelerator="deepcache", seed=seed) for seed in (0, 1)]
    together = [
        image_stored.load_image_run(store, run).steps[-1].latents
        for run in compute(store, specs).runs
    ]
    store.delete([key for each in specs for key in plan(each).chain.step_keys])
    for each, wanted in zip(specs, together, strict=True):
        assert np.array_equal(last_latents(store, each)[0], wanted)


def test_whole_passes_come_every_third_time_and_where_guidance_changes(spec):
    assert [last_whole_pass(spec, i) for i in range(1, 7)] == [1, 1, 1, 4, 4, 4]
    guided = spec.but(guidance_interval=(3, 5))
    assert [last_whole_pass(guided, i) for i in range(1, 7)] == [1, 1, 3, 4, 4, 6]


def test_shallow_passes_leave_out_the_middle_of_the_unet(store, spec, monkeypatch):
    model = load_image_denoiser(plan(spec).model, best_device(), "float32")
    middle = []
    real = model.pipe.unet.mid_block.resnets[0].forward
    monkeypatch.setattr(
        model.pipe.unet.mid_block.resnets[0], "forward", lambda *a: middle.append(1) or real(*a)
    )
    compute(store, [spec.but(accelerator="deepcache")])
    assert len(middle) == 2
