import dataclasses

import numpy as np
import pytest

from dashboard.app_pages.compare import data
from dashboard.app_pages.compare.data import BY_SHARE, BY_STEP, Parted, Sync
from dashboard.data.library import called
from engine.chain.manifests import new_manifest
from engine.image.keys import image_chain
from engine.image.records import ImageRun
from engine.image.spec import ImageSpec
from engine.text.corrupt import corrupt_at
from engine.text.keys import corruption_chain, text_chain
from engine.text.records import CorruptionRun, TextRun
from engine.text.spec import CorruptionSpec, TextChange
from tests.dashboard.conftest import (
    FINAL,
    FINGERPRINT,
    IMAGE_SPEC,
    MASK_ID,
    PIECES,
    SPEC,
    hand_made_steps,
    image_steps,
)

CHAINS = {"text": text_chain, "image": image_chain, "corruption": corruption_chain}


def manifest_of(spec, fingerprint=FINGERPRINT):
    chain = CHAINS[spec.kind](spec, fingerprint)
    return new_manifest(
        run=chain.run,
        spec=spec.facts(),
        fingerprint=fingerprint,
        step_keys=chain.step_keys,
        shared_keys=(),
    )


def text_run(spec=SPEC, count=6, last_token=None):
    steps = hand_made_steps(count=count)
    if last_token is not None:
        tokens = steps[-1].tokens.copy()
        tokens[-1] = last_token
        steps[-1] = dataclasses.replace(steps[-1], tokens=tokens)
    return TextRun(manifest_of(spec), tuple(steps), tuple(PIECES), MASK_ID)


def image_run(spec=IMAGE_SPEC, count=5, shift=0.0, size=None):
    steps = image_steps(count)
    moved = [
        dataclasses.replace(s, latents=s.latents + np.float32(shift)) if s.index > 1 else s
        for s in steps
    ]
    if size is not None:
        moved = [dataclasses.replace(s, latents=s.latents[:, :size, :size]) for s in moved]
    return ImageRun(manifest_of(spec), tuple(moved))


FORK = SPEC.but(changes=(TextChange(at=2, temperature=0.5),))


def test_only_settings_that_differ_are_listed_and_what_computed_them_last():
    manifests = [manifest_of(SPEC), manifest_of(FORK, "e" * 64)]
    made = [
        {"layout": "batch of 1", "versions": {"torch": "1", "numpy": "2"}},
        {"layout": "batch of 4", "versions": {"torch": "1", "numpy": "3"}},
    ]
    table = data.differing(manifests, made)
    assert list(table.index) == [
        "weights",
        "changes",
        "made by: layout",
        "made by: versions numpy",
    ]
    assert list(table.loc["changes"]) == ["none", "after step 2: temperature 0.5"]
    assert list(table.columns) == called(manifests)
    assert data.differing([manifests[0]] * 2, [{}, {}]).empty


def test_shared_steps_are_told_in_sentences():
    parent, fork, other = (manifest_of(s) for s in (SPEC, FORK, SPEC.but(length=6, steps=6)))
    (sentence,) = data.shared_sentences([parent, fork])
    assert sentence.startswith("They share the start and their first 2 steps: the same keys")
    assert data.shared_sentences([parent, other]) == [
        "They share no step: their keys differ from the start on."
    ]
    sentences = data.shared_sentences([parent, other, fork])
    assert len(sentences) == 1
    assert (
        " and length 5, 5 steps, after step 2: temperature 0.5 share the start and" in sentences[0]
    )
    (sentence,) = data.shared_sentences([parent, parent])
    assert sentence.startswith("They have the same keys throughout")
    early = manifest_of(SPEC.but(temperature=0.7))
    (sentence,) = data.shared_sentences([parent, early])
    assert sentence == "They share the start (the same key) and no step after it."


@pytest.mark.parametrize(
    ("by", "position", "places", "label"),
    [
        (BY_STEP, 7, [7, 5], "step 7"),
        (BY_STEP, 3, [3, 3], "step 3"),
        (BY_SHARE, 7, [7, 4], "70% of the way"),
        (BY_SHARE, 10, [10, 5], "100% of the way"),
        (BY_SHARE, 0, [0, 0], "0% of the way"),
    ],
)
def test_one_slider_moves_runs_of_different_lengths(by, position, places, label):
    sync = Sync((10, 5), by)
    assert sync.places(position) == places
    assert sync.label(position) == label


