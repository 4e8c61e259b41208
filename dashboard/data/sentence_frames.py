"""A sentence at a step as a plain picture: for animations, where no browser draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.image.records import Picture
from engine.image.stored import png_bytes
from engine.text.records import CorruptionRun, TextRun

WIDTH, MARGIN, GAP, PAD = 960, 24, 8, 10  # pixels
SIZE, SMALL = 26, 16  # of the letters
LINE = 48
INK, MUTED, PAPER, BLANK, FRESH = "#16232b", "#6b7780", "#ffffff", "#e0e7ec", "#e69f00"
BACK = "#d55e00"
MASK_WIDTH = 56
LONGEST = 40  # characters of one box


@dataclass(frozen=True, slots=True)
class _State:
    """What a sentence says after a step, a position each."""

    words: list[str]
    masked: list[bool]
    fresh: list[bool]  # whether this step changed it
    back: list[bool]  # whether this step took its word back


def sentence_pictures(
    run: TextRun | CorruptionRun, steps: Iterable[int]
) -> Iterator[tuple[int, Picture]]:
    """The tokens after some steps, masks as empty boxes, what the step changed in a frame.

    A token that the step took back is an empty box with a line through it.

    Letters that the machine's font has not are drawn as its empty boxes.
    """
    states = [_state(run, step) for step in range(len(run.steps))]
    boxes = _laid_out(states)
    for step in steps:
        yield step, _drawn(states[step], boxes, f"step {step} of {len(states) - 1}")


def _drawn(state: _State, boxes: list[tuple[int, int, int]], caption: str) -> Picture:
    bottom = boxes[-1][1] if boxes else MARGIN
    picture = Image.new("RGB", (WIDTH, bottom + LINE + MARGIN), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((MARGIN, MARGIN // 2), caption, fill=MUTED, font=_font(SMALL))
    for position, (left, top, width) in enumerate(boxes):
        frame = (left, top, left + width, top + LINE - GAP)
        if state.masked[position]:
            draw.rectangle(frame, fill=BLANK)
        else:
            middle = (left + width / 2, top + (LINE - GAP) / 2)
            word = _shown(state.words[position])
            draw.text(middle, word, fill=INK, font=_font(SIZE), anchor="mm")
        if state.fresh[position]:
            draw.rectangle(frame, outline=FRESH, width=3)
        if state.back[position]:
            draw.rectangle(frame, outline=BACK, width=3)
            draw.line((left, top + (LINE - GAP) / 2, left + width, top + (LINE - GAP) / 2), BACK, 3)
    pixels = np.asarray(picture)
    return Picture(png_bytes(pixels), pixels.shape[1], pixels.shape[0], source="drawn")


def _state(run: TextRun | CorruptionRun, step: int) -> _State:
    if isinstance(run, CorruptionRun):
        if not run.masked_kernel:
            none = [False] * len(run.steps[step].tokens)
            changed = run.steps[step].tokens != run.steps[max(0, step - 1)].tokens
            return _State(run.words(step), none, changed.tolist(), none)
        masked = run.steps[step].masked
        changed = masked != run.steps[max(0, step - 1)].masked
        return _State(run.words(0), masked.tolist(), changed.tolist(), [False] * len(masked))
    taken = run.steps[step]
    changed = np.zeros(run.length, bool)
    changed[taken.revealed if step else []] = True
    changed[taken.written] = True
    masked = taken.tokens == run.mask_id
    back = np.isin(np.arange(run.length), taken.taken_back)
    return _State(run.words(step), masked.tolist(), changed.tolist(), back.tolist())


def _laid_out(states: list[_State]) -> list[tuple[int, int, int]]:
    """(left, top, width) of every position, wide enough for all it ever says: nothing jumps."""
    font = _font(SIZE)
    boxes: list[tuple[int, int, int]] = []
    left, top = MARGIN, MARGIN + LINE // 2
    for position in range(len(states[0].words)):
        said = {_shown(s.words[position]) for s in states if not s.masked[position]}
        width = max([MASK_WIDTH, *(round(font.getlength(word)) + 2 * PAD for word in said)])
        width = min(width, WIDTH - 2 * MARGIN)
        if left + width > WIDTH - MARGIN:
            left, top = MARGIN, top + LINE
        boxes.append((left, top, width))
        left += width + GAP
    return boxes


def _shown(word: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in word)
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu where the machine has it, for its many letters; else the one Pillow carries."""
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size)
    except OSError:
        return ImageFont.load_default(size)
