"""What payloads of image runs from elsewhere must hold before a store takes them in. No torch."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from cache.payload import Payload
from engine.chain.payload_checks import must, must_be_floats
from engine.image import stored as image_stored
from engine.image.records import Pixels

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG's colour types


def check_image(payload: Payload, _spec: Mapping[str, Any], index: int) -> tuple[int, ...]:
    """The shape of an image step's latents. Raises one of Malformed."""
    must(payload.meta["index"] == index, f"is step {payload.meta['index']}, not {index}")
    step = image_stored.image_step(payload)
    shape = step.latents.shape
    must(len(shape) == 3 and 0 < step.latents.size <= 2**24, f"has latents of shape {shape}")
    for name in image_stored.STEP_ARRAYS:
        array = getattr(step, name)
        if array is not None:
            must_be_floats(array, shape, name)
    numbers = [payload.meta[name] for name in image_stored.STEP_NUMBERS]
    must(all(isinstance(number, int | float) for number in numbers), "has no numbers")
    norms = step.norms
    must(isinstance(norms, Mapping), "has no norms")
    must(all(isinstance(norm, int | float) for norm in norms.values()), "has norms of text")
    must(isinstance(step.meta, Mapping), "has no provenance")
    return shape


def check_png(payload: Payload, _digest: str) -> None:
    """A decoded picture. Raises one of Malformed."""
    decoded(payload)


def check_picture(payload: Payload, digest: str) -> None:
    """A picture that is kept under the hash of its pixels. Raises one of Malformed."""
    same = image_stored.picture_digest(decoded(payload)) == digest
    must(same, "is not the picture of its key")


def check_preview(payload: Payload, _digest: str) -> None:
    """A linear map of latents to colours. Raises one of Malformed."""
    matrix = payload.arrays["matrix"]
    must_be_floats(matrix, (len(matrix), 3), "matrix")
    must_be_floats(payload.arrays["offset"], (3,), "offset")
    for name in ("r_squared", "samples"):
        must(isinstance(payload.meta[name], int | float), f"has no {name}")


def decoded(payload: Payload) -> Pixels:
    """All pixels of a picture: one that was cut short shows itself only when it is drawn."""
    data = payload.arrays["png"]
    must(data.dtype == np.uint8 and data.ndim == 1, "has no PNG")
    size = (payload.meta["width"], payload.meta["height"])
    with Image.open(io.BytesIO(data.tobytes()), formats=["PNG"]) as opened:
        must(opened.size == size, f"is {opened.size}, and says it is {size}")
        most = image_stored.LARGEST_SIDE
        must(max(size) <= most, f"must be at most {most} pixels a side, got {size}")
        opened.verify()
    must(_has_all_rows(data.tobytes()), "has fewer rows of pixels than it says")
    return image_stored.picture_pixels(data.tobytes())


def _has_all_rows(png: bytes) -> bool:
    """Whether a PNG's pixel stream is as long as its header says; Pillow draws a shorter one.

    Interlaced ones, which are never written here, are left to Pillow (PNG 1.2, 4.1.1 and 4.1.3).
    """
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    if interlaced:
        return True
    pixels, at = [], 8
    while at + 8 <= len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            pixels.append(png[at + 8 : at + 8 + length])
        at += length + 12
    row: int = 1 + (width * CHANNELS[colour] * depth + 7) // 8
    unpacked = zlib.decompressobj().decompress(b"".join(pixels), row * height + 1)
    return bool(len(unpacked) == row * height)
