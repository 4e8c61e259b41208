"""The last stored step of runs that are being computed."""

import numpy as np

from dashboard.app_pages.new_run.emerging_runs import at_work, emerging_picture, emerging_text
from engine.chain import manifests
from engine.image.stored import picture_pixels
from tests.dashboard.conftest import MASK_ID, PIECES, SPEC, image_steps, keep_image, keep_text


def test_a_text_shows_its_last_stored_step(empty_store):
    run = keep_text(empty_store, SPEC, 3)
    manifest = manifests.load(empty_store, run)
    now = emerging_text(empty_store, manifest, pieces=PIECES, mask_id=MASK_ID)
    assert (now.step, now.of) == (2, 5)
    assert now.words == ("the", "<b>sea</b>", None, None, None)
    assert now.revealed == {1}


def test_nothing_is_shown_before_the_start_is_stored(empty_store):
    run = keep_text(empty_store, SPEC, 0)
    manifest = manifests.load(empty_store, run)
    assert emerging_text(empty_store, manifest, pieces=PIECES, mask_id=MASK_ID) is None
    assert emerging_picture(empty_store, manifest) is None


def test_a_picture_shows_its_preview_until_it_is_decoded(empty_store):
    manifest = manifests.load(empty_store, keep_image(empty_store))
    now = emerging_picture(empty_store, manifest)
    assert (now.step, now.of, now.way) == (4, 4, "decoded")
    assert (now.latents.source, now.predicted_x0.source) == ("decode", "preview")
    empty_store.delete([manifest.step_keys[4]])
    earlier = emerging_picture(empty_store, manifest)
    assert (earlier.step, earlier.way) == (3, "linear preview")
    assert earlier.latents.png != earlier.predicted_x0.png


def test_a_model_without_a_preview_shows_its_latents_as_they_are(empty_store):
    manifest = manifests.load(empty_store, keep_image(empty_store, pictures=False))
    now = emerging_picture(empty_store, manifest)
    assert (now.step, now.way) == (4, "latent channels as colours")
    red = image_steps()[4].latents[0] * 0.2 + 0.5
    shown = picture_pixels(now.latents.png)[::8, ::8, 0] / 255
    np.testing.assert_allclose(shown, red.clip(0, 1), atol=0.003)


def test_the_runs_at_work_come_first_then_the_last_finished(empty_store):
    counts = {0: 6, 1: 6, 2: 4, 3: 2, 4: 1}
    runs = [keep_text(empty_store, SPEC.but(seed=s), n) for s, n in counts.items()]
    loaded = [manifests.load(empty_store, run) for run in runs]

    def seeds(most):
        return [m.spec["seed"] for m in at_work(empty_store, loaded, most=most)]

    assert seeds(2) == [2, 3]
    assert seeds(3) == [1, 2, 3]
    assert seeds(9) == [0, 1, 2, 3, 4]