def test_a_run_without_a_step_has_one_place():
    assert Sync((0, 0), BY_SHARE).places(0) == [0, 0]


def test_tokens_part_where_they_differ_and_keys_where_they_do():
    runs = [text_run(), text_run(FORK), text_run(FORK, last_token=11)]
    sync = data.sync_of(runs, BY_STEP)
    tokens = data.tokens_at(runs, sync)
    assert data.parted(runs, tokens) == [
        Parted(key=None, state=None),
        Parted(key=3, state=None),
        Parted(key=3, state=5),
    ]
    apart = data.differs_from_first(tokens)
    assert apart[:2].sum() == 0
    assert list(zip(*np.nonzero(apart[2]), strict=True)) == [(5, 4)]


def test_texts_of_different_lengths_have_no_common_positions():
    long = text_run()
    short = dataclasses.replace(
        long, steps=tuple(dataclasses.replace(s, tokens=s.tokens[:3]) for s in long.steps)
    )
    sync = data.sync_of([long, short], BY_STEP)
    assert data.tokens_at([long, short], sync) is None
    table = data.text_curves([long, short], sync)
    assert table["agreement"].isna().all()
    assert data.parted([long, short], None)[1].state is None


def test_text_curves_give_agreement_and_the_confidence_of_what_was_revealed():
    runs = [text_run(), text_run(FORK, last_token=11)]
    table = data.text_curves(runs, data.sync_of(runs, BY_STEP))
    second = table[table["run"] == called([r.manifest for r in runs])[1]]
    assert list(second["agreement"]) == [1, 1, 1, 1, 1, 0.8]
    assert np.isnan(second["confidence"].iloc[0])
    assert second["confidence"].iloc[1] == pytest.approx(0.9)


def test_a_run_that_ended_is_not_drawn_on_unless_runs_go_by_share():
    runs = [text_run(), text_run(FORK, count=4)]
    by_step = data.text_curves(runs, data.sync_of(runs, BY_STEP))
    assert by_step.groupby("run", sort=False)["position"].max().tolist() == [5, 3]
    by_share = data.text_curves(runs, data.sync_of(runs, BY_SHARE))
    assert by_share.groupby("run", sort=False)["position"].max().tolist() == [5, 5]
    assert by_share.groupby("run", sort=False)["step"].max().tolist() == [5, 3]


def test_latents_part_and_their_distance_is_known():
    runs = [image_run(), image_run(shift=0.5)]
    sync = data.sync_of(runs, BY_STEP)
    latents = data.latents_at(runs, sync)
    assert data.parted(runs, latents)[1] == Parted(key=None, state=2)
    table = data.latent_curves(runs, sync, latents)
    second = table.iloc[5:]
    np.testing.assert_allclose(second["rms"], [0, 0, 0.5, 0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(second["cosine"].iloc[:2], 1)
    assert (second["cosine"].iloc[2:] < 1).all()
    small = image_run(ImageSpec(prompt="x", steps=4, width=16, height=16), size=2)
    assert data.latents_at([runs[0], small], sync) is None


def test_corruptions_agree_and_are_masked():
    runs = []
    for seed in (0, 1):
        spec = CorruptionSpec(text="the sea is calm.", steps=4, seed=seed)
        tokens = np.array(FINAL, np.int32)
        steps = tuple(corrupt_at(spec, tokens, level, mask_id=MASK_ID) for level in range(5))
        runs.append(CorruptionRun(manifest_of(spec), steps, tuple(PIECES)))
    table = data.corruption_curves(runs, data.sync_of(runs, BY_STEP))
    assert list(table["masked"].iloc[[0, 4]]) == [0, 1]
    assert list(table["agreement"].iloc[[5, 9]]) == [1, 1]


def test_maps_and_distances_have_units():
    black, white = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)
    assert (data.pixel_map(black, white) == 1).all()
    assert data.pixel_map(black, np.zeros((3, 2, 3), np.uint8)) is None
    first, second = np.zeros((4, 2, 2), np.float32), np.full((4, 2, 2), -2, np.float32)
    assert (data.latent_map(first, second) == 2).all()
    assert data.latent_map(first, second[:, :1]) is None
    assert data.rms_between(black, white) == 255
