"""Figures as they stood on a page when an item was made of it: pictures, kept with the board.

No torch. A figure of a page is drawn by the dashboard; what is kept is its PNG, so that a report
holds it, and an imported board shows it, without the dashboard that drew it.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Sequence

from PIL import Image, ImageChops

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain.malformed import Malformed
from engine.reviews.entries import entries, put
from engine.reviews.records import MOST_PNG, Figure, Person

MOST_KEPT = 4  # of an item
MARGIN = 12  # pixels that are left around what is drawn
SMALLER = 0.75  # of a side, until a picture fits


def fitting(png: bytes) -> bytes:
    """A PNG that can be kept, without an empty margin: else in 256 colours, else smaller, too.

    Raises InvalidInput for what is no PNG.
    """
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            drawn = opened.convert("RGB")
    except Malformed as error:
        raise InvalidInput(f"png must be a PNG, got {str(error)[:80]}") from error
    picture = _without_margin(drawn)
    if picture.size == drawn.size and _fits(png):
        return png
    whole = io.BytesIO()
    picture.save(whole, "PNG", optimize=True)
    if _fits(whole.getvalue()):
        return whole.getvalue()
    while True:
        data = io.BytesIO()
        picture.quantize(256, method=Image.Quantize.MEDIANCUT).save(data, "PNG", optimize=True)
        if _fits(data.getvalue()):
            return data.getvalue()
        size = max(1, int(picture.width * SMALLER)), max(1, int(picture.height * SMALLER))
        picture = picture.resize(size, Image.Resampling.LANCZOS)


def _without_margin(picture: Image.Image) -> Image.Image:
    """What of a picture is not its corner's colour, and a little around it."""
    paper = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    found = ImageChops.difference(picture, paper).getbbox()
    if found is None:
        return picture
    left, top, right, bottom = found
    wide, high = picture.size
    return picture.crop(
        (
            max(0, left - MARGIN), max(0, top - MARGIN),
            min(wide, right + MARGIN), min(high, bottom + MARGIN),
        )
    )  # fmt: skip


def _fits(png: bytes) -> bool:
    return 4 * -(-len(png) // 3) <= MOST_PNG


def keep_figures(
    store: Store, board: str, item: str, pictures: Sequence[tuple[str, bytes]], *, by: Person
) -> list[str]:
    """Keep PNGs, each with its name, with an item of a board; their ids.

    All are checked before the first is written. Raises InvalidInput.
    """
    if len(pictures) > MOST_KEPT:
        raise InvalidInput(f"figures must be 0 to {MOST_KEPT} of an item, got {len(pictures)}")
    kept = [
        Figure(
            board=board, at=time.time(), by=by, item=item, name=name,
            png=base64.b64encode(png).decode(),
        )
        for name, png in pictures
    ]  # fmt: skip
    return [put(store, each) for each in kept]


def figures_of(store: Store, board: str) -> dict[str, list[Figure]]:
    """The figures that were kept with a board, by item, in the order they were kept."""
    kept: dict[str, list[Figure]] = {}
    for _, figure in entries(store, Figure, board):
        if figure.board == board:
            kept.setdefault(figure.item, []).append(figure)
    return kept
