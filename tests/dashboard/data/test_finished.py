import base64
import io

import numpy as np
import pytest
from PIL import Image

from dashboard.data.finished import (
    MEASURED,
    THUMB,
    finished_of,
    load_finished,
    pixel_rms,
    sized_thumbnail,
)
from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.records import Picture
from tests.dashboard.comparisons import BASE, keep_run, pixels_of


def picture(width, height):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Picture(image_stored.png_bytes(pixels), width, height, source="decode")


def opened(uri):
    head, data = uri.split(",", 1)
    return head, Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_small_picture_is_its_own_thumbnail(store):
    run = keep_run(store, BASE, pixels_of(3, 1))
    finished = load_finished(store, manifests.load(store, run))
    head, thumb = opened(finished.thumb)
    assert head == "data:image/png;base64"
    assert np.array_equal(np.asarray(thumb.convert("RGB")), pixels_of(3, 1))
    assert np.array_equal(finished.small, pixels_of(3, 1))
    assert finished.digest == image_stored.keep_result(store, run)


def test_a_large_picture_becomes_small_and_keeps_its_shape():
    finished = finished_of("r", picture(512, 256))
    head, thumb = opened(finished.thumb)
    assert head == "data:image/webp;base64"
    assert thumb.size == (THUMB, THUMB // 2)
    assert finished.small.shape == (MEASURED // 2, MEASURED, 3)
    assert (finished.width, finished.height) == (512, 256)


def test_a_long_thin_picture_stays_wide_enough_for_ssim():
    assert finished_of("r", picture(1024, 32)).small.shape == (16, 512, 3)


def test_an_unfinished_run_has_no_picture(store):
    run = keep_run(store, BASE, None)
    assert load_finished(store, manifests.load(store, run)) is None


def test_the_distance_of_black_and_white_is_one():
    black, white = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)
    assert pixel_rms(black, white) == 1
    assert pixel_rms(black, black) == 0
    half = white.copy()
    half[0] = 0
    assert pixel_rms(half, white) == pytest.approx(0.5**0.5)


def test_a_small_picture_tells_its_size():
    png = image_stored.png_bytes(np.zeros((200, 400, 3), np.uint8))
    uri, width, height = sized_thumbnail(png, side=100)
    assert uri.startswith("data:image/webp;base64,")
    assert (width, height) == (100, 50)
    small = image_stored.png_bytes(np.zeros((8, 6, 3), np.uint8))
    assert sized_thumbnail(small, side=100)[1:] == (6, 8)
