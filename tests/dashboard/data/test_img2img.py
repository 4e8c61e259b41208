import io

import numpy as np
import pytest
from PIL import Image

from cache.errors import InvalidInput
from dashboard.data import img2img
from dashboard.data.embeddings import embed_specs, stored_embeddings
from dashboard.data.finished import finished_of, load_finished, pixel_rms
from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.keys import picture_key
from engine.models.registry import find_model
from tests.dashboard.comparisons import (
    BASE,
    embed_everything,
    keep_guidance,
    keep_img2img,
    pixels_of,
    remember,
)


@pytest.fixture
def runs(store):
    return keep_img2img(store)


def only(store):
    (group,) = img2img.comparisons(manifests.listed(store, kind="image"))
    return group


def finished(store, group):
    return {run.run: load_finished(store, run) for run in group.runs}


def test_only_runs_from_a_picture_are_compared(store, runs):
    keep_guidance(store)
    assert only(store).values("strength") == [0.5, 0.75]


def test_strengths_enter_where_the_spec_skips_to_and_the_noise_is_the_stored_one(store, runs):
    group = only(store)
    deepest = img2img.most_noised(group)
    assert deepest.spec["strength"] == 0.75
    run = image_stored.load_image_run(store, deepest.run)
    assert img2img.schedule_of(run).position.tolist() == [2, 3, 4]
    entries = img2img.entries(group, run)
    assert entries.skipped.tolist() == [2, 1]
    assert entries.enters_at.tolist() == [3, 2]
    assert entries.alpha_bar.tolist() == pytest.approx([0.3, 0.2])
    assert entries.timestep.tolist() == [700, 800]


def test_a_step_that_was_never_stored_has_no_noise_level(store, runs):
    group = only(store)
    shallow = next(run for run in group.runs if run.spec["strength"] == 0.5)
    entries = img2img.entries(group, image_stored.load_image_run(store, shallow.run))
    assert np.isnan(entries.alpha_bar[1])
    assert entries.alpha_bar[0] == pytest.approx(0.3)


def test_distances_are_to_the_original_as_the_runs_saw_it(store, runs):
    group = only(store)
    start = finished_of("", img2img.original(store, group))
    table = img2img.distances(group, finished(store, group), start, embeddings=None)
    assert list(zip(table.strength, table.seed, strict=True)) == [
        (0.5, 0), (0.5, 1), (0.75, 0), (0.75, 1)
    ]  # fmt: skip
    grey = np.full((16, 16, 3), 128, np.uint8)
    assert table.pixel_distance[0] == pytest.approx(pixel_rms(pixels_of(0, 2), grey))
    assert table.clip_score.isna().all()
    means = img2img.by_strength(table)
    assert set(means.measure) == {"pixel_distance"}
    assert means["mean"][0] == pytest.approx(table.pixel_distance[:2].mean())


def test_with_embeddings_there_are_cosines_to_original_and_prompt(store, runs):
    group = only(store)
    clip = find_model("builtin-clip").fingerprint
    start = finished_of("", img2img.original(store, group))
    embed_everything(store, runs)
    remember(store, clip, {"picture": start.digest}, np.eye(8, dtype=np.float32)[1])
    pictures = finished(store, group)
    wanted = [start.digest, *(picture.digest for picture in pictures.values())]
    embeddings = stored_embeddings(store, embed_specs("c", [BASE.prompt], wanted), clip)
    table = img2img.distances(group, pictures, start, embeddings=embeddings)
    length = (0.75**2 + 1) ** 0.5
    of_seed_0 = table[(table.strength == 0.75) & (table.seed == 0)].iloc[0]
    assert of_seed_0.clip_score == pytest.approx(75 / length)
    assert of_seed_0.clip_to_original == pytest.approx(1 / length)
    of_seed_1 = table[(table.strength == 0.75) & (table.seed == 1)].iloc[0]
    assert of_seed_1.clip_to_original == pytest.approx(0, abs=1e-6)


def test_an_original_that_is_gone_is_none(store, runs):
    group = only(store)
    assert img2img.original(store, group).width == 16
    store.delete([picture_key(group.shared["init_image"])])
    assert img2img.original(store, group) is None


def test_the_noised_start_is_a_preview_and_needs_one(store, runs):
    group = only(store)
    preview = image_stored.find_preview(store, group.fingerprint)
    assert img2img.noised_start(store, group.runs[0], preview).source == "preview"
    assert img2img.noised_start(store, group.runs[0], None) is None


def encoded(kind, size=(8, 8)):
    data = io.BytesIO()
    Image.new("RGB", size, "red").save(data, kind)
    return data.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_of_three_formats_are_taken(kind):
    assert img2img.checked_upload(encoded(kind)) == encoded(kind)


@pytest.mark.parametrize("data", [b"", b"no picture", encoded("GIF"), encoded("PNG")[:20]])
def test_what_is_no_such_picture_is_named(data):
    with pytest.raises(InvalidInput, match="picture must be a PNG, JPEG or WebP"):
        img2img.checked_upload(data)


def test_uploads_are_bounded(monkeypatch):
    with pytest.raises(InvalidInput, match=r"at most 20 MB, got 20\.0 MB"):
        img2img.checked_upload(b"x" * 20_000_001)
    monkeypatch.setattr(image_stored, "MOST_PIXELS", 63)
    with pytest.raises(InvalidInput, match="at most 63 pixels, got 64"):
        img2img.checked_upload(encoded("PNG"))
