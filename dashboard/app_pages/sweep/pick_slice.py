"""Which axes are rows and columns, which lie beside or below, and one value of every other."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app_pages.sweep.data import Sweep
from dashboard.app_pages.sweep.figures import axis_words, label
from dashboard.app_pages.sweep.slices import Slice, first_stored, fits
from dashboard.ui.choices import url_select
from dashboard.ui.link import params
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store

NO_AXIS = "nothing"
AT = "at-"  # in the URL, before the axis whose value it is
ACROSS, DOWN = "*across", "*down"
SAID = {ACROSS: "all, side by side", DOWN: "all, one below another"}
ABREAST = 4  # axes on a line


def choose_slice(sweep: Sweep) -> Slice:
    """Two axes as rows and columns; the third and fourth around them as far as there is room."""
    names = sweep.varying
    if not names:
        return Slice()
    abreast = max(2, min(ABREAST, len(names)))
    lines = -(-len(names) // abreast)
    first, second, *rest = [place for _ in range(lines) for place in st.columns(abreast)]
    usual = names[1] if len(names) > 1 else names[0]
    rows = url_select(first, "Rows", "rows", names, key="s-rows", usual=usual, shown=axis_words)
    others = [name for name in names if name != rows] or [NO_AXIS]
    columns = url_select(
        second, "Columns", "columns", others, key="s-columns", usual=others[0], shown=axis_words
    )
    left = [name for name in others if name not in (columns, NO_AXIS)]
    for name in [each for each in params if each.startswith(AT)]:
        if name.removeprefix(AT) not in left:  # of other axes
            del params[name]
    along: dict[str, str] = {}  # ACROSS or DOWN: the axis that lies so
    fixed: dict[str, Any] = {}
    for where, name in zip(rest, left, strict=False):
        values = {label(value): value for value in sweep.axes[name]}
        free = {ACROSS: columns, DOWN: rows}
        order = (ACROSS, DOWN) if sweep.kind == "image" else (DOWN, ACROSS)  # sentences are wide
        ways = [way for way in order if way not in along]
        fitting = [way for way in ways if fits(sweep, name, free[way])]
        usual = fitting[0] if fitting else label(first_stored(the_store(), sweep, name))
        picked = url_select(
            where, escaped(axis_words(name)), f"{AT}{name}", [*ways, *values], key=f"s-{AT}{name}",
            usual=usual, shown=lambda choice: SAID.get(choice, choice),
        )  # fmt: skip
        if picked in ways:
            along[picked] = name
        else:
            fixed[name] = values[picked]
    shown = None if columns == NO_AXIS else columns
    return Slice(rows, shown, along.get(ACROSS), along.get(DOWN), fixed)
