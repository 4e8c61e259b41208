"""A family of forks as a tree over steps: lines are shared until a fork leaves its parent's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.template import GRID, INK, SERIES, Mode, as_text, house_template
from engine.chain.records import short_id

ROW = 64  # pixels


@dataclass(frozen=True, slots=True)
class Node:
    """One run of the tree: where it leaves its parent, where it ends, what it says."""

    run: str
    parent: str | None
    at: int
    steps: int
    edge: str  # what it changed
    words: str  # what it came to
    picture: str = ""  # a data URI
    chosen: bool = False


def family_tree(nodes: Sequence[Node], *, mode: Mode) -> go.Figure:
    """Nodes in order, parents first: x is the step, each run a line of its own.

    Customdata of a node is its run.
    """
    rows = {node.run: row for row, node in enumerate(nodes)}
    most = max((node.steps for node in nodes), default=1)
    figure = go.Figure()
    for row, node in enumerate(nodes):
        color = SERIES[1] if node.chosen else SERIES[0]
        x: list[float] = [node.at, node.steps]
        y: list[float] = [row, row]
        if node.parent in rows:
            x, y = [node.at, *x], [rows[node.parent], *y]
        figure.add_scatter(
            x=x, y=y, mode="lines", line={"color": color, "width": 3}, hoverinfo="skip"
        )
        if node.edge:
            figure.add_annotation(
                x=node.at, y=row, text=as_text(_cut(node.edge, 70)), showarrow=False,
                xanchor="left", yanchor="bottom", xshift=6, yshift=8,
                font={"size": 13, "color": INK[mode]},
            )  # fmt: skip
        if node.picture:
            figure.add_layout_image(
                source=node.picture, x=node.steps + 0.015 * most, y=row, xref="x", yref="y",
                sizex=0.2 * most, sizey=0.86, xanchor="left", yanchor="middle", sizing="contain",
            )  # fmt: skip
        else:
            figure.add_annotation(
                x=node.steps, y=row, text=as_text(_cut(node.words, 64)), showarrow=False,
                xanchor="left", xshift=10, font={"size": 14, "color": INK[mode]},
            )  # fmt: skip
    figure.add_scatter(
        x=[node.steps for node in nodes],
        y=list(range(len(nodes))),
        mode="markers",
        marker={
            "size": 14,
            "color": [SERIES[1] if node.chosen else SERIES[0] for node in nodes],
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[node.run for node in nodes],
        text=[as_text(f"{short_id(node.run)}: {node.words}") for node in nodes],
        hovertemplate="%{text}<extra></extra>",
    )
    wide = 1.28 if any(node.picture for node in nodes) else 1.95
    figure.update_layout(
        template=house_template(mode),
        height=90 + ROW * len(nodes) * (1 if not nodes or not nodes[0].picture else 1.25),
        showlegend=False,
        hovermode="closest",
        margin={"l": 20, "r": 10, "t": 20, "b": 50},
    )
    figure.update_xaxes(
        title_text="step", range=[-0.03 * most, wide * most], gridcolor=GRID[mode],
        tickvals=sorted({0, *(node.at for node in nodes), *(node.steps for node in nodes)}),
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[len(nodes) - 0.4, -0.6])
    return figure


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
