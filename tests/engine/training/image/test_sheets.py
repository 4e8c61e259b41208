"""engine.training.image.sheets: where each picture and its words stand."""

from __future__ import annotations

import numpy as np

from engine.training.image.sheets import GAP, LINE, contact_sheet, sample_sheet

SIDE = 128


def _plain(*shades: int) -> np.ndarray:
    """One picture of a single grey each."""
    return np.stack([np.full((SIDE, SIDE, 3), shade, np.uint8) for shade in shades])


def test_a_row_of_samples_is_its_prompt_and_under_it_a_picture_a_seed_for_every_guidance() -> None:
    prompts = ["a red balloon", "two boats on a lake"]
    sheet = sample_sheet({1.0: _plain(10, 20, 30, 40), 7.5: _plain(50, 60, 70, 80)}, prompts,
                         seeds=2, scale=1)  # fmt: skip
    pixels = np.asarray(sheet)
    columns = [GAP + SIDE // 2, GAP + SIDE + GAP + SIDE // 2]
    part = sheet.width - (2 * (SIDE + GAP) + GAP)  # where the second guidance begins
    high = LINE + SIDE + 2 * GAP
    first = sheet.height - 2 * high
    shades = [
        [int(pixels[first + row * high + LINE + GAP + SIDE // 2, x, 0])
         for x in (*columns, *(part + x for x in columns))]
        for row in range(2)
    ]  # fmt: skip
    assert shades == [[10, 20, 50, 60], [30, 40, 70, 80]]
    for row in range(2):
        words = pixels[first + row * high : first + row * high + LINE, :SIDE]
        assert (words < 128).any()
        assert (words == 255).any()


def test_more_prompts_make_a_higher_sheet_and_a_prompt_wider_than_it_is_cut() -> None:
    short = sample_sheet({4.0: _plain(1)}, ["a boat"], seeds=1, scale=1)
    long = sample_sheet({4.0: _plain(1)}, ["a boat " * 40], seeds=1, scale=1)
    both = sample_sheet({4.0: _plain(1, 2)}, ["a boat", "a bird"], seeds=1, scale=1)
    assert short.size == long.size
    assert both.width == short.width
    assert both.height - short.height == LINE + SIDE + 2 * GAP


def test_what_a_picture_misses_stands_below_its_prompt_in_red() -> None:
    sheet = contact_sheet(
        _plain(0, 0), columns=2, scale=1, below=[["a boat", "missed: side"], ["a bird"]]
    )
    foot = np.asarray(sheet)[GAP + SIDE :].astype(int)
    red = (foot[..., 0] - foot[..., 2]) > 80
    assert red[:, : GAP + SIDE].any()
    assert not red[:, GAP + SIDE + GAP :].any()
    assert not red[:LINE].any()
