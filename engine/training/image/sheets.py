"""Pictures beside each other: the sheets that lie beside the model cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pictures = NDArray[np.uint8]  # [picture, y, x, 3]
GAP, LINE = 4, 16  # pixels between pictures; of a line of words
GUTTER = 8  # pixels between words below pictures
FONT, LATER = ImageFont.load_default(size=12), "#b3261e"


def contact_sheet(
    pictures: Pictures,
    *,
    columns: int,
    scale: int = 2,
    labels: Sequence[str] = (),
    below: Sequence[Sequence[str]] = (),
) -> Image.Image:
    """Pictures in rows, left to right, enlarged with smooth interpolation, on thin margins.

    ``labels`` stand above them, one each, cut where they would run into the next; ``below`` them
    stand paragraphs, one or more each, broken into as many lines as they need, all but the first
    in red.
    """
    side, head = pictures.shape[1] * scale, LINE if labels else 0
    told = [[_broken(text, side - GUTTER) for text in paragraphs] for paragraphs in below]
    foot = LINE * max((sum(map(len, paragraphs)) for paragraphs in told), default=0)
    wide, high = side + GAP, side + GAP + head + foot
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * wide + GAP, rows * high + GAP), "white")
    for k, picture in enumerate(pictures):
        enlarged = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
        x, y = GAP + (k % columns) * wide, GAP + (k // columns) * high
        sheet.paste(enlarged, (x, y + head))
        if labels:
            sheet.paste(_line(labels[k], side), (x, y))
        lines = [(line, n > 0) for n, part in enumerate(told[k] if told else ()) for line in part]
        for row, (line, later) in enumerate(lines):
            words = _line(line, side, fill=LATER if later else "black")
            sheet.paste(words, (x, y + head + side + row * LINE))
    return sheet


def _broken(text: str, width: int) -> list[str]:
    """Lines of whole words that are so many pixels wide; a longer word has its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and FONT.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def sample_sheet(
    sheets: Mapping[float, Pictures], prompts: Sequence[str], *, seeds: int, scale: int = 2
) -> Image.Image:
    """All sheets side by side, their guidance above; a row a prompt, under it, a column a seed."""
    gap, head = 12, 2 * LINE + GAP
    rows = [
        [contact_sheet(of_row, columns=seeds, scale=scale) for of_row in _in_rows(pictures, seeds)]
        for pictures in sheets.values()
    ]
    wide, high = rows[0][0].size
    width = len(sheets) * (wide + gap) - gap
    whole = Image.new("RGB", (width, head + len(prompts) * (LINE + high)), "white")
    for part, (guidance, of_part) in enumerate(zip(sheets, rows, strict=True)):
        x = part * (wide + gap)
        whole.paste(_line(f"guidance {guidance:g}", wide - GAP), (x + GAP, 2))
        for seed in range(seeds):
            at = x + GAP + seed * (wide // seeds)
            whole.paste(_line(f"seed {seed}", wide // seeds - GAP), (at, 2 + LINE))
        for row, pictures in enumerate(of_part):
            whole.paste(pictures, (x, head + row * (LINE + high) + LINE))
    for row, prompt in enumerate(prompts):
        words = _line(f"{row + 1}. {prompt}", width - GAP)
        whole.paste(words, (GAP, head + row * (LINE + high)))
    return whole


def _in_rows(pictures: Pictures, columns: int) -> list[Pictures]:
    return np.split(pictures, len(pictures) // columns)


def reconstruction_sheet(pictures: Pictures, again: Pictures, *, scale: int = 2) -> Image.Image:
    """Renderings, each beside what an autoencoder makes of it."""
    pairs = np.stack([pictures, again], axis=1).reshape(-1, *pictures.shape[1:])
    labels = ["rendering", "reconstruction"] * len(pictures)
    return contact_sheet(pairs, columns=8, scale=scale, labels=labels)


def _line(text: str, width: int, *, fill: str = "black") -> Image.Image:
    """Words on white, so many pixels wide, cut at the end."""
    line = Image.new("RGB", (width, LINE), "white")
    ImageDraw.Draw(line).text((1, 1), text, fill=fill, font=FONT)
    return line
