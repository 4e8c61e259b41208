"""Intervals as error bars."""

from __future__ import annotations

from typing import Any

import pandas as pd


def error_bars(part: pd.DataFrame, **shown: Any) -> dict[str, Any]:
    """Plotly's error bars of rows with mean, low and high; none where the bounds are not known."""
    above = (part["high"] - part["mean"]).clip(lower=0).fillna(0)
    below = (part["mean"] - part["low"]).clip(lower=0).fillna(0)
    return {"type": "data", "array": above, "arrayminus": below, "symmetric": False, **shown}
