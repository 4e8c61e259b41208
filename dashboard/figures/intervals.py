"""Intervals as error bars and in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def error_bars(part: pd.DataFrame, **shown: Any) -> dict[str, Any]:
    """Plotly's error bars of rows with mean, low and high; none where the bounds are not known."""
    above = (part["high"] - part["mean"]).clip(lower=0).fillna(0)
    below = (part["mean"] - part["low"]).clip(lower=0).fillna(0)
    return {"type": "data", "array": above, "arrayminus": below, "symmetric": False, **shown}


def measure_line(label: str, row: pd.Series[Any]) -> str:
    """A row's mean under its label and, where they are known, its bounds, as hovers say them."""
    known = not np.isnan(row["low"]) and row["low"] < row["high"]  # of equal values there is none
    bounds = f"  (95 % {row['low']:.3f} to {row['high']:.3f})" if known else ""
    return f"{label}: {row['mean']:.3f}{bounds}"
