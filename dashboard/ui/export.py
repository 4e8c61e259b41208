"""Every figure and every run the same way: what it is, and ways to take it home."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.data import frames
from dashboard.data.export import modebar_config, run_record
from dashboard.figures.template import unfaded
from dashboard.ui.capsules import offer_capsule
from dashboard.ui.downloads import offer_file
from dashboard.ui.figure_files import offer_figure_files
from dashboard.ui.meeting import as_shown, in_meeting
from dashboard.ui.page_record import note_figure
from dashboard.ui.state import on_phone
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest

MOVING: dict[frames.Moving, str] = {"webp": "Animated WebP", "gif": "Animated GIF"}


def show_figure(
    figure: go.Figure,
    *,
    name: str,
    data: Callable[[], pd.DataFrame] | None = None,
    select: bool = False,
    brush: bool = False,
) -> Any:
    """Show a figure with its exports; with ``select`` the event of a click on its points.

    ``brush``: of a box drawn over it, too.
    """
    note_figure(name, lambda: figure, data)
    if select:
        unfaded(figure)
    event = st.plotly_chart(
        as_shown(figure),
        width="stretch",
        theme=None,
        key=f"figure-{name}",
        config=modebar_config(name) | ({"displayModeBar": False} if on_phone() else {}),
        on_select="rerun" if select else "ignore",
        selection_mode=("points", "box") if brush else "points",
    )
    _offer_files(lambda: figure, name, data)
    return event if select else None


def keep_figure(
    draw: Callable[[], go.Figure],
    *,
    name: str,
    label: str,
    data: Callable[[], pd.DataFrame] | None = None,
) -> None:
    """The exports alone, of a figure that the player shows in its own way; drawn when asked for."""
    note_figure(name, draw, data)
    _offer_files(draw, name, data, label=label)


def _offer_files(
    draw: Callable[[], go.Figure],
    name: str,
    data: Callable[[], pd.DataFrame] | None,
    *,
    label: str = "Download",
) -> None:
    if not in_meeting():
        offer_figure_files(draw, name, data, label=label)


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
