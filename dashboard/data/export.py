"""Figures, tables and runs as files to take home. No Streamlit."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

from cache.store import Store
from engine.capsules.exporting import export_runs
from engine.requests.documents import run_document

JOINER = "\u2060"  # no width, no break
RISKY = ("=", "+", "-", "@", "\t", "\r")


def file_stem(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "figure"


def figure_html(
    figure: go.Figure, *, name: str, script: Literal[True, "directory"] = True
) -> bytes:
    """A self-contained page: opens anywhere, needs no network, offers no upload.

    With ``script="directory"`` it needs a ``plotly.min.js`` in the folder it lies in.
    """
    html = pio.to_html(
        figure,
        include_plotlyjs=script,
        full_html=True,
        div_id=file_stem(name),
        config={"displaylogo": False, "showSendToCloud": False, "responsive": True},
    )
    data = str(html).encode()
    # Streamlit tells large files apart by their length and a sample of them
    return data + f"<!-- sha256 {hashlib.sha256(data).hexdigest()} -->\n".encode()


def table_csv(table: pd.DataFrame) -> bytes:
    """CSV in which no cell of text can be read as a formula by a spreadsheet.

    It begins with a byte order mark: without one Excel takes it for another encoding. Numbers have
    six digits, about what float32 holds; Parquet has them whole.
    """
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_defused)
    return safe.to_csv(index=False, float_format="%.6g").encode("utf-8-sig")


def inert(table: pd.DataFrame) -> pd.DataFrame:
    """A table to be shown, whose own Download as CSV writes no formula either.

    Text that a spreadsheet would read as one begins with a character of no width.
    """
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_quieted)
    return safe.rename(columns=_quieted, index=_quieted)


def table_parquet(table: pd.DataFrame) -> bytes:
    """Parquet with zstd: dtypes survive."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def run_record(store: Store, run: str) -> bytes:
    """A run's record as JSON. Raises MissingFromStore, PayloadDamaged."""
    document = run_document(store, run)
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode()


def capsule_bytes(store: Store, runs: Sequence[str]) -> bytes:
    """Runs as one capsule. Raises InvalidInput, MissingFromStore, PayloadDamaged."""
    file = io.BytesIO()
    export_runs(store, runs, file)
    return file.getvalue()


def capsule_name(runs: Sequence[str]) -> str:
    """What a capsule of some runs is called."""
    first = min(runs)[:12]
    return f"capsule-{first}.zip" if len(runs) == 1 else f"capsule-{len(runs)}-runs-{first}.zip"


def modebar_config(name: str) -> dict[str, object]:
    """Plotly's own buttons: a vector download, no logo, no upload."""
    return {
        "displaylogo": False,
        "showSendToCloud": False,
        "toImageButtonOptions": {"format": "svg", "filename": file_stem(name), "scale": 2},
    }


def _quieted(value: Any) -> Any:
    if isinstance(value, list):
        return [_quieted(each) for each in value]
    return JOINER + value if isinstance(value, str) and value.startswith(RISKY) else value


def _defused(value: object) -> object:
    if isinstance(value, str) and value.startswith(RISKY):
        return "'" + value
    return value
