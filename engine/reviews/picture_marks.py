"""Numbered frames on a picture, where remarks point at its regions. No torch."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from engine.reviews.records import Region

SIDE = 256  # pixels that a small picture is drawn at, so that a number can be read on it
FRAME, HALO = "#e69f00", "#16232b"
LABEL = 20  # pixels of a number's height


def with_frames(png: bytes, marks: Sequence[tuple[str, Region | None]]) -> bytes:
    """A PNG with a frame and its number for each region; the same bytes where there is none."""
    framed = [(number, region) for number, region in marks if region is not None]
    if not png or not framed:
        return png
    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        picture = opened.convert("RGB")
    if max(picture.size) < SIDE:
        times = -(-SIDE // max(picture.size))
        size = picture.width * times, picture.height * times
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(LABEL - 5)
    for number, region in framed:
        x0, y0 = region.x * picture.width, region.y * picture.height
        x1, y1 = x0 + region.w * picture.width, y0 + region.h * picture.height
        draw.rectangle((x0, y0, x1, y1), outline=HALO, width=4)
        draw.rectangle((x0 + 1, y0 + 1, x1 - 1, y1 - 1), outline=FRAME, width=2)
        wide = 10 + 9 * len(number)
        draw.rectangle((x0, y0, x0 + wide, y0 + LABEL), fill=HALO)
        draw.text((x0 + wide / 2, y0 + LABEL / 2), number, fill=FRAME, font=font, anchor="mm")
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return data.getvalue()
