"""Runs that stand in rows: which settings go along a row and which go down. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


def row_length(specs: Sequence[Mapping[str, Any]]) -> int:
    """How many specs in their order make a row of a grid; 0 where they make none.

    In a grid every setting that differs is either the same all along a row or the same all down
    the columns, and there are some of both.
    """
    names = dict.fromkeys(name for spec in specs for name in spec)
    settings = [[repr(spec.get(name)) for spec in specs] for name in names]
    differing = [values for values in settings if len(set(values)) > 1]
    for wide in range(2, len(specs) // 2 + 1):
        if len(specs) % wide:
            continue
        rows = [all(len(set(v[i : i + wide])) == 1 for i in range(0, len(v), wide))
                for v in differing]  # fmt: skip
        columns = [v[wide:] == v[:-wide] for v in differing]
        grid = all(r or c for r, c in zip(rows, columns, strict=True))
        if grid and any(rows) and any(columns):
            return wide
    return 0


@dataclass(frozen=True, slots=True)
class Headings:
    """The settings of a grid: those that a column shares, and those that a row shares."""

    along: tuple[str, ...]  # names of settings that change along a row
    down: tuple[str, ...]  # names of those that change from row to row


def headings_of(specs: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Headings | None:
    """Which of ``names`` head the columns and which the rows of the grid that specs make."""
    wide = row_length(specs)
    if not wide:
        return None
    starts = range(0, len(specs), wide)
    down = tuple(
        name
        for name in names
        if all(len({repr(s.get(name)) for s in specs[i : i + wide]}) == 1 for i in starts)
    )
    return Headings(along=tuple(name for name in names if name not in down), down=down)
