"""Pictures: decoded once, kept, and always saying which way they came about."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from cache.errors import InvalidInput, MissingFromStore, ModelMissing
from engine.embed.spec import EmbedSpec
from engine.image import stored as image_stored
from engine.image.loading import load_image_denoiser
from engine.image.previews import fit_preview, preview_picture, preview_pixels
from engine.models.device import best_device
from engine.requests.computing import compute
from engine.requests.plans import parse_spec, plan, shared_keys


@pytest.fixture
def run(store, spec):
    return image_stored.load_image_run(store, compute(store, [spec]).runs[0])


@pytest.mark.parametrize("shows", ["latents", "predicted_x0"])
def test_every_step_is_decoded_once(store, run, spec, monkeypatch, shows):
    model = load_image_denoiser(plan(spec).model, best_device(), "float32")
    decoded = []
    real = model.pipe.vae.decode
    monkeypatch.setattr(
        model.pipe.vae, "decode", lambda *a, **k: decoded.append(1) or real(*a, **k)
    )
    wanted = image_stored.decode_spec(run.manifest, shows)
    heard = []
    compute(store, [wanted], lambda which, index: heard.append(index))
    assert len(decoded) == len(wanted.steps) - 1  # the last one is there when a run ends
    compute(store, [wanted])
    assert len(decoded) == len(wanted.steps) - 1
    for key in run.manifest.step_keys[shows == "predicted_x0" :]:
        picture = image_stored.find_decoded(store, key, shows)
        assert (picture.source, picture.width, picture.height) == ("decode", 32, 32)
        assert image_stored.picture_pixels(picture.png).shape == (32, 32, 3)


@pytest.mark.parametrize(("sampler", "same"), [("ddim", False), ("lcm", True)])
def test_what_the_last_step_predicted_is_decoded_when_a_run_ends(
    store, spec, monkeypatch, sampler, same
):
    asked = spec.but(sampler=sampler, seed=11)
    model = load_image_denoiser(plan(asked).model, best_device(), "float32")
    real, decoded = model.pipe.vae.decode, []
    monkeypatch.setattr(
        model.pipe.vae, "decode", lambda *a, **k: decoded.append(1) or real(*a, **k)
    )
    run = image_stored.load_image_run(store, compute(store, [asked]).runs[0])
    key, last = run.manifest.step_keys[-1], run.steps[-1]
    assert np.array_equal(last.latents, last.predicted_x0) == same
    assert len(decoded) == 2 - same  # the same latents are decoded once
    shown = image_stored.find_decoded(store, key, "predicted_x0")
    again = model.decode(torch.from_numpy(last.predicted_x0.copy())[None])[0]
    assert np.array_equal(image_stored.picture_pixels(shown.png), again)


def test_decoding_leaves_no_run_of_its_own(store, run):
    compute(store, [image_stored.decode_spec(run.manifest, "predicted_x0", [1])])
    assert list(store.scan("run:")) == [f"run:{run.manifest.run}"]


def test_latents_that_grow_with_sigma_are_decoded_at_unit_variance(store, spec):
    run = image_stored.load_image_run(store, compute(store, [spec.but(sampler="euler")]).runs[0])
    start = run.steps[0]
    assert start.latents.std() > 5
    assert (start.latents * start.latents_scale).std() == pytest.approx(1, abs=0.2)
    assert run.steps[-1].latents_scale == 1
    compute(store, [image_stored.decode_spec(run.manifest, "latents", [0])])
    assert image_stored.find_decoded(store, run.manifest.step_keys[0]) is not None


def test_steps_that_cannot_be_shown_are_refused(run):
    with pytest.raises(InvalidInput, match="step must be 1 to 5 for predicted_x0, got 0"):
        image_stored.decode_spec(run.manifest, "predicted_x0", [0])
    with pytest.raises(InvalidInput, match="got 6"):
        image_stored.decode_spec(run.manifest, "latents", [6])
    with pytest.raises(InvalidInput, match="one twice"):
        image_stored.decode_spec(run.manifest, "latents", [1, 1])


def test_another_version_of_the_model_does_not_decode(store, run):
    wanted = image_stored.decode_spec(run.manifest, "latents", [1]).but(fingerprint="0" * 64)
    with pytest.raises(ModelMissing, match="another version"):
        compute(store, [wanted])


def test_the_preview_is_the_least_squares_map_of_its_samples():
    generator = np.random.default_rng(0)
    matrix, offset = generator.normal(0, 0.05, (4, 3)), np.full(3, 0.5)
    latents = generator.normal(size=(3, 4, 8, 8)).astype(np.float32)
    colours = np.moveaxis(latents, 1, -1) @ matrix + offset
    pixels = (colours.clip(0, 1) * 255).round().astype(np.uint8).repeat(8, 1).repeat(8, 2)
    found = fit_preview(latents, pixels)
    assert np.allclose(found.matrix, matrix, atol=2e-3)
    assert np.allclose(found.offset, offset, atol=2e-3)
    assert found.r_squared > 0.99
    again = preview_pixels(latents[0], found)
    assert np.abs(again.astype(int) - pixels[0]).max() <= 2


def test_a_finished_run_leaves_the_models_preview(store, run):
    preview = image_stored.find_preview(store, run.manifest.fingerprint)
    assert preview.matrix.shape == (4, 3)
    picture = preview_picture(run.steps[1].latents, preview, scale=2)
    assert (picture.source, picture.width) == ("preview", 32)


def test_kept_pictures_are_found_by_their_digest(store):
    pixels = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    digest = image_stored.keep_pixels(store, pixels)
    assert digest == image_stored.keep_picture(store, image_stored.png_bytes(pixels))
    assert np.array_equal(
        image_stored.picture_pixels(image_stored.load_picture(store, digest)), pixels
    )
    with pytest.raises(MissingFromStore):
        image_stored.load_picture(store, "0" * 64)


def test_uploads_are_made_plain(store):
    clear = Image.new("RGBA", (3000, 10), (255, 0, 0, 0))
    data = io.BytesIO()
    clear.save(data, "PNG")
    digest = image_stored.keep_picture(store, data.getvalue())
    pixels = image_stored.picture_pixels(image_stored.load_picture(store, digest))
    assert pixels.shape[1] == 2048
    assert (pixels == 255).all()


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_refused(store, data):
    with pytest.raises(InvalidInput, match="not a picture"):
        image_stored.keep_picture(store, data)


def test_a_runs_result_becomes_the_start_of_others(store, spec, run):
    digest = image_stored.keep_result(store, run.manifest.run)
    runs = compute(
        store,
        [spec.but(init_image=digest, strength=s, seed=seed) for s in (0.3, 0.9) for seed in (0, 1)],
    ).runs
    found = [image_stored.load_image_run(store, each) for each in runs]
    assert [len(each.steps) - 1 for each in found] == [1, 1, 4, 4]
    assert sum(1 for _ in store.scan("encoded:")) == 1


def test_requests_survive_a_job_file(store, run):
    wanted = image_stored.decode_spec(run.manifest, "predicted_x0", [2, 1])
    assert parse_spec(json.loads(json.dumps(wanted.facts()))) == wanted
    assert shared_keys(plan(wanted)) == tuple(run.manifest.step_keys[i] for i in (2, 1))
    embed = EmbedSpec(texts=("a sea",), pictures=("0" * 64,))
    assert parse_spec(json.loads(json.dumps(embed.facts()))) == embed
