"""Finished pictures, small enough that hundreds of them can be held and shown at once."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cache.errors import PayloadError
from cache.store import Store
from engine.chain.malformed import Malformed
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.image.records import Picture, Pixels
from engine.metrics.latent_trajectory import rms

THUMB = 192  # pixels of a thumbnail's longer side
MEASURED = 128  # pixels of the longer side of the copy that pixel metrics see
LEAST = 16  # pixels of its shorter side: SSIM's window needs eleven
QUALITY = 85  # of WebP, 0 to 100
AS_IT_IS = 16_000  # bytes of a PNG that is its own thumbnail


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A run's last picture: its digest among kept pictures, a thumbnail, a copy to measure."""

    run: str
    digest: str
    width: int  # pixels of the picture itself
    height: int
    thumb: str  # a data URI
    small: Pixels  # at most MEASURED pixels a side, where it is not very long and thin


def load_finished(store: Store, manifest: Manifest) -> Finished | None:
    """The picture a run ended in; None while it is not complete. Raises PayloadDamaged."""
    picture = image_stored.find_result(store, manifest)
    return None if picture is None else finished_of(manifest.run, picture)


def finished_of(run: str, picture: Picture) -> Finished:
    """A picture made small and measured; ``run`` is '' for one that no run made."""
    pixels = image_stored.picture_pixels(picture.png)
    decoded = Image.fromarray(pixels)
    return Finished(
        run=run,
        digest=image_stored.picture_digest(pixels),
        width=picture.width,
        height=picture.height,
        thumb=_uri(*_small(decoded, picture.png, THUMB)),
        small=np.asarray(_within(decoded, MEASURED, least=LEAST)),
    )


def thumbnail(png: bytes, *, side: int = THUMB) -> str:
    """A data URI of ``shrunk``. Raises PayloadError for one that cannot be read."""
    return _uri(*shrunk(png, side=side))


def sized_thumbnail(png: bytes, *, side: int) -> tuple[str, int, int]:
    """``thumbnail``, and how wide and tall it is in pixels. Raises as it does."""
    kind, small = shrunk(png, side=side)
    with Image.open(io.BytesIO(small), formats=[kind.upper()]) as opened:
        return _uri(kind, small), opened.width, opened.height


def shrunk(png: bytes, *, side: int) -> tuple[str, bytes]:
    """Format and bytes of a picture at most ``side`` pixels a side; a small PNG stays what it is.

    Raises PayloadError for one that cannot be read.
    """
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            if opened.width * opened.height > image_stored.MOST_PIXELS:
                raise ValueError(f"it has {opened.width} x {opened.height} pixels")
            return _small(opened, png, side)
    except Malformed as error:
        raise PayloadError(f"a stored picture cannot be drawn: {error}"[:200]) from error


def check_png(png: bytes) -> None:
    """Raises PayloadError for a PNG whose parts are not whole; quick, for no pixel is decoded."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            opened.verify()
    except Malformed as error:
        raise PayloadError(f"a stored picture cannot be drawn: {error}"[:200]) from error


def pixel_rms(first: Pixels, second: Pixels) -> float:
    """Root mean square difference of two pictures [h, w, 3], 0 (the same) to 1 (black on white)."""
    difference = (first.astype(np.float64) - second.astype(np.float64)) / 255
    return float(rms(difference))


def _small(opened: Image.Image, png: bytes, side: int) -> tuple[str, bytes]:
    if len(png) <= AS_IT_IS and max(opened.size) <= side:
        return "png", png
    data = io.BytesIO()
    _within(opened.convert("RGB"), side).save(data, "WEBP", quality=QUALITY, method=2)
    return "webp", data.getvalue()


def _within(picture: Image.Image, side: int, *, least: int = 1) -> Image.Image:
    scale = max(side / max(picture.size), least / min(picture.size))
    if scale >= 1:
        return picture
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
