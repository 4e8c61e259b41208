"""Where the cells of a sweep lie: two axes as a table, two more around it."""

import pytest

from dashboard.app_pages.sweep.data import sweep_of
from dashboard.app_pages.sweep.slices import Slice, arranged, fits, names_of, whole_names

AXES = "seed=0:2\ntop_k=2,3\ntemperature=0.5,1\nsteps=4,6"


@pytest.fixture
def sweep(tiny_bert):
    return sweep_of("text", {"model": tiny_bert, "length": 4}, AXES, "seed=1 top_k=3")


def settings(sweep, place):
    return None if place is None else tuple(sweep.cells[place].values())


def test_two_axes_are_a_table_and_the_others_have_one_value(sweep):
    table = arranged(sweep, Slice("top_k", "seed", fixed={"temperature": 1, "steps": 6}))
    assert [line.inner for line in table.rows] == [2, 3]
    assert [line.inner for line in table.columns] == [0, 1]
    assert [[settings(sweep, place) for place in row] for row in table.places] == [
        [(0, 2, 1, 6), (1, 2, 1, 6)],
        [(0, 3, 1, 6), None],
    ]


def test_a_sweep_of_one_axis_is_one_column(sweep):
    fixed = {"temperature": 1, "steps": 6, "top_k": 2}
    table = arranged(sweep, Slice("seed", None, fixed=fixed))
    assert [[settings(sweep, place) for place in row] for row in table.places] == [
        [(0, 2, 1, 6)],
        [(1, 2, 1, 6)],
    ]


def test_a_third_axis_lies_beside_and_a_fourth_below(sweep):
    table = arranged(sweep, Slice("top_k", "seed", across="temperature", down="steps"))
    assert [(line.outer, line.inner) for line in table.columns] == [
        (0.5, 0), (0.5, 1), (1, 0), (1, 1)
    ]  # fmt: skip
    assert [line.group for line in table.rows] == [0, 0, 1, 1]
    every = [settings(sweep, place) for row in table.places for place in row]
    assert {cell for cell in every if cell} == {tuple(cell.values()) for cell in sweep.cells}
    assert every.count(None) == 4
    assert settings(sweep, table.places[2][3]) == (1, 2, 1, 6)
    assert names_of(table.columns, "temperature") == [
        "temperature 0.5\n0",
        "1",
        "temperature 1\n0",
        "1",
    ]
    assert len(set(whole_names(table.rows, "steps"))) == 4


def test_an_axis_fits_beside_another_up_to_sixteen_columns(sweep, tiny_bert):
    assert fits(sweep, "temperature", "seed")
    wide = sweep_of(
        "text", {"model": tiny_bert, "length": 4}, "seed=0:9\ntop_k=2,3\ntemperature=1,2", ""
    )
    assert not fits(wide, "temperature", "seed")
