"""Picture files as they are put in: to RGB of 8 bits, and what was lost on the way. No torch."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from cache.errors import InvalidInput
from engine.image.picture_depth import eight_bits

MOST_PIXELS = 40_000_000  # of an uploaded picture
LARGEST_SIDE = 2048  # of a kept picture


def read_picture(data: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """(RGB picture of at most 2048 pixels a side, what became of it in words).

    Transparency becomes white. Raises InvalidInput for what is not a picture, or is too large.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise InvalidInput(
                    f"a picture must be at most {MOST_PIXELS} pixels, "
                    f"got {opened.width} x {opened.height}"
                )
            shallow, depth = eight_bits(ImageOps.exif_transpose(opened))
            picture = shallow.convert("RGBA")
    except InvalidInput:
        raise
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or MOST_PIXELS)
        raise InvalidInput(
            f"a picture must be at most {MOST_PIXELS} pixels, got more than {most}"
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        # what Pillow says of it names an object in memory
        raise InvalidInput("not a picture that can be read (PNG, JPEG, WebP, ...)") from error
    ground = Image.new("RGBA", picture.size, "white")
    picture = Image.alpha_composite(ground, picture).convert("RGB")
    before = picture.size
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    notes = [depth] if depth else []
    if picture.size != before:
        notes.append(f"scaled from {before[0]} x {before[1]} to {picture.width} x {picture.height}")
    return picture, tuple(notes)
