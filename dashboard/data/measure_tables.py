"""Measures with their intervals, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def wide(table: pd.DataFrame, names: Mapping[str, str], *, by: Sequence[str]) -> pd.DataFrame:
    """One row for what ``by`` tells apart, ``mean [low, high]`` a measure in the order of names.

    ``table`` has a row a measure: measure, mean, low, high.
    """
    columns = (table[name] for name in ("mean", "low", "high"))
    worded = table.assign(
        interval=[_interval_text(*values) for values in zip(*columns, strict=True)],
        measure=table["measure"].map(dict(names)),
    )
    shown = worded.pivot_table(
        index=list(by), columns="measure", values="interval", aggfunc="first", sort=False
    )
    ordered = [name for name in names.values() if name in shown.columns]
    return shown[ordered].reset_index().rename_axis(columns=None)


def _interval_text(mean: float, low: float, high: float) -> str:
    return f"{mean:.3g}" + ("" if np.isnan(low) else f"  [{low:.3g}, {high:.3g}]")
