"""Figures and tables as files to take home. No Streamlit."""

from __future__ import annotations

import io
import re

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

RISKY = ("=", "+", "-", "@", "\t", "\r")


def file_stem(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "figure"


def figure_html(figure: go.Figure, *, name: str) -> bytes:
    """A self-contained page: opens anywhere, needs no network, offers no upload."""
    html = pio.to_html(
        figure,
        include_plotlyjs=True,
        full_html=True,
        div_id=file_stem(name),
        config={"displaylogo": False, "showSendToCloud": False, "responsive": True},
    )
    return str(html).encode()


def table_csv(table: pd.DataFrame) -> bytes:
    """CSV in which no cell of text can be read as a formula by a spreadsheet."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_defused)
    return safe.to_csv(index=False).encode()


def table_parquet(table: pd.DataFrame) -> bytes:
    """Parquet with zstd: dtypes survive."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def modebar_config(name: str) -> dict[str, object]:
    """Plotly's own buttons: a vector download, no logo, no upload."""
    return {
        "displaylogo": False,
        "showSendToCloud": False,
        "toImageButtonOptions": {"format": "svg", "filename": file_stem(name), "scale": 2},
    }


def _defused(value: object) -> object:
    if isinstance(value, str) and value.startswith(RISKY):
        return "'" + value
    return value
