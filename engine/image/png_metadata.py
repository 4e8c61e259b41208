"""PNGs that carry the spec they were computed from, and back. No torch."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from cache.errors import InvalidInput
from cache.keys import HEX
from cache.strict_json import strict_json
from engine.chain.records import Manifest
from engine.image.records import Picture
from engine.image.spec import ImageSpec
from engine.image.stored import MOST_PIXELS

CHUNK = "stepscope"
MOST_CHARACTERS = 200_000
SCHEMA = 1
HEADER_END = 8 + 25  # of a PNG: its signature, and the chunk IHDR


@dataclass(frozen=True, slots=True)
class Carried:
    """What a PNG says of itself: its spec, the model's fingerprint, the run and the step."""

    spec: ImageSpec
    fingerprint: str
    run: str
    step: int
    source: str


def with_metadata(picture: Picture, manifest: Manifest, *, step: int) -> bytes:
    """A picture's PNG bytes with the run's full spec in a text chunk; the pixels are the same."""
    facts = {
        "schema": SCHEMA,
        "run": manifest.run,
        "step": step,
        "source": picture.source,
        "fingerprint": manifest.fingerprint,
        "spec": dict(manifest.spec),
    }
    text = json.dumps(facts, ensure_ascii=False, allow_nan=False).encode()
    # behind the header chunk, of fixed length: the pixels are not decoded and encoded again
    return picture.png[:HEADER_END] + _itxt(text) + picture.png[HEADER_END:]


def _itxt(text: bytes) -> bytes:
    """An iTXt chunk (PNG specification, 11.3.3.4), not compressed, without language."""
    body = b"iTXt" + CHUNK.encode() + b"\0\0\0\0\0" + text
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def read_metadata(path: Path) -> Carried:
    """What a PNG carries. Raises InvalidInput for files that carry nothing, or nothing sensible."""
    try:
        with Image.open(path, formats=["PNG"]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise InvalidInput(f"{path} has more than {MOST_PIXELS} pixels")
            opened.load()  # text chunks may follow the pixels
            text = opened.text.get(CHUNK, "") if isinstance(opened, _Png) else ""
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput(f"{path} is not a PNG that can be read") from error
    except ValueError as error:
        raise InvalidInput(f"{path} cannot be used: {error}") from error
    if not text:
        raise InvalidInput(f"{path} carries no spec: it was not written by this program")
    return _carried(path, text)


_Png = PngImagePlugin.PngImageFile


def _carried(path: Path, text: str) -> Carried:
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"{path} carries more than {MOST_CHARACTERS} characters")
    try:
        facts: dict[str, Any] = strict_json(text.encode(), most_bytes=4 * MOST_CHARACTERS)
        spec = ImageSpec.parse(facts["spec"])
        if type(facts["step"]) is not int or not HEX.fullmatch(str(facts["run"])):
            raise ValueError("its run must be 64 hexadecimal characters, its step a number")
        return Carried(
            spec=spec,
            fingerprint=str(facts["fingerprint"]),
            run=str(facts["run"]),
            step=facts["step"],
            source=str(facts["source"]),
        )
    except InvalidInput:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput(f"{path} carries a spec that cannot be read") from error
