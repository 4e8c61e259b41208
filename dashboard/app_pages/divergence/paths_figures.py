"""The ways of several seeds on one map."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.template import INK, PAPER, SERIES, Mode, new_figure

DASHES = ("solid", "dash", "dot", "dashdot")
TALL = 560


def path_map(
    table: pd.DataFrame, shares: tuple[float, float], *, step: int, mode: Mode
) -> go.Figure:
    """A line a seed over its steps from a ring to a square; the shown step has a dot with a rim.

    ``table`` and ``shares`` are those of ``paths_data.Paths``. Both axes have one scale, so that
    far is far whichever way.
    """
    figure = new_figure(mode=mode, title="", height=TALL)
    for number, (run, path) in enumerate(table.groupby("run", sort=False)):
        seed, last = int(path["seed"].iloc[0]), int(path["step"].iloc[-1])
        # of steps that were left out the nearest is shown
        near = int((path["step"] - min(step, last)).abs().to_numpy().argmin())
        symbols = ["circle-open", *["circle"] * (len(path) - 2), "square"][-len(path) :]
        sizes = np.where(path["step"] == 0, 10, 4)
        sizes[-1], sizes[near] = 11, 14
        rims = np.zeros(len(path))
        rims[near] = 2
        colour = SERIES[number % len(SERIES)]
        figure.add_scatter(
            x=path["first"],
            y=path["second"],
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": DASHES[number // len(SERIES) % 4]},
            marker={
                "symbol": symbols,
                "size": sizes,
                "color": colour,
                "line": {"color": INK[mode], "width": rims},
                "opacity": 1,
            },
            name=f"seed {seed}",
            text=[f"seed {seed}, step {at} of {last}" for at in path["step"]],
            hovertemplate="%{text}<extra></extra>",
            legendgroup=str(run),
        )
    figure.update_layout(
        hovermode="closest", plot_bgcolor=PAPER[mode], legend={"orientation": "h", "y": -0.16}
    )
    first, second = (f"{share:.0%} of the variance" for share in shares)
    alike = {"constrain": "domain", "zeroline": False}
    figure.update_xaxes(title_text=f"first axis: {first}", **alike)
    figure.update_yaxes(title_text=f"second axis: {second}", scaleanchor="x", **alike)
    return figure
