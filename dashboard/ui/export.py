"""Every figure the same way: the chart, and a way to take it home."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.data.export import (
    figure_html,
    file_stem,
    modebar_config,
    table_csv,
    table_parquet,
)
from engine.records import Manifest


def show_figure(
    figure: go.Figure,
    *,
    name: str,
    data: Callable[[], pd.DataFrame] | None = None,
    select: bool = False,
) -> Any:
    """Show a figure with its exports; with ``select`` the event of a click on its points."""
    event = st.plotly_chart(
        figure,
        width="stretch",
        theme=None,
        key=f"figure-{name}",
        config=modebar_config(name),
        on_select="rerun" if select else "ignore",
        selection_mode="points",
    )
    with st.popover("Take home", key=f"export-{name}"):
        stem = file_stem(name)
        st.caption("The camera above the figure saves an SVG.")
        st.download_button(
            "Self-contained HTML",
            lambda: figure_html(figure, name=name),
            f"{stem}.html",
            "text/html",
            key=f"html-{name}",
            on_click="ignore",
        )
        if data is not None:
            _offer_table(data, name, stem)
    return event if select else None


def offer_record(document: Callable[[], dict[str, Any]], manifest: Manifest) -> None:
    """A run's whole record as JSON."""
    st.download_button(
        "Record as JSON",
        lambda: json.dumps(document(), ensure_ascii=False, allow_nan=False, indent=1).encode(),
        f"run-{manifest.run[:12]}.json",
        "application/json",
        key=f"record-{manifest.run}",
        on_click="ignore",
    )


def _offer_table(data: Callable[[], pd.DataFrame], name: str, stem: str) -> None:
    st.download_button(
        "Data as CSV",
        lambda: table_csv(data()),
        f"{stem}.csv",
        "text/csv",
        key=f"csv-{name}",
        on_click="ignore",
    )
    st.download_button(
        "Data as Parquet",
        lambda: table_parquet(data()),
        f"{stem}.parquet",
        "application/vnd.apache.parquet",
        key=f"parquet-{name}",
        on_click="ignore",
    )
