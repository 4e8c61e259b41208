"""Pictures of more than 8 bits a channel to 8, without losing what they show. No torch.

Pillow's own conversion cuts whatever is above 255 to white. Grey of 16 bits is divided by 257,
whole numbers of 32 bits by the most that the bits hold which their largest value needs (8, 16, 31,
32). Floats from 0 to 1 are taken as they are; others, and numbers below 0, are stretched from their
least to their greatest value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cache.errors import InvalidInput

Floats = NDArray[np.float64]

BITS_A_SAMPLE, SAMPLE_FORMAT, PHOTOMETRIC = 258, 339, 262  # TIFF tags
UNSIGNED, SIGNED = 1, 2
WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1


def eight_bits(picture: Image.Image) -> tuple[Image.Image, str]:
    """(the picture in a mode of 8 bits, how its values were scaled in words or "").

    Raises InvalidInput for values that are not finite.
    """
    if picture.mode.startswith("I;16"):
        # 65535 = 255 * 257: white stays white
        values, scaling = np.asarray(picture).astype(np.float64) / 257.0, "16-bit grey, scaled to 8"
    elif picture.mode == "I":
        values, scaling = _whole_numbers(picture)
    elif picture.mode == "F":
        values, scaling = _floats(np.asarray(picture, np.float64))
    else:
        return picture, ""
    if _tag(picture, PHOTOMETRIC, BLACK_IS_ZERO) == WHITE_IS_ZERO:
        values = 255.0 - values  # Pillow turns only 8 bits round
    return _grey(values), scaling


def _whole_numbers(picture: Image.Image) -> tuple[Floats, str]:
    stored = np.asarray(picture)
    if _tag(picture, SAMPLE_FORMAT, SIGNED) == UNSIGNED and _tag(picture, BITS_A_SAMPLE, 32) == 32:
        stored = stored.astype(np.int32).view(np.uint32)  # Pillow keeps them in signed ones
    values = stored.astype(np.float64)
    if values.min() < 0:
        values, scaling = _floats(values)
        return values, scaling.replace("floats", "whole numbers")
    bits = next(bits for bits in (8, 16, 31, 32) if values.max() <= 2**bits - 1)
    return values * (255.0 / (2**bits - 1)), f"whole numbers of {bits} bits, scaled to 8"


def _tag(picture: Image.Image, tag: int, default: int) -> int:
    """A number that a TIFF says of itself."""
    value = getattr(picture, "tag_v2", {}).get(tag, default)
    return int(value[0] if isinstance(value, tuple) else value)


def _floats(values: Floats) -> tuple[Floats, str]:
    if not np.isfinite(values).all():
        raise InvalidInput("a picture of floats must be finite, got nan or inf")
    low, high = float(values.min()), float(values.max())
    if low >= 0.0 and high <= 1.0:
        return values * 255.0, "floats from 0 to 1, 1 is white"
    if high == low:
        return np.full_like(values, 127.5), f"floats, all {low:g}: a plain grey"
    scaling = f"floats, stretched: {low:g} is black, {high:g} is white"
    return (values - low) * (255.0 / (high - low)), scaling


def _grey(values: Floats) -> Image.Image:
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))
