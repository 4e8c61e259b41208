"""A family of forks as a tree over steps: lines are shared until a fork leaves its parent's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.template import GRID, INK, SERIES, Mode, as_text, house_template
from engine.chain.records import short_id

ROW = 64  # pixels
PICTURE, WIDE = 0.25, 2.3  # of the longest run: a picture's width, and all of the figure's
TALL = 10  # rows, of which not all are seen at once


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


def family_tree(family: Sequence[Node], *, mode: Mode) -> go.Figure:
    """x is the step, each run a line of its own; the chosen one's is marked from the start on.

    Customdata of a node is its run.
    """
    nodes = _in_rows(family)
    rows = {node.run: row for row, node in enumerate(nodes)}
    most = max((node.steps for node in nodes), default=1)
    figure = go.Figure()
    lines = [(SERIES[0], *_line(node, rows)) for node in nodes]
    lines += [(SERIES[1], *_line(nodes[rows[run]], rows, to)) for run, to in _way(nodes, rows)]
    for color, x, y in lines:
        figure.add_scatter(
            x=x, y=y, mode="lines", line={"color": color, "width": 3}, hoverinfo="skip"
        )
    for row, node in enumerate(nodes):
        beside = 0.0
        if node.picture:
            figure.add_layout_image(
                source=node.picture, x=node.steps + 0.03 * most, y=row, xref="x", yref="y",
                sizex=PICTURE * most, sizey=0.86, xanchor="left", yanchor="middle",
                sizing="contain",
            )  # fmt: skip
            beside = (PICTURE + 0.03) * most
        said = [_cut(node.edge, 70), *([] if node.picture else [_cut(node.words, 64)])]
        figure.add_annotation(
            x=node.steps + beside, y=row, text="<br>".join(as_text(part) for part in said if part),
            showarrow=False, xanchor="left", xshift=12, align="left",
            font={"size": 14, "color": INK[mode]},
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
    figure.update_layout(
        template=house_template(mode),
        height=90 + ROW * len(nodes) * (1 if not nodes or not nodes[0].picture else 1.25),
        showlegend=False,
        hovermode="closest",
        margin={"l": 20, "r": 10, "t": 20, "b": 50},
    )
    if len(nodes) > TALL:  # the steps are read where reading begins
        figure.update_xaxes(side="top")
        figure.update_layout(margin={"t": 60, "b": 10})
    figure.update_xaxes(
        title_text="step", range=[-0.03 * most, WIDE * most], gridcolor=GRID[mode],
        tickvals=sorted({0, *(node.at for node in nodes), *(node.steps for node in nodes)}),
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[len(nodes) - 0.4, -0.6])
    return figure


def _in_rows(family: Sequence[Node]) -> list[Node]:
    """Each run, then its forks and theirs, the latest ones first: so no line crosses another."""
    known = {node.run for node in family}
    rows: list[Node] = []
    left = [node for node in reversed(family) if node.parent not in known]
    while left:
        node = left.pop()
        rows.append(node)
        forks = [other for other in family if other.parent == node.run]
        left += sorted(forks, key=lambda other: other.at, reverse=True)[::-1]
    return rows


def _line(
    node: Node, rows: Mapping[str, int], to: float | None = None
) -> tuple[list[float], list[float]]:
    """A run's own line, from where it leaves its parent's to its end, or to a step."""
    row = rows[node.run]
    x: list[float] = [node.at, node.steps if to is None else to]
    y: list[float] = [row, row]
    if node.parent is not None and node.parent in rows:
        return [node.at, *x], [rows[node.parent], *y]
    return x, y


def _way(nodes: Sequence[Node], rows: Mapping[str, int]) -> list[tuple[str, float]]:
    """The chosen run and those that it came from, each with the step up to which it is its way."""
    way: list[tuple[str, float]] = []
    node = next((node for node in nodes if node.chosen), None)
    to = float(node.steps) if node else 0.0
    while node is not None:
        way.append((node.run, to))
        to, parent = float(node.at), node.parent
        node = nodes[rows[parent]] if parent is not None and parent in rows else None
    return way


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
