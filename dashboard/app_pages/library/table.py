"""The Library's table."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.data.export import inert
from dashboard.data.shelf import Entry, table

COLUMNS: dict[str, Any] = {
    "picture": st.column_config.ImageColumn("Picture", width=52),
    "words": st.column_config.TextColumn("Text or prompt", width=374),
    "settings": st.column_config.TextColumn("Settings", width=208),
    "kind": st.column_config.TextColumn("Kind", width=76),
    "model": st.column_config.TextColumn("Model", width=92),
    "pinned": st.column_config.CheckboxColumn("Pinned", width=58),
    "tags": st.column_config.ListColumn("Tags", width=100),
    "steps": st.column_config.TextColumn("Steps", width=56),
    "size": st.column_config.NumberColumn(
        "MB",
        width=50,
        format="%.2f",
        help="Of a run's steps and what they need. What runs share counts in each.",
    ),
    "made": st.column_config.TextColumn("Made", width=92),
    "run": st.column_config.TextColumn("Run", width=78),
    "note": st.column_config.TextColumn("Note", width=160),
}
LINE, LINE_OF_PICTURE, TALLEST = 35, 46, 560  # pixels


def show_table(entries: Sequence[Entry]) -> list[Entry]:
    """The runs as a table; those that are selected in it."""
    shown = table(entries)
    line = LINE_OF_PICTURE if "picture" in shown else LINE
    # the runs are in its key: a selection is of rows, and must not slip to other runs
    which = hashlib.sha256(" ".join(e.manifest.run for e in entries).encode()).hexdigest()[:16]
    picked = st.dataframe(
        inert(shown),
        hide_index=True,
        width="stretch",
        height=min(TALLEST, 40 + line * max(1, len(entries))),
        row_height=line,
        on_select="rerun",
        # a click on a box adds a run; one anywhere else on a line chooses that run alone
        selection_mode=["multi-row", "single-cell"],
        key=f"library-{which}",
        column_config=COLUMNS | dict.fromkeys(_put_away(entries)),
    )
    rows = picked.selection.rows or [row for row, _ in picked.selection.cells]
    return [entries[row] for row in rows if row < len(entries)]


def _put_away(entries: Sequence[Entry]) -> list[str]:
    """Columns that say nothing here, so that words have the room; the toolbar's eye shows them."""
    away = ["run"]  # the id is under the table once a run is selected, and Find finds it
    if not any(entry.pinned for entry in entries):
        away.append("pinned")
    models = {(entry.manifest.kind, entry.manifest.model) for entry in entries}
    if len(models) == len({kind for kind, _ in models}):  # the kind says it
        away.append("model")
    return away
