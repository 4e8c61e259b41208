"""Rows of a grid: told by settings that repeat, and by nothing else."""

import pytest

from engine.chain.grids import headings_of, row_length

GRID = [{"guidance": g, "seed": s, "steps": 5} for g in (1, 4, 7.5) for s in range(4)]


@pytest.mark.parametrize(
    ("specs", "wide"),
    [
        (GRID, 4),
        ([{"guidance": g, "seed": s} for s in range(4) for g in (1, 4, 7.5)], 3),
        ([spec | {"prompt": str(spec["guidance"])} for spec in GRID], 4),
        (GRID[:-1], 0),  # one is missing
        (GRID[::-1], 4),
        ([GRID[i] for i in (0, 5, 2, 3, 4, 1, 6, 7, 8, 9, 10, 11)], 0),  # two have changed places
        ([{"seed": s} for s in range(6)], 0),  # a line
        ([{"guidance": g, "seed": s} for g, s in ((1, 0), (1, 1), (4, 2), (4, 3))], 0),
        ([], 0),
        (GRID[:1], 0),
    ],
)
def test_a_row_is_as_long_as_its_settings_repeat(specs, wide):
    assert row_length(specs) == wide


def test_settings_head_the_columns_or_the_rows():
    heads = headings_of(GRID, ["guidance", "seed"])
    assert (heads.along, heads.down) == (("seed",), ("guidance",))
    assert headings_of(GRID[:-1], ["guidance", "seed"]) is None
    both = [spec | {"prompt": str(spec["guidance"])} for spec in GRID]
    assert headings_of(both, ["prompt", "guidance", "seed"]).down == ("prompt", "guidance")
