"""The picture an img2img run starts from, as the autoencoder is shown it. No torch."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from cache.store import Store
from engine.image import stored as image_stored
from engine.image.spec import ImageSpec


def fitted_picture(store: Store, spec: ImageSpec) -> Image.Image:
    """A spec's init image in RGB at the spec's size: scaled to cover it, cut around the middle."""
    if spec.init_image is None or spec.width is None or spec.height is None:
        raise ValueError("the spec must be resolved and have an init image")
    with Image.open(io.BytesIO(image_stored.load_picture(store, spec.init_image))) as opened:
        picture = opened.convert("RGB")
    if picture.size == (spec.width, spec.height):
        return picture
    return ImageOps.fit(picture, (spec.width, spec.height), Image.Resampling.LANCZOS)
