"""How much of the result is decided after each step."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.intervals import error_bars
from dashboard.figures.template import INK, SERIES, Mode, house_template

TITLES = {
    "tokens": "equal tokens, of all that were written",
    "masked tokens": "equal tokens, of those still masked",
    "latents": "cosine of the final latents",
    "pictures (CLIP)": "cosine of the final pictures in CLIP",
}
LINES = {"one another": (SERIES[0], "solid"), "the run": (SERIES[1], "dash")}


def decided_curve(
    table: pd.DataFrame,
    *,
    measure: str,
    steps: int,
    revealed: pd.DataFrame | None,
    point: int | None,
    chosen: int | None,
    mode: Mode,
) -> go.Figure:
    """Likeness of continuations against the step they begin after; customdata is the step.

    ``table`` is ``no_return.decided_table``. ``revealed`` (step, share) is drawn below: what was
    there already. ``point`` is the point of no return, ``chosen`` the step that is looked at.
    """
    figure = go.Figure()
    if revealed is not None:
        figure.add_scatter(
            x=revealed["step"],
            y=revealed["share"],
            mode="lines",
            line={"color": SERIES[7], "width": 1, "shape": "hv"},
            fill="tozeroy",
            fillcolor="rgba(127,127,127,0.15)",
            name="revealed already",
            hovertemplate="after step %{x}: %{y:.0%} revealed<extra></extra>",
        )
    part = table[table["measure"] == measure].sort_values("step")
    for against, (color, dash) in LINES.items():
        line = part[part["against"] == against]
        figure.add_scatter(
            x=line["step"],
            y=line["mean"],
            error_y=error_bars(line, color=color, thickness=1.5, width=5),
            mode="lines+markers",
            line={"color": color, "width": 3, "dash": dash},
            marker={"size": [16 if step == chosen else 11 for step in line["step"]]},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            name=f"continuations and {against}",
            customdata=line["step"],
            text=[_hover(row) for _, row in line.iterrows()],
            hovertemplate="%{text}<extra></extra>",
        )
    if point is not None:
        figure.add_vline(
            x=point,
            line={"color": INK[mode], "width": 1.5, "dash": "dot"},
            annotation={"text": "point of no return", "font": {"size": 15, "color": INK[mode]}},
        )
    figure.update_layout(
        template=house_template(mode),
        height=440,
        hovermode="closest",
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(title_text="continued after step", range=[-0.03 * steps, 1.03 * steps])
    low = min([0.0, *part["low"].dropna(), *part["mean"].dropna()])
    figure.update_yaxes(title_text=TITLES.get(measure, measure), range=[1.05 * low, 1.05])
    return figure


def _hover(row: pd.Series) -> str:
    bounds = "" if pd.isna(row["low"]) else f" [{row['low']:.2f}, {row['high']:.2f}]"
    return (
        f"after step {row['step']}, against {row['against']}<br>{row['mean']:.2f}{bounds}<br>"
        f"{row['continuations']} of {row['asked']} continuations"
    )
