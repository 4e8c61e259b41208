import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from cache.errors import InvalidInput
from dashboard.data import frames
from dashboard.data.sentence_frames import sentence_pictures
from engine.image import stored as image_stored
from engine.image.png_metadata import CHUNK, read_metadata, with_metadata
from engine.text import stored as text_stored
from engine.text.keys import text_chain
from tests.dashboard.conftest import FINGERPRINT, SPEC, keep_corruption, keep_image, keep_text


@pytest.fixture
def image_run(store):
    return image_stored.load_image_run(store, keep_image(store))


def opened(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_frame_of_an_image_run_carries_its_spec(store, image_run, tmp_path):
    files = opened(frames.frames_zip(store, image_run))
    pngs = [name for name in files if name.endswith(".png")]
    assert pngs == [
        *(f"predicted-x0/step-{i:03}.png" for i in range(1, 5)),
        *(f"x-t/step-{i:03}.png" for i in range(5)),
    ]
    for name in pngs:
        (tmp_path / "frame.png").write_bytes(files[name])
        carried = read_metadata(tmp_path / "frame.png")
        assert carried.run == image_run.manifest.run
        assert carried.step == int(name[-7:-4])
        assert carried.spec.prompt == "a <b>calm</b> sea"
    listed = json.loads(files["frames.json"])["frames"]
    makers = {row["file"]: row["made_by"] for row in listed}
    assert makers["x-t/step-004.png"] == "the model's autoencoder"
    assert makers["x-t/step-003.png"].startswith("a linear preview")


def test_carrying_a_spec_leaves_every_other_chunk_of_a_png_as_it_was(store, image_run):
    manifest = image_run.manifest
    picture = image_stored.find_result(store, manifest)
    before, after = (chunks(png) for png in (picture.png, with_metadata(picture, manifest, step=4)))
    (added,) = (chunk for chunk in after if chunk[0] == b"iTXt")
    assert [chunk for chunk in after if chunk != added] == before
    assert {kind for kind, _ in before} >= {b"IHDR", b"IDAT", b"IEND"}


def chunks(png):
    """(type, data with its checksum) of every chunk, in order."""
    parts, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        parts.append((png[at + 4 : at + 8], png[at + 8 : at + 12 + length]))
        at += 12 + length
    return parts


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_an_image_run_moves_from_its_first_step_to_its_last(store, image_run, kind):
    steps = [  # equal frames would be joined
        dataclasses.replace(s, predicted_x0=s.predicted_x0 * 2 * s.index if s.index else None)
        for s in image_run.steps
    ]
    run = dataclasses.replace(image_run, steps=tuple(steps))
    with Image.open(io.BytesIO(frames.moving_picture(store, run, kind))) as moving:
        assert moving.format == kind.upper()
        assert moving.size == (32, 32)
        assert moving.n_frames == 4
        assert moving.info["loop"] == 0


def test_a_run_without_any_picture_says_so(store):
    run = image_stored.load_image_run(store, keep_image(store, pictures=False))
    for make in (frames.frames_zip, lambda s, r: frames.moving_picture(s, r, "gif")):
        with pytest.raises(InvalidInput, match="no step was decoded and its model has no preview"):
            make(store, run)


@pytest.mark.parametrize("kind", ["text", "corruption"])
def test_a_sentence_moves_too(store, kind):
    keep = {"text": lambda: keep_text(store, SPEC, 6), "corruption": lambda: keep_corruption(store)}
    load = {"text": text_stored.load_text_run, "corruption": text_stored.load_corruption_run}
    run = load[kind](store, keep[kind]())
    files = opened(frames.frames_zip(store, run))
    assert len([name for name in files if name.startswith("sentence/")]) == len(run.steps)
    with Image.open(io.BytesIO(files["sentence/step-001.png"])) as first:
        assert json.loads(first.text[CHUNK])["source"] == "drawn"
    with Image.open(io.BytesIO(frames.moving_picture(store, run, "webp"))) as moving:
        assert moving.n_frames == len(run.steps)
        last = np.asarray(moving.convert("RGB"))
        moving.seek(len(run.steps) - 1)
        assert not np.array_equal(np.asarray(moving.convert("RGB")), last)


def test_a_sentence_does_not_jump_and_masks_are_blank(store):
    run = text_stored.load_text_run(store, keep_text(store, SPEC, 6))
    drawn = dict(sentence_pictures(run, range(6)))
    sizes = {(picture.width, picture.height) for picture in drawn.values()}
    assert len(sizes) == 1
    pixels = {step: image_stored.picture_pixels(picture.png) for step, picture in drawn.items()}
    blank = [np.count_nonzero((p == (0xE0, 0xE7, 0xEC)).all(axis=2)) for p in pixels.values()]
    assert blank == sorted(blank, reverse=True)
    assert blank[0] > 0
    assert blank[-1] == 0


def test_words_from_anywhere_are_drawn(store):
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "🌊",
        "مرحبا",
        "\x00\x1b",
        "x" * 500,
        "<b>",
    ]
    keep_text(store, SPEC, 6)
    run = text_stored.load_text_run(store, text_chain(SPEC, FINGERPRINT).run)
    odd = type(run)(run.manifest, run.steps, tuple(pieces + ["w"] * 40), run.mask_id)
    assert len(list(sentence_pictures(odd, range(6)))) == 6


def test_frames_are_spread_with_both_ends():
    assert frames.spread(0, 5) == [0, 1, 2, 3, 4]
    assert frames.spread(1, 5, 60) == [1, 2, 3, 4]
    chosen = frames.spread(1, 201, 60)
    assert (len(chosen), chosen[0], chosen[-1]) == (60, 1, 200)
    assert frames.spread(1, 1, 60) == []
