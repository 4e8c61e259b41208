"""What a page shows, kept while it is drawn: what ``page_export`` takes home."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.data.page_zip import PageRecord, ShownFigure
from engine.chain.records import Manifest

NOTED = "page-runs"  # in the session: ids, kept after the page is drawn
OPEN = "page-record"  # in the session while a whole page is drawn; a fragment alone is not kept


def begin_page() -> None:
    """Forget the last page; called before a page is drawn."""
    st.session_state[OPEN] = PageRecord()
    st.session_state[NOTED] = []


def note_figure(
    name: str, draw: Callable[[], go.Figure], data: Callable[[], pd.DataFrame] | None
) -> None:
    """Remember a figure that the page shows, by what draws it."""
    record = st.session_state.get(OPEN)
    if record is not None:
        record.figures[name] = ShownFigure(draw, data)


def note_runs(manifests: Iterable[Manifest]) -> None:
    """Remember runs that the page shows."""
    record = st.session_state.get(OPEN)
    if record is not None:
        record.runs.update({manifest.run: manifest for manifest in manifests})
        st.session_state[NOTED] = list(record.runs)


def noted_runs() -> list[str]:
    """The ids of the runs that the page has shown, also after it is drawn."""
    return list(st.session_state.get(NOTED, []))


def noted_figures() -> dict[str, ShownFigure]:
    """The figures that the page has shown so far, by name."""
    record = st.session_state.get(OPEN)
    return dict(record.figures) if record is not None else {}


def name_tab(title: str) -> None:
    """Name the browser's tab after the page and the run it shows."""
    record = st.session_state.get(OPEN)
    runs = list(record.runs.values()) if record is not None else []
    shown = f"{runs[0].short} · " if len(runs) == 1 else ""
    st.set_page_config(page_title=f"{shown}{title} · Stepscope")


def end_page() -> PageRecord | None:
    """What the page has shown; nothing is remembered from here on."""
    record: PageRecord | None = st.session_state.pop(OPEN, None)
    return record
