import io

import numpy as np
from PIL import Image

from dashboard.data import contact_sheet
from dashboard.data.contact_sheet import BLANK, sheet_png
from engine.image.stored import png_bytes

COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255)}


def png_of(name):
    if name not in COLOURS:
        return None
    return png_bytes(np.full((40, 40, 3), COLOURS[name], np.uint8))


def drawn(rows, **options):
    data = sheet_png(
        rows,
        ["1", "7.5"][: len(rows)],
        ["seed 0", "seed 1"],
        png_of=png_of,
        size=(40, 40),
        **options,
    )
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def count(pixels, colour):
    return int((pixels == np.array(colour)).all(axis=-1).sum())


def test_every_picture_is_there_in_its_own_size_and_gaps_are_blank():
    pixels = drawn([["red", "blue"], ["", "gone"]])
    assert count(pixels, COLOURS["red"]) == count(pixels, COLOURS["blue"]) == 1600
    blank = tuple(int(BLANK[i : i + 2], 16) for i in (1, 3, 5))
    assert count(pixels, blank) == 3200
    reds = np.argwhere((pixels == COLOURS["red"]).all(axis=-1))
    blues = np.argwhere((pixels == COLOURS["blue"]).all(axis=-1))
    assert reds[:, 1].max() < blues[:, 1].min()


def test_a_sheet_that_is_too_large_is_scaled(monkeypatch):
    monkeypatch.setattr(contact_sheet, "MOST_PIXELS", 1600)
    pixels = drawn([["red", "red"], ["red", "red"]])
    assert count(pixels, COLOURS["red"]) == 4 * 20 * 20
