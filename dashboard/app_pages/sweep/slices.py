"""Which cells of a sweep are shown, and where: a table of two axes, and two more around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cache.store import Store
from dashboard.app_pages.sweep.data import Sweep
from dashboard.app_pages.sweep.figures import axis_words, label

ABREAST = 16  # columns, or rows, up to which one more axis is laid out without being asked


@dataclass(frozen=True, slots=True)
class Slice:
    """Axes by what they do: of a table its rows and columns, of tables their place, or one value.

    ``across`` sets tables beside one another, ``down`` one below another.
    """

    rows: str | None = None
    columns: str | None = None
    across: str | None = None
    down: str | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column of the whole: the table it is in (its number and value), its own value."""

    group: int
    outer: Any
    inner: Any
    first: bool  # of its table


@dataclass(frozen=True, slots=True)
class Arranged:
    """Rows and columns of all tables, and the place of every cell; None where one was left out."""

    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    places: tuple[tuple[int | None, ...], ...]


def arranged(sweep: Sweep, shown: Slice) -> Arranged:
    """The cells of a slice as tables of one grid."""
    rows = _lines(sweep, shown.down, shown.rows)
    columns = _lines(sweep, shown.across, shown.columns)
    axes = (shown.down, shown.rows, shown.across, shown.columns)
    places: dict[tuple[Any, ...], int] = {}
    for place, cell in enumerate(sweep.cells):
        if all(cell[name] == value for name, value in shown.fixed.items()):
            places.setdefault(tuple(cell[name] if name else None for name in axes), place)
    return Arranged(
        rows,
        columns,
        tuple(
            tuple(places.get((r.outer, r.inner, c.outer, c.inner)) for c in columns) for r in rows
        ),
    )


def names_of(lines: Sequence[Line], outer: str | None, *, apart: str = "\n") -> list[str]:
    """What stands beside every line: its value, and at the first of a table the table's, too."""
    return [
        f"{_named(outer, line.outer)}{apart}{label(line.inner)}"
        if outer and line.first
        else label(line.inner)
        for line in lines
    ]


def whole_names(lines: Sequence[Line], outer: str | None, inner: str | None = None) -> list[str]:
    """The same with the table's value at every line, so that no two are alike.

    ``inner``: the axis of the lines, to be named with each value where no title names it.
    """
    names = [_named(inner, line.inner) if inner else label(line.inner) for line in lines]
    if outer is None:
        return names
    return [f"{_named(outer, line.outer)}, {n}" for line, n in zip(lines, names, strict=True)]


def fits(sweep: Sweep, axis: str, beside: str | None) -> bool:
    """Whether an axis can be laid out along another without more columns than a page has."""
    return len(sweep.axes[axis]) * (len(sweep.axes[beside]) if beside else 1) <= ABREAST


def first_stored(store: Store, sweep: Sweep, axis: str) -> Any:
    """The first value of an axis that a finished cell has, to be looked at first; else the first.

    A slice of which nothing is computed yet shows nothing.
    """
    ends = store.present([planned.chain.step_keys[-1] for planned in sweep.plans])
    done = (cell[axis] for cell, there in zip(sweep.cells, ends, strict=True) if there)
    return next(done, sweep.axes[axis][0])


def _named(axis: str, value: Any) -> str:
    """A table by its value; words that stand in the place of one say themselves what they are."""
    return label(value) if ":" in axis else f"{axis_words(axis)} {label(value)}"


def _lines(sweep: Sweep, outer: str | None, inner: str | None) -> tuple[Line, ...]:
    return tuple(
        Line(group, outer_value, inner_value, first=place == 0)
        for group, outer_value in enumerate(sweep.axes[outer] if outer else [None])
        for place, inner_value in enumerate(sweep.axes[inner] if inner else [None])
    )
