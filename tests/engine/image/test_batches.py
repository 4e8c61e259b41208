"""What a batch shares, what it does when memory runs out, and what it never stores."""

import numpy as np
import pytest
import torch

from cache.errors import ComputationError, InvalidInput, ModelDamaged, NonFiniteLatents
from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.loading import load_image_denoiser
from engine.image.memory import RowBudget
from engine.models.device import best_device
from engine.requests.computing import compute
from engine.requests.plans import plan


@pytest.fixture
def model(spec):
    return load_image_denoiser(plan(spec).model, best_device(), "float32")


def test_guidance_1_makes_no_unconditional_call(store, spec):
    assert compute(store, [spec.but(guidance=1.0)]).model_calls == spec.steps
    assert compute(store, [spec.but(guidance=2.0)]).model_calls == 2 * spec.steps


def test_scales_of_one_seed_share_the_first_evaluation(store, spec):
    specs = [spec.but(exact=False, guidance=g) for g in (1.0, 5.0, 7.5, 15.0)]
    # the first step sees one state: one conditional and one unconditional row serve all four
    assert compute(store, specs).model_calls == 2 + (spec.steps - 1) * 7


def test_prompts_and_their_absence_are_encoded_once(store, spec, model, monkeypatch):
    asked = []
    encode = model.pipe.encode_prompt
    monkeypatch.setattr(
        model.pipe, "encode_prompt", lambda text, *rest: asked.append(text) or encode(text, *rest)
    )
    specs = [spec.but(seed=seed, prompt=p) for seed in range(3) for p in ("a sea", "a hill")]
    compute(store, specs)
    assert sorted(asked) == ["", "a hill", "a sea"]
    compute(store, [spec.but(seed=9, prompt="a sea")])
    assert len(asked) == 3


def test_a_batch_that_does_not_fit_is_halved_and_says_so(store, spec, model, monkeypatch):
    real = model.pipe.unet.forward
    tried = []

    def small_memory(sample, *rest, **named):
        tried.append(len(sample))
        if len(sample) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return real(sample, *rest, **named)

    monkeypatch.setattr(model.pipe.unet, "forward", small_memory)
    specs = [spec.but(exact=False, seed=seed, steps=2) for seed in range(4)]
    runs = compute(store, specs).runs
    assert tried[:2] == [8, 4]
    assert max(tried[2:]) <= 3
    step = image_stored.load_image_run(store, runs[3]).steps[1]
    assert step.meta["halved_for_memory"] == 2
    monkeypatch.undo()
    assert image_stored.load_image_run(store, runs[3]).complete


def test_one_sample_that_does_not_fit_is_an_error_with_advice():
    def too_large(_):
        raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(ComputationError, match="smaller picture"):
        RowBudget(rows=4).run([1, 2, 3], too_large)


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    def broken(_):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        RowBudget().run([1], broken)


def test_a_step_that_is_not_finite_stops_the_run_and_is_not_stored(store, spec, model, monkeypatch):
    real = model.pipe.unet.forward
    calls = []

    def breaks_at_the_third(sample, *rest, **named):
        calls.append(1)
        answer = real(sample, *rest, **named)[0]
        if len(calls) == 3:
            answer = answer.clone()
            answer[0, 0, 0, 0] = float("nan")
        return (answer,)

    monkeypatch.setattr(model.pipe.unet, "forward", breaks_at_the_third)
    with pytest.raises(NonFiniteLatents, match=r"step 3 of seed 3, guidance 7\.5"):
        compute(store, [spec])
    manifest = manifests.load(store, plan(spec).chain.run)
    assert manifests.stored_steps(store, manifest) == 2
    monkeypatch.undo()
    assert compute(store, [spec]).steps_computed == spec.steps - 2


def test_the_finite_runs_of_a_batch_are_kept_when_one_is_not(store, spec, model, monkeypatch):
    real = model.pipe.unet.forward

    def breaks_one_row(sample, *rest, **named):
        answer = real(sample, *rest, **named)[0].clone()
        answer[-1] = float("inf")
        return (answer,)

    monkeypatch.setattr(model.pipe.unet, "forward", breaks_one_row)
    specs = [spec.but(exact=False, guidance=1.0, seed=seed) for seed in (0, 1)]
    with pytest.raises(NonFiniteLatents):
        compute(store, specs)
    runs = [manifests.load(store, plan(s).chain.run) for s in specs]
    assert sorted(manifests.stored_steps(store, run) for run in runs) == [0, 1]


def test_interleaved_runs_do_not_disturb_one_another(store, spec):
    specs = [spec.but(sampler=name, seed=5) for name in ("dpm++", "unipc", "pndm")]
    specs += [specs[0].but(seed=6)]
    together = [
        image_stored.load_image_run(store, run).steps[-1].latents
        for run in compute(store, specs).runs
    ]
    keys = [plan(each).chain.step_keys for each in specs]
    store.delete([key for chain in keys for key in chain])
    for each, wanted in zip(specs, together, strict=True):
        alone = image_stored.load_image_run(store, compute(store, [each]).runs[0])
        assert np.array_equal(alone.steps[-1].latents, wanted)


def test_attention_slicing_is_another_computation(store, spec):
    sliced = spec.but(attention_slicing=True)
    assert plan(sliced).chain.step_keys[0] != plan(spec).chain.step_keys[0]
    runs = compute(store, [spec, sliced]).runs
    first, second = (image_stored.load_image_run(store, run).steps[-1].latents for run in runs)
    assert np.abs(first - second).max() < 1e-3


def test_float16_needs_a_device_that_has_it(store, spec):
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("this machine has a device for float16")
    with pytest.raises(InvalidInput, match="float16 needs CUDA"):
        compute(store, [spec.but(precision="float16")])


def test_a_text_model_is_no_image_model(store, spec, tiny_bert):
    with pytest.raises(InvalidInput, match=r"no model_index\.json"):
        compute(store, [spec.but(model=tiny_bert)])


def test_damaged_weights_are_a_typed_error(store, spec, tiny_sd, tmp_path):
    import shutil

    folder = tmp_path / "damaged"
    shutil.copytree(tiny_sd, folder)
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelDamaged):
        compute(store, [spec.but(model=str(folder))])
