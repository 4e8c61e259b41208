import numpy as np
import pytest
import torch

from cache.errors import InvalidInput
from engine.image import stored as image_stored
from engine.models.tuning import chosen_tuning
from engine.requests.computing import compute
from engine.requests.plans import plan


def test_unknown_tuning_names_the_choices(monkeypatch):
    monkeypatch.setenv("STEPSCOPE_TUNING", "turbo")
    with pytest.raises(InvalidInput, match="choose from offload, channels-last, compile"):
        chosen_tuning()
    monkeypatch.setenv("STEPSCOPE_TUNING", "compile, offload")
    assert chosen_tuning() == {"compile", "offload"}


def test_channels_last_changes_the_last_places_only_and_is_on_record(store, spec, monkeypatch):
    plain = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    store.delete(plan(spec).chain.step_keys)
    monkeypatch.setenv("STEPSCOPE_TUNING", "channels-last")
    tuned = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    assert tuned.manifest.run == plain.manifest.run
    assert tuned.steps[-1].meta["tuned"] == ["channels-last"]
    assert "tuned" not in plain.steps[-1].meta
    assert np.abs(tuned.steps[1].latents - plain.steps[1].latents).max() < 1e-4


def test_offload_needs_cuda_and_accelerators_need_an_uncompiled_model(store, spec, monkeypatch):
    monkeypatch.setenv("STEPSCOPE_TUNING", "compile")
    with pytest.raises(InvalidInput, match="cannot patch a compiled model"):
        compute(store, [spec.but(accelerator="tome")])
    if not torch.cuda.is_available():
        monkeypatch.setenv("STEPSCOPE_TUNING", "offload")
        with pytest.raises(InvalidInput, match="offload needs CUDA"):
            compute(store, [spec])
