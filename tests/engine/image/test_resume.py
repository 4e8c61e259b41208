"""Going on from any stored step gives the bits of the run that was never stopped."""

import numpy as np
import pytest

from cache.errors import Cancelled
from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.schedulers import SAMPLERS
from engine.requests.computing import compute
from engine.requests.plans import plan


def arrays_of(store, keys):
    return [dict(store.get(key).arrays) for key in keys]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_resuming_from_every_step_gives_the_same_bits(store, spec, sampler):
    spec = spec.but(sampler=sampler, steps=3, eta=0.5 if sampler == "ddim" else 0.0)
    keys = plan(spec).chain.step_keys
    compute(store, [spec])
    wanted = arrays_of(store, keys)
    for stored in range(1, len(keys)):
        store.delete(keys[stored:])
        computed = compute(store, [spec])
        assert computed.steps_computed == len(keys) - stored
        for mine, theirs in zip(arrays_of(store, keys), wanted, strict=True):
            assert mine.keys() == theirs.keys()
            assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_resuming_from_every_step_of_image_to_image(store, spec):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    digest = image_stored.keep_pixels(store, pixels)
    spec = spec.but(sampler="unipc", steps=5, init_image=digest, strength=0.9)
    keys = plan(spec).chain.step_keys
    compute(store, [spec])
    wanted = arrays_of(store, keys)
    for stored in range(len(keys)):
        store.delete(keys[stored:])
        compute(store, [spec])
        for mine, theirs in zip(arrays_of(store, keys), wanted, strict=True):
            assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_a_stopped_run_is_listed_and_goes_on_at_its_first_missing_step(store, spec):
    class Stop:
        def __call__(self, _which, index):
            if index == 2:
                raise Cancelled("enough")

    with pytest.raises(Cancelled):
        compute(store, [spec], Stop())
    run = plan(spec).chain.run
    stopped = image_stored.load_image_run(store, run)
    assert len(stopped.steps) == 3
    assert not stopped.complete
    assert image_stored.find_result(store, stopped.manifest) is None
    computed = compute(store, [spec])
    assert computed.steps_cached == 2
    assert computed.model_calls == 2 * (spec.steps - 2)
    finished = image_stored.load_image_run(store, run)
    assert finished.complete
    assert image_stored.find_result(store, finished.manifest).source == "decode"


def test_a_stored_run_costs_no_model_call_and_tells_of_every_step(store, spec):
    compute(store, [spec])
    heard = []
    again = compute(store, [spec], lambda which, index: heard.append((which, index)))
    assert (again.model_calls, again.steps_computed) == (0, 0)
    assert heard == [(0, index) for index in range(1, spec.steps + 1)]


def test_two_guidance_intervals_share_the_steps_before_they_part(store, spec):
    first = spec.but(guidance_interval=(3, 5), guidance=5.0)
    second = first.but(guidance=9.0)
    compute(store, [first])
    computed = compute(store, [second])
    assert computed.steps_cached == 2
    assert computed.model_calls == 2 * 3
    runs = [image_stored.load_image_run(store, plan(s).chain.run) for s in (first, second)]
    assert runs[0].guidance().tolist() == [1, 1, 5, 5, 5]
    assert runs[0].steps[1].noise_uncond is None
    assert runs[0].steps[3].noise_uncond is not None
    assert np.array_equal(runs[0].steps[2].latents, runs[1].steps[2].latents)
    assert not np.array_equal(runs[0].steps[3].latents, runs[1].steps[3].latents)


def test_a_list_of_scales_is_one_for_each_step_of_the_schedule(store, spec):
    scales = (9.0, 7.0, 1.0, 3.0, 2.0)
    run = compute(store, [spec.but(guidance=scales, sampler="heun")]).runs[0]
    found = image_stored.load_image_run(store, run)
    assert found.guidance().tolist() == [9, 9, 7, 7, 1, 1, 3, 3, 2]
    assert [step.position for step in found.steps[1:]] == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert manifests.load(store, run).spec["guidance"] == list(scales)
