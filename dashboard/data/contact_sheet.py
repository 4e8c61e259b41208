"""A whole contact sheet as one PNG, drawn from the pictures themselves. No Streamlit."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFont

MOST_PIXELS = 16_000_000
INK, PAPER, BLANK = "#16232b", "#ffffff", "#e9eef1"
GAP = 6


def sheet_png(
    rows: Sequence[Sequence[str]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    png_of: Callable[[str], bytes | None],
    size: tuple[int, int],
) -> bytes:
    """PNG bytes of rows of pictures with labels, each as large as it is while they all fit.

    ``rows`` name pictures (a run's id; '' for none), ``png_of`` gives one's PNG bytes, ``size``
    is a picture's width and height in pixels. Larger sheets than MOST_PIXELS are scaled down.
    """
    columns = max(1, len(column_labels))
    whole = columns * size[0] * max(1, len(rows)) * size[1]
    scale = min(1.0, (MOST_PIXELS / whole) ** 0.5)
    wide, tall = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    font = ImageFont.load_default(max(11, min(28, tall // 8)))
    left = 2 * GAP + max((_width(font, label) for label in row_labels), default=0)
    top = 2 * GAP + max((_lines_height(font, label) for label in column_labels), default=0)
    pitch = GAP + max([wide, *(_width(font, label) + GAP for label in column_labels)])
    sheet = Image.new("RGB", (left + columns * pitch, top + len(rows) * (tall + GAP)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for c, label in enumerate(column_labels):
        draw.multiline_text((left + c * pitch, GAP), label, INK, font)
    for r, (label, row) in enumerate(zip(row_labels, rows, strict=True)):
        y = top + r * (tall + GAP)
        draw.multiline_text((GAP, y + tall // 2 - 8), label, INK, font)
        for c, name in enumerate(row):
            x = left + c * pitch
            _put(sheet, png_of(name) if name else None, (x, y, x + wide, y + tall))
    data = io.BytesIO()
    sheet.save(data, "PNG", compress_level=4)
    return data.getvalue()


def _put(sheet: Image.Image, png: bytes | None, box: tuple[int, int, int, int]) -> None:
    size = box[2] - box[0], box[3] - box[1]
    if png is None:
        sheet.paste(BLANK, box)
        return
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    sheet.paste(picture, box[:2])


def _width(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, label: str) -> int:
    return max(round(font.getlength(line)) for line in label.split("\n"))


def _lines_height(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, label: str) -> int:
    size = font.size if isinstance(font, ImageFont.FreeTypeFont) else 11
    return round(1.3 * size) * len(label.split("\n"))
