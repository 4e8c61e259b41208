"""Replaying a step: the same bits where nothing changed, and damage is told."""

import dataclasses
import json

import numpy as np
import pytest

from cache.errors import InvalidInput, ModelMissing
from cache.payload import Payload
from engine.chain import manifests
from engine.embed.spec import EmbedSpec
from engine.experiments.forks import fork
from engine.experiments.no_return import steps_to_try
from engine.experiments.replay import replay
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.text.spec import TextSpec


def made(store, spec):
    return manifests.load(store, compute(store, [spec]).runs[0])


def test_exact_steps_replay_to_the_bit_and_leave_the_store_alone(store, tiny_bert, tiny_sd):
    text = made(store, TextSpec(model=tiny_bert, length=5, steps=5, top_k=3, exact=True))
    image = made(store, ImageSpec(model=tiny_sd, prompt="a sea", steps=3, sampler="unipc"))
    for manifest in (text, image):
        before = sorted(store.scan(""))
        for index in range(1, manifest.step_count + 1):
            found = replay(store, manifest, index)
            assert found.within
            assert found.same_bits or manifest is image
        assert sorted(store.scan("")) == before


def test_shared_forwards_and_forks_replay_within_the_tolerance(store, tiny_bert):
    base = TextSpec(model=tiny_bert, length=6, steps=6, top_k=3)
    compute(store, [base.but(seed=seed) for seed in range(4)])
    manifest = made(store, base.but(seed=2))
    child = made(store, fork(store, manifest, 2, write=[(0, "moon")]))
    for run, index in ((manifest, 3), (child, 3), (child, child.step_count)):
        found = replay(store, run, index)
        assert found.within, found
        assert max(one.largest for one in found.arrays) <= found.tolerance


def test_deepcache_steps_replay_from_the_whole_pass_before_them(store, tiny_sd):
    manifest = made(
        store, ImageSpec(model=tiny_sd, prompt="a sea", steps=4, accelerator="deepcache")
    )
    assert all(replay(store, manifest, index).within for index in range(1, 5))


def test_a_step_that_is_not_what_the_model_gives_is_told(store, tiny_bert):
    manifest = made(store, TextSpec(model=tiny_bert, length=5, steps=5, exact=True))
    key = manifest.step_keys[2]
    payload = store.get(key)
    arrays = dict(payload.arrays)
    arrays["confidence"] = arrays["confidence"] + np.float32(0.25)
    store.replace(key, Payload(arrays=arrays, meta=payload.meta))
    found = replay(store, manifest, 2)
    assert not found.within
    apart = {one.name: one.largest for one in found.arrays}
    assert apart["confidence"] == pytest.approx(0.25, abs=1e-6)
    assert found.document()["arrays"][0].keys() == {"name", "same_bits", "largest"}


def test_the_start_and_other_models_cannot_be_replayed(store, tiny_bert):
    manifest = made(store, TextSpec(model=tiny_bert, length=3, steps=3))
    with pytest.raises(InvalidInput, match="step must be 1 to 3, got 0"):
        replay(store, manifest, 0)
    other = dataclasses.replace(manifest, fingerprint="0" * 64)
    with pytest.raises(ModelMissing, match="another version"):
        replay(store, other, 1)


def test_a_step_of_another_shape_is_told_in_json_that_every_reader_takes(store, tiny_bert):
    manifest = made(store, TextSpec(model=tiny_bert, length=5, steps=5, exact=True))
    payload = store.get(manifest.step_keys[2])
    arrays = dict(payload.arrays) | {"confidence": np.zeros(3, np.float32)}
    store.replace(manifest.step_keys[2], Payload(arrays=arrays, meta=payload.meta))
    found = replay(store, manifest, 2)
    assert not found.within
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    largest = {each["name"]: each["largest"] for each in document["arrays"]}
    assert largest["confidence"] is None
    assert largest["tokens"] == 0


def test_embeddings_have_no_steps_to_replay_or_to_go_on_from(store):
    manifest = made(store, EmbedSpec(texts=("a sea",)))
    with pytest.raises(InvalidInput, match="runs of kind embed have no steps to replay, got step"):
        replay(store, manifest, 1)
    with pytest.raises(InvalidInput, match="only text and image runs can be continued, this one"):
        steps_to_try(manifest)
