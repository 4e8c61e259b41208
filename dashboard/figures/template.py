"""The house style of every figure: one template for light and one for dark."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import plotly.graph_objects as go
from plotly.colors import hex_to_rgb, sample_colorscale

Mode = Literal["light", "dark"]

# Okabe and Ito 2008: distinguishable with every common colour blindness
SERIES = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#b39b00",
    "#7f7f7f",
)
# one hue from the paper's colour to full strength: even for every eye, and in grey print
SCALE = {
    "light": [[0.0, "#eaf2f7"], [0.5, "#7fb6d3"], [1.0, "#075985"]],
    "dark": [[0.0, "#1b2b35"], [0.5, "#2f7ea8"], [1.0, "#9bdcff"]],
}
# orange to blue through the paper, for values of both signs
DIVERGING = {
    "light": [[0.0, "#b45309"], [0.5, "#ffffff"], [1.0, "#075985"]],
    "dark": [[0.0, "#f0a04b"], [0.5, "#0f171c"], [1.0, "#6cc3ff"]],
}
INK = {"light": "#16232b", "dark": "#e6eef2"}
PAPER = {"light": "#ffffff", "dark": "#0f171c"}
GRID = {"light": "#dfe6ea", "dark": "#2a3a43"}
BLANK = {"light": "#e9eef1", "dark": "#22313a"}
# from the least to the most, behind a line of the first series
BAND = {"light": "rgba(0,114,178,0.18)", "dark": "rgba(86,180,233,0.25)"}
BLUE_ON_DARK = "#2f8fd0"  # the first of the series, 5 : 1 on a dark page where its own has 3.5 : 1
INKS = ("#ffffff", "#10191f")  # on any colour
TICKS = 12  # at most, of steps along an axis
OPENED = "opened"  # what marks the picture or point that is open on the page: not for print
ROOM = 1.35  # how much larger type is in a meeting
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def as_text(text: str) -> str:
    """Plotly reads a little markup in every label; a token is never markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(maxsize=2)
def house_template(mode: Mode) -> go.layout.Template:
    """Plain, legible on a projector, colour-blind-safe. One for all: a figure takes a copy."""
    axis = {
        "gridcolor": GRID[mode],
        "linecolor": GRID[mode],
        "zerolinecolor": GRID[mode],
        "ticks": "outside",
        "tickcolor": GRID[mode],
        "title": {"standoff": 10},
        "automargin": True,
    }
    layout = go.Layout(
        font={"family": FONT, "size": 15, "color": INK[mode]},
        paper_bgcolor=PAPER[mode],
        plot_bgcolor=PAPER[mode],
        colorway=SERIES,
        xaxis=axis,
        yaxis=axis,
        hoverlabel={
            "font": {"family": FONT, "size": 14, "color": INK[mode]},
            "bgcolor": PAPER[mode],
            "bordercolor": INK[mode],
        },
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        title={"x": 0, "xanchor": "left", "font": {"size": 18}},
        legend={"orientation": "h", "y": -0.2},
    )
    return go.layout.Template(layout=layout)


# every point of a plot belongs to the nearest mark: a cell is a target to its edges, however wide
# it is drawn. Only for figures in which every cell has a mark.
WHOLE_CELLS = {"hoverdistance": -1, "hovermode": "closest"}


def unfaded(figure: go.Figure) -> go.Figure:
    """The figure with marks that look the same whether or not one of them is chosen."""
    for trace in figure.data:
        if trace.type == "scatter" and trace.mode is not None and "markers" in trace.mode:
            opacity = 1 if trace.marker.opacity is None else trace.marker.opacity
            trace.selected = {"marker": {"opacity": opacity}}
            trace.unselected = {"marker": {"opacity": opacity}}
        if trace.type == "bar":
            trace.unselected = {"marker": {"opacity": 1}}
    return figure


def step_mark(step: float, mode: Mode, *, axis: str = "") -> dict[str, object]:
    """The dotted line at the step that is shown, as a shape of a layout; ``axis`` as in x2."""
    return {
        "type": "line",
        "xref": f"x{axis}",
        "yref": f"y{axis} domain",
        "x0": step,
        "x1": step,
        "y0": 0,
        "y1": 1,
        "line": {"color": INK[mode], "width": 1, "dash": "dot"},
    }


def step_axis(last: int) -> dict[str, object]:
    """What makes an x axis one of steps up to ``last``: its title, and ticks at whole steps."""
    return {"title_text": "step", "dtick": max(1, -(-last // TICKS))}


def ink_on(
    colorscale: Sequence[Sequence[Any]],
    share: float,
    inks: tuple[str, str] = ("#ffffff", "#10191f"),
) -> str:
    """The ink that is read better on a scale's colour; ``share`` is cut to 0 to 1."""
    fill = sample_colorscale(colorscale, [min(1.0, max(0.0, share))])[0]
    under = _luminance([float(part) for part in fill[4:-1].split(",")])
    return max(inks, key=lambda ink: _contrast(under, _luminance(hex_to_rgb(ink))))


def _luminance(channels: Sequence[float]) -> float:
    """Relative luminance of 8-bit sRGB (WCAG 2.2)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in channels)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    """Of two luminances, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def new_figure(*traces: go.Figure, mode: Mode, title: str, height: int) -> go.Figure:
    """An empty figure, or one of some traces, in the house style."""
    figure = go.Figure(data=list(traces))
    figure.update_layout(template=house_template(mode), title_text=title, height=height)
    return figure


def enlarged(figure: go.Figure, scale: float = ROOM) -> dict[str, Any]:
    """A figure as Plotly reads it, its type larger and it higher by half as much.

    For a room: what is read from a desk cannot be read from the last row.
    """
    spec: dict[str, Any] = _scaled(figure.to_dict(), scale)
    if figure.layout.height is not None:
        spec["layout"]["height"] = round(figure.layout.height * (1 + (scale - 1) / 2))
    return spec


def _scaled(part: Any, scale: float) -> Any:
    """The part of a figure with every font's size scaled; arrays are left as they are."""
    if isinstance(part, list):
        return [_scaled(each, scale) for each in part] if part[:1] and _holds(part) else part
    if not isinstance(part, dict):
        return part
    scaled = {name: _scaled(each, scale) for name, each in part.items()}
    for name, each in scaled.items():
        if name.endswith("font") and isinstance(each, dict) and "size" in each:
            scaled[name] = {**each, "size": _times(each["size"], scale)}
    return scaled


def _holds(parts: list[Any]) -> bool:
    return any(isinstance(each, dict | list) for each in parts)


def _times(size: Any, scale: float) -> Any:
    return size * scale if isinstance(size, int | float) else size
