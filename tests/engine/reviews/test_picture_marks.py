"""Frames on pictures: where a remark points, and nothing else is touched."""

import io

import numpy as np
from PIL import Image

from engine.reviews.picture_marks import SIDE, with_frames
from engine.reviews.records import Region


def png_of(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_frame_stands_around_its_region_and_leaves_the_rest():
    grey = png_of(np.full((128, 128, 3), 90, np.uint8))
    framed = pixels(with_frames(grey, [("1", Region(x=0.5, y=0.5, w=0.25, h=0.25)), ("2", None)]))
    assert framed.shape == (SIDE, SIDE, 3)
    changed = (framed != 90).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), columns.min()) == (128, 128)
    assert (rows.max(), columns.max()) == (192, 192)
    assert not changed[160:180, 160:180].any()  # what is pointed at is seen


def test_a_picture_without_a_region_keeps_its_bytes():
    assert with_frames(b"as it was", []) == b"as it was"
    assert with_frames(b"", [("1", Region(x=0, y=0, w=1, h=1))]) == b""
