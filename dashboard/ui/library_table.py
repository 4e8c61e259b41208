"""The Library's table."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

from dashboard.data.shelf import Entry, table

COLUMNS = {
    "picture": st.column_config.ImageColumn("Picture", width=52),
    "words": st.column_config.TextColumn("Text or prompt", width=285),
    "settings": st.column_config.TextColumn("Settings", width=158),
    "kind": st.column_config.TextColumn("Kind", width=50),
    "pinned": st.column_config.CheckboxColumn("Pinned", width=54),
    "tags": st.column_config.ListColumn("Tags", width=100),
    "steps": st.column_config.TextColumn("Steps", width=46),
    "size": st.column_config.NumberColumn(
        "MB",
        width=46,
        format="%.2f",
        help="Of a run's steps and what they need. What runs share counts in each.",
    ),
    "made": st.column_config.TextColumn("Made", width=84),
    "model": st.column_config.TextColumn("Model", width=88),
    "run": st.column_config.TextColumn("Run", width=72),
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
        shown,
        hide_index=True,
        width="stretch",
        height=min(TALLEST, 40 + line * max(1, len(entries))),
        row_height=line,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"library-{which}",
        column_config=COLUMNS,
    )
    return [entries[row] for row in picked.selection.rows if row < len(entries)]
