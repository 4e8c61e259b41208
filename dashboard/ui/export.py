"""Every figure and every run the same way: what it is, and ways to take it home."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.data import frames, render
from dashboard.data.export import (
    figure_html,
    file_stem,
    modebar_config,
    run_record,
    table_csv,
    table_parquet,
)
from dashboard.figures.template import unfaded
from dashboard.ui.capsules import offer_capsule
from dashboard.ui.downloads import offer_file
from dashboard.ui.meeting import as_shown, in_meeting
from dashboard.ui.page_record import note_figure
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest

MIME: dict[render.Format, str] = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
MOVING: dict[frames.Moving, str] = {"webp": "Animated WebP", "gif": "Animated GIF"}


def show_figure(
    figure: go.Figure,
    *,
    name: str,
    data: Callable[[], pd.DataFrame] | None = None,
    select: bool = False,
) -> Any:
    """Show a figure with its exports; with ``select`` the event of a click on its points."""
    note_figure(name, figure, data)
    if select:
        unfaded(figure)
    event = st.plotly_chart(
        as_shown(figure),
        width="stretch",
        theme=None,
        key=f"figure-{name}",
        config=modebar_config(name),
        on_select="rerun" if select else "ignore",
        selection_mode="points",
    )
    _offer_files(figure, name, data)
    return event if select else None


def keep_figure(
    figure: go.Figure, *, name: str, label: str, data: Callable[[], pd.DataFrame] | None = None
) -> None:
    """The exports alone, of a figure that the player shows in its own way."""
    note_figure(name, figure, data)
    _offer_files(figure, name, data, label=label)


def _offer_files(
    figure: go.Figure,
    name: str,
    data: Callable[[], pd.DataFrame] | None,
    *,
    label: str = "Download",
) -> None:
    if in_meeting():
        return
    # what is in a popover is computed with the page: buttons only, no file before a click
    with st.popover(label, key=f"export-{name}"):
        _offer_pictures(figure, name)
        offer_file(
            "Self-contained HTML",
            partial(figure_html, figure, name=name),
            file_name=f"{file_stem(name)}.html",
            mime="text/html",
            key=f"html-{name}",
        )
        if data is not None:
            _offer_table(data, name)


def offer_run(manifest: Manifest, run: frames.AnyRun | None = None) -> None:
    """A row of ways to take a run home: record, capsule, and where it can be seen its frames.

    ``run`` is what the page has loaded of it; without one only record and capsule are offered.
    """
    store, short = the_store(), manifest.short
    with st.container(horizontal=True):
        offer_file(
            "Record as JSON",
            partial(run_record, store, manifest.run),
            file_name=f"run-{short}.json",
            mime="application/json",
            key=f"record-{short}",
        )
        offer_capsule([manifest], key=f"capsule-{short}", width="content")
        if run is not None:
            _offer_frames(run, short)
    if run is not None:
        st.caption(_frames_line(manifest))


def _offer_pictures(figure: go.Figure, name: str) -> None:
    if render.browser() is None:
        st.caption(f"{render.MISSING} The camera above the figure saves an SVG.")
        return
    with st.container(horizontal=True):
        for kind in render.FORMATS:
            offer_file(
                escaped(kind.upper()),
                partial(render.render, figure, kind),
                file_name=f"{file_stem(name)}.{kind}",
                mime=MIME[kind],
                key=f"{kind}-{name}",
            )


def _offer_frames(run: frames.AnyRun, short: str) -> None:
    store = the_store()
    offer_file(
        "Frames as PNG",
        partial(frames.frames_zip, store, run),
        file_name=f"frames-{short}-{len(run.steps)}.zip",
        mime="application/zip",
        key=f"frames-{short}",
    )
    for kind, label in MOVING.items():
        offer_file(
            label,
            partial(frames.moving_picture, store, run, kind),
            file_name=f"run-{short}-{len(run.steps)}.{kind}",
            mime=f"image/{kind}",
            key=f"{kind}-{short}",
        )


def _frames_line(manifest: Manifest) -> str:
    most = f"Animations have at most {frames.MOST_MOVING} frames, evenly spread over the steps"
    if manifest.kind == "image":
        return (
            f"{most}, and show the predicted x0. Steps that were never decoded are linear "
            "previews; `frames.json` in the zip says which. Every PNG carries its run's spec."
        )
    return f"{most}. Sentences are drawn plainly, without the colours of the page."


def _offer_table(data: Callable[[], pd.DataFrame], name: str) -> None:
    stem = file_stem(name)
    with st.container(horizontal=True):
        offer_file(
            "Data as CSV",
            lambda: table_csv(data()),
            file_name=f"{stem}.csv",
            mime="text/csv",
            key=f"csv-{name}",
        )
        offer_file(
            "Data as Parquet",
            lambda: table_parquet(data()),
            file_name=f"{stem}.parquet",
            mime="application/vnd.apache.parquet",
            key=f"parquet-{name}",
        )
