"""What needs a card: float16, offload, and diffusers' bits on CUDA."""

import diffusers
import numpy as np
import pytest
import torch

from engine.image import stored as image_stored
from engine.requests.computing import compute
from engine.requests.plans import plan
from tests.engine.image.conftest import run_pipeline

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def latents_of(store, spec):
    run = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    return [step.latents for step in run.steps[1:]]


@pytest.mark.parametrize("sampler", ["ddim", "euler", "dpm++", "unipc"])
@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_latents_are_those_of_the_pipeline(store, spec, tiny_sd, precision, sampler):
    dtype = getattr(torch, precision)
    options = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(tiny_sd, dtype=dtype, **options)
    spec = spec.but(precision=precision, sampler=sampler)
    wanted, _ = run_pipeline(pipe.to("cuda"), spec)
    found = latents_of(store, spec)
    assert found[0].dtype == np.dtype(precision)
    tolerance = 1e-5 if precision == "float32" else 2e-2
    for mine, theirs in zip(found, wanted, strict=True):
        assert np.abs(mine.astype(np.float32) - theirs).max() <= tolerance


def test_resuming_in_float16_gives_the_same_bits(store, spec):
    spec = spec.but(precision="float16", sampler="dpm++")
    keys = plan(spec).chain.step_keys
    wanted = latents_of(store, spec)
    for stored in range(1, len(keys)):
        store.delete(keys[stored:])
        assert np.array_equal(latents_of(store, spec)[-1], wanted[-1])


def test_offload_changes_no_bit(store, spec, monkeypatch):
    wanted = latents_of(store, spec)
    store.delete(plan(spec).chain.step_keys)
    monkeypatch.setenv("STEPSCOPE_TUNING", "offload")
    assert np.array_equal(latents_of(store, spec)[-1], wanted[-1])


def test_the_row_budget_follows_the_free_memory(spec):
    from engine.image.memory import RowBudget

    small = RowBudget.of_device(torch.device("cuda"), 64 * 64, torch.float16)
    large = RowBudget.of_device(torch.device("cuda"), 256 * 256, torch.float16)
    assert small.rows >= large.rows >= 2
