"""What the player holds: words, confidences and marks of texts, addresses of pictures."""

import json

import numpy as np
import pytest

from dashboard.data import scenes
from engine.chain import manifests
from engine.image.keys import image_chain
from engine.text import stored as text_stored
from engine.text.keys import text_chain
from tests.dashboard.conftest import FINGERPRINT, IMAGE_SPEC, SPEC


@pytest.fixture
def run(small_store):
    return text_stored.load_text_run(small_store, text_chain(SPEC, FINGERPRINT).run)


def address(run, index, shows, source):
    return f"{run[:6]}/{shows}/{index}/{source}"


def test_a_frame_says_every_word_and_what_the_model_held_for_the_masked_ones(run):
    panel = scenes.text_panel(run, "seed 0")
    assert len(panel["frames"]) == len(run.steps)
    for step, frame in zip(run.steps, panel["frames"], strict=True):
        masked = step.tokens == run.mask_id
        assert [bool(flag & scenes.MASKED) for flag in frame["f"]] == masked.tolist()
        for position in range(run.length):
            number, row = frame["w"][position], step.row(position)
            if not masked[position]:
                assert panel["words"][number] == run.pieces[step.tokens[position]]
            elif row is None:
                assert number == -1
                assert frame["c"][position] is None
            else:
                assert panel["words"][number] == run.pieces[step.proposed[row]]
                assert frame["c"][position] == pytest.approx(step.confidence[row], abs=1e-4)


def test_a_revealed_word_keeps_the_confidence_of_its_step_and_is_marked_there_only(run):
    frames = scenes.text_panel(run, "")["frames"]
    revealed = run.reveal_step()
    for position in range(run.length):
        marks = [bool(frame["f"][position] & scenes.FRESH) for frame in frames]
        when = int(revealed[position])
        assert marks == [index == when and when > 0 for index in range(len(frames))]
        if when > 0:
            sure = run.steps[when].confidence[run.steps[when].row(position)]
            for frame in frames[when:]:
                assert frame["c"][position] == pytest.approx(sure, abs=1e-4)


def test_a_scene_is_json_and_its_digest_follows_what_it_holds(run):
    panel = scenes.text_panel(run, "seed 0")
    scene = scenes.Scene(scenes.step_labels(5), (panel,))
    json.dumps(scene.panels, allow_nan=False)
    other = scenes.Scene(scenes.step_labels(5), ({**panel, "label": "seed 1"},))
    assert scene.digest() == scenes.Scene(scenes.step_labels(5), (dict(panel),)).digest()
    assert scene.digest() != other.digest()
    assert scene.last == 5


def test_a_corruption_marks_what_a_level_masks_anew(small_store):
    (manifest,) = manifests.listed(small_store, kind="corruption")
    run = text_stored.load_corruption_run(small_store, manifest.run)
    panel = scenes.corruption_panel(run, "")
    before = np.zeros(len(run.steps[0].masked), bool)
    for step, frame, line in zip(run.steps, panel["frames"], panel["lines"], strict=True):
        fresh = [bool(flag & scenes.FRESH) for flag in frame["f"]]
        assert fresh == (step.masked & ~before).tolist()
        assert f"{int(step.masked.sum())} of {len(before)} positions are masked" in line
        before = step.masked


def test_pictures_are_addresses_and_the_start_predicts_nothing(small_store):
    manifest = manifests.load(small_store, image_chain(IMAGE_SPEC, FINGERPRINT).run)
    panel = scenes.image_panel(small_store, manifest, 4, "seed 0", address)
    latents, predicted = panel["rows"]
    assert [frame[1] for frame in latents["frames"]] == ["preview"] * 4 + ["decode"]
    assert latents["frames"][4][0] == f"{manifest.run[:6]}/latents/4/decode"
    assert predicted["frames"][0] is None
    assert panel["of"] == manifest.step_count  # the step whose picture is the final one
    assert scenes.has_pictures(scenes.Scene(scenes.step_labels(4), (panel,)))


def test_the_line_of_a_step_counts_as_people_do(run):
    assert scenes.step_line(run, 0).endswith("masked.")
    assert "nothing is masked any more" in scenes.step_line(run, len(run.steps) - 1)
