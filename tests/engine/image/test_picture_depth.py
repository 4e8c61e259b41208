"""Pictures of more than 8 bits keep what they show."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cache.errors import InvalidInput
from engine.image import stored as image_stored
from engine.image.picture_cut import cut_sentence


def read(store, ramp, kind):
    data = io.BytesIO()
    Image.fromarray(np.tile(ramp, (8, 1))).save(data, kind)
    digest, notes = image_stored.keep_picture_with_notes(store, data.getvalue())
    return image_stored.picture_pixels(image_stored.load_picture(store, digest))[0, :, 0], notes


@pytest.mark.parametrize(
    ("top", "dtype", "kind"),
    [
        (65535, np.uint16, "PNG"),
        (65535, np.uint16, "TIFF"),
        (65535, np.int32, "TIFF"),
        (255, np.int32, "TIFF"),
        (2**31 - 1, np.int32, "TIFF"),
        (1.0, np.float32, "TIFF"),
        (300.0, np.float32, "TIFF"),
    ],
)
def test_a_ramp_stays_a_ramp(store, top, dtype, kind):
    pixels, notes = read(store, np.linspace(0, top, 52).astype(dtype), kind)
    assert np.abs(pixels.astype(int) - np.linspace(0, 255, 52)).max() <= 1
    assert len(notes) == 1


def test_floats_out_of_range_are_stretched_and_said(store):
    _, (note,) = read(store, np.linspace(-2, 6, 52).astype(np.float32), "TIFF")
    assert note == "floats, stretched: -2 is black, 6 is white"
    with pytest.raises(InvalidInput, match="finite"):
        read(store, np.array([0.0, np.nan], np.float32), "TIFF")


def test_a_header_that_promises_too_much_names_the_bound(store):
    data = io.BytesIO()
    Image.new("1", (8, 8)).save(data, "PNG")
    begin, rest = data.getvalue()[:12], data.getvalue()[33:]  # around the IHDR chunk
    header = b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 1, 0, 0, 0, 0)
    huge = begin + header + struct.pack(">I", zlib.crc32(header)) + rest
    with pytest.raises(InvalidInput, match="at most 40000000 pixels"):
        image_stored.keep_picture(store, huge)


def test_what_a_start_picture_loses_is_told():
    assert cut_sentence((64, 64), 64, 64) is None
    assert (
        cut_sentence((128, 128), 64, 64) == "the start picture is scaled from 128 x 128 to 64 x 64"
    )
    assert cut_sentence((128, 64), 64, 64).endswith("50% of it cut off, half left, half right")
    assert cut_sentence((64, 80), 64, 64).endswith("20% of it cut off, half top, half bottom")
