"""The Library's table: a line a run, in which tags and notes are written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.library.experiments import PAGES, Experiment
from dashboard.app_pages.library.selection import select, selected
from dashboard.data.annotations import (
    LONGEST_NOTE,
    Annotation,
    annotation_of,
    parse_note,
    parse_tags,
    save_annotation,
)
from dashboard.data.export import inert
from dashboard.data.shelf import Entry
from dashboard.data.shelf_table import choices_of, table
from dashboard.ui.link import RUN_PAGES
from dashboard.ui.stores import the_shelf, the_store

COLUMNS: dict[str, Any] = {
    "picked": st.column_config.CheckboxColumn("✓", width=36, help="Select"),
    "open": st.column_config.LinkColumn("Open", width=56, display_text="Open"),
    "picture": st.column_config.ImageColumn("Picture", width=52),
    "words": st.column_config.TextColumn("Text or prompt", width=320),
    "settings": st.column_config.TextColumn("Settings", width=200),
    "note": st.column_config.TextColumn("Note", width=150, max_chars=LONGEST_NOTE),
    "kind": st.column_config.TextColumn("Kind", width=76),
    "model": st.column_config.TextColumn("Model", width=92),
    "pinned": st.column_config.CheckboxColumn("Pinned", width=58),
    "steps": st.column_config.TextColumn("Steps", width=56),
    "size": st.column_config.NumberColumn(
        "MB",
        width=50,
        format="%.2f",
        help="Of a run's steps and what they need. What runs share counts in each.",
    ),
    "made": st.column_config.TextColumn("Made", width=92),
    "run": st.column_config.TextColumn("Run", width=78),
}
LINE, LINE_OF_PICTURE, TALLEST = 35, 46, 560  # pixels
WRITTEN = ("tags", "note")
FIRST = ("picked", "open", "picture", "words", "settings", *WRITTEN)
SHOWN = "library-annotations"  # in the session: what of each run was shown, or was saved since
TROUBLE = "library-trouble"  # in the session: what was not saved
ROUND = "library-round"  # in the session: another one draws the table without its edits


def show_table(entries: Sequence[Entry]) -> None:
    """The runs as a table: a box selects one, a tag or a note is saved when it is written."""
    for line in st.session_state.pop(TROUBLE, []):
        st.error("This was not saved.")
        st.text(line)
    runs, chosen = [entry.manifest.run for entry in entries], set(selected())
    _forget_where_changed(entries)
    key = f"library-{_digest(runs)}-{st.session_state.get(ROUND, 0)}"
    base = f"{key}-picked"
    # what was selected when the table was drawn first: its own edits lie over that
    picked = st.session_state.setdefault(base, [run in chosen for run in runs])
    lines = table(entries)
    lines.insert(0, "picked", picked)
    lines.insert(1, "open", [_address(entry) for entry in entries])
    shown = inert(lines)
    away = {*FIRST, *_put_away(entries)}
    names = [str(name) for name in lines]
    order = [*(n for n in FIRST if n in names), *(n for n in names if n not in away)]
    line = LINE_OF_PICTURE if "picture" in lines else LINE
    st.data_editor(
        shown,
        hide_index=True,
        width="stretch",
        height=min(TALLEST, 40 + line * max(1, len(entries))),
        row_height=line,
        column_order=order,
        disabled=[name for name in names if name not in ("picked", *WRITTEN)],
        key=key,
        column_config={**COLUMNS, "tags": _tags_column()},
        on_change=_take_edits,
        args=(key, tuple(runs)),
    )


def _tags_column() -> Any:
    known = the_shelf().derived(the_store(), "choices", choices_of).tags
    return st.column_config.MultiselectColumn(
        "Tags", width=130, options=known, accept_new_options=True
    )


def _take_edits(key: str, runs: Sequence[str]) -> None:
    edits = st.session_state[key].get("edited_rows", {})
    trouble = take_edits(edits, runs)
    if trouble:
        st.session_state[TROUBLE] = trouble
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def take_edits(edits: Mapping[int, Mapping[str, Any]], runs: Sequence[str]) -> list[str]:
    """Select and save what was edited in the lines of some runs; what was not saved, and why."""
    shown, trouble = st.session_state.setdefault(SHOWN, {}), []
    for row, values in edits.items():
        run = runs[int(row)]
        if "picked" in values:
            select(run, bool(values["picked"]))
        if not set(WRITTEN) & set(values):
            continue
        before = shown.get(run, Annotation())
        try:
            wanted = Annotation(
                parse_tags(values["tags"] or ()) if "tags" in values else before.tags,
                parse_note(values["note"] or "") if "note" in values else before.note,
            )
            if wanted != before:
                shown[run] = save_annotation(the_store(), run, before, wanted)
        except StepscopeError as error:
            trouble.append(str(error))
    return trouble


def _forget_where_changed(entries: Sequence[Entry]) -> None:
    """Keep what is shown of each run; draw anew where somebody changed what was edited here."""
    shown = st.session_state.get(SHOWN, {})
    now = {entry.manifest.run: annotation_of(entry.manifest) for entry in entries}
    if any(run in shown and shown[run] != annotation for run, annotation in now.items()):
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state[SHOWN] = now


def _address(entry: Entry) -> str:
    """Where a run is shown, from the Library's own address."""
    page = RUN_PAGES[entry.manifest.kind].split("/")[1]
    return f"{page}?run={entry.short}"


def show_experiment_lines(shown: Sequence[Experiment], entries: Mapping[str, Entry]) -> None:
    """A line an experiment: how many runs, what varies, and where it is shown."""
    there = [each for each in shown if each.runs[0].run in entries]
    lines = pd.DataFrame(
        {
            "open": [_address_of(each, entries) for each in there],
            "runs": [len(each.runs) for each in there],
            "words": [entries[each.runs[0].run].words for each in there],
            "settings": [each.varied or each.runs[0].settings for each in there],
            "opens": [each.title for each in there],
            "kind": [each.runs[0].kind for each in there],
            "model": [each.runs[0].model.rsplit("/", 1)[-1] for each in there],
        }
    )
    named = {
        "runs": st.column_config.NumberColumn("Runs", width=56),
        "settings": st.column_config.TextColumn("What differs", width=320),
        "opens": st.column_config.TextColumn("Opens", width=100),
    }
    st.dataframe(
        inert(lines), hide_index=True, width="stretch", key="library-experiments",
        height=min(TALLEST, 40 + LINE * max(1, len(there))), column_config=COLUMNS | named,
    )  # fmt: skip


def _address_of(each: Experiment, entries: Mapping[str, Entry]) -> str:
    if not each.title:
        return _address(entries[each.runs[0].run])
    query = "&".join(f"{name}={value}" for name, value in each.query.items())
    return f"{PAGES[each.title].split('/')[1]}{'?' if query else ''}{query}"


def _digest(runs: Sequence[str]) -> str:
    # the runs are in the table's key: edits are of lines, and must not slip to other runs
    return hashlib.sha256(" ".join(runs).encode()).hexdigest()[:16]


def _put_away(entries: Sequence[Entry]) -> list[str]:
    """Columns that say nothing here, so that words have the room."""
    away = ["run"]  # the id is under the table once a run is selected, and Find finds it
    if not any(entry.pinned for entry in entries):
        away.append("pinned")
    models = {(entry.manifest.kind, entry.manifest.model) for entry in entries}
    if len(models) == len({kind for kind, _ in models}):  # the kind says it
        away.append("model")
    return away
