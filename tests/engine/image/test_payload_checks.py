"""Pictures from elsewhere are drawn whole before they are believed."""

import struct
import zlib

import numpy as np
import pytest

from cache.payload import Payload
from engine.image import stored as image_stored
from engine.image.payload_checks import check_png


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows, height=8, width=8):
    """A picture that says it has ``height`` rows and has ``rows``; its stream ends cleanly."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    stream = zlib.compress(b"".join(b"\0" + b"\x40" * 3 * width for _ in range(rows)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", stream) + chunk(b"IEND", b"")
    )


def payload(data, size=8):
    array = np.frombuffer(data, np.uint8)
    return Payload({"png": array}, {"width": size, "height": size})


def test_a_whole_picture_is_taken():
    check_png(payload(png(8)), "")
    grey = np.full((8, 8, 3), 90, np.uint8)
    check_png(payload(image_stored.png_bytes(grey)), "")


@pytest.mark.parametrize("rows", [0, 7, 9])
def test_a_stream_of_other_length_than_said_is_refused(rows):
    with pytest.raises((ValueError, OSError)):
        check_png(payload(png(rows)), "")
