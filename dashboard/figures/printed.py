"""A figure for where it is printed: its width, its type, its colours, a title and a caption."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.colour_bars import bars_beneath
from dashboard.figures.contact_sheet import SHEET
from dashboard.figures.narrow import LEGEND_Y, ON_PAGE, legend_beneath, words_within
from dashboard.figures.stacking import stacked
from dashboard.figures.template import (
    BAND,
    BLANK,
    BLUE_ON_DARK,
    DIVERGING,
    GRID,
    INK,
    OPENED,
    PAPER,
    SCALE,
    SERIES,
    Mode,
    as_text,
)

MadeFor = Literal["screen", "one column", "two columns", "slide"]
Background = Literal["light", "dark", "transparent"]
PX_MM = 96 / 25.4
PX_POINT = 96 / 72
SCREEN = 1200  # pixels of a figure that takes the width it is given
WIDTH_MM: dict[MadeFor, float] = {"one column": 85, "two columns": 180, "slide": 254}
POINTS: dict[MadeFor, float] = {"screen": 11.25, "one column": 8, "two columns": 8, "slide": 14}
# heights of a line that an axis needs below it; on a narrow one the labels stand upright
AXIS: dict[MadeFor, float] = {"screen": 3.6, "one column": 6, "two columns": 3.6, "slide": 3.6}
WIDE = 9 / 16  # of a slide's width: its height
LONGEST = 400  # characters of a title or a caption
PHONE = 350  # pixels of a phone's page, about
PHONE_TICKS = 7  # numbers along its axis
MOST_MM = 60  # of a picture in rows and columns
KEY = 50  # pixels of a line in a legend and what is around it
RGB = re.compile(r"rgb\((\d+), ?(\d+), ?(\d+)\)")
NEAR = 4.0  # in 8-bit colour, how far from a scale a colour may be to lie on it


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a figure is to be printed; ``points`` is the size of its type."""

    made_for: MadeFor = "screen"
    points: float = POINTS["screen"]
    background: Background = "light"
    title: str = ""
    caption: str = ""


def printed(figure: go.Figure, wanted: Wanted) -> go.Figure:
    """The figure as it is wanted: its layout says how many pixels of 1/96 inch it has.

    Type, lines, marks and margins grow or shrink together, and the height with them; a slide is
    16:9, and in one column panels stand one below the other. Colours of the house are those of the
    background, whatever the page was shown in.
    """
    if wanted.made_for == "one column":
        figure = stacked(figure)
    scale = wanted.points * PX_POINT / ON_PAGE
    if wanted.made_for == "one column":
        figure = bars_beneath(figure, WIDTH_MM["one column"] * PX_MM / scale)
    mode: Mode = "dark" if wanted.background == "dark" else "light"
    spec = _recoloured(_scaled(figure.to_dict(), scale), mode)
    layout = spec.setdefault("layout", {})
    millimetres = WIDTH_MM.get(wanted.made_for)
    layout["width"] = round(SCREEN * scale if millimetres is None else millimetres * PX_MM)
    layout.setdefault("height", round(450 * scale))
    drawn = go.Figure(spec, skip_invalid=True)
    _unmarked(drawn)
    _fill_with_pictures(drawn, wanted, scale)
    if wanted.made_for == "one column":
        legend_beneath(drawn)
        words_within(drawn)
    _legend_of_its_own(drawn, wanted, scale)
    _say(drawn, wanted, scale, mode)
    if wanted.made_for == "slide":
        drawn.update_layout(height=round(layout["width"] * WIDE))
    if wanted.background == "transparent":
        clear = "rgba(0,0,0,0)"
        drawn.update_layout(paper_bgcolor=clear, plot_bgcolor=clear)
    return drawn


def _unmarked(figure: go.Figure) -> None:
    """Without what marks the picture or point that is open on the page: nobody reads it in print.

    In a file there is nothing that it would be the mark of.
    """
    figure.data = [trace for trace in figure.data if trace.meta != OPENED]
    figure.layout.shapes = [shape for shape in figure.layout.shapes if shape.name != OPENED]


def _fill_with_pictures(figure: go.Figure, wanted: Wanted, scale: float) -> None:
    """Pictures in rows and columns take the width that they are printed in, and no more height.

    For the screen the figure is no wider than they are.
    """
    sheet = (figure.layout.meta or {}).get(SHEET)
    if sheet is None:
        return
    columns, rows, aspect = sheet
    layout = figure.layout
    size = ON_PAGE * scale
    longest = max((len(str(label)) for label in layout.yaxis.ticktext or ()), default=0)
    beside = 0.62 * size * longest + (1.8 * size if layout.yaxis.title.text else 0.6 * size)
    room = layout.width - layout.margin.l - layout.margin.r - beside
    across = max(columns, room / (MOST_MM * PX_MM))
    if wanted.made_for == "screen" and across > columns:
        layout.width = round(layout.width - room * (1 - columns / across))
        room, across = room * columns / across, columns
    layout.xaxis.range = (-0.5, across - 0.5)
    layout.height = round(room / across / aspect * rows + layout.margin.t + layout.margin.b)


def for_phone(figure: go.Figure) -> go.Figure:
    """A figure for a phone's width: panels stacked, colour bars beneath, a legend in own room."""
    in_one = stacked(figure)
    drawn = go.Figure(bars_beneath(in_one, PHONE), skip_invalid=True)
    drawn.update_layout(width=PHONE, height=drawn.layout.height or 450)
    legend_beneath(drawn)
    words_within(drawn)
    # what explains several panels is read before them
    _legend_of_its_own(drawn, Wanted("screen"), 1.0, head=in_one is not figure)
    for axis in drawn.select_xaxes():
        if isinstance(axis.dtick, int | float):  # twelve numbers would stand upright
            axis.update(dtick=2 * axis.dtick, tickangle=0)
        elif axis.nticks:
            axis.nticks = min(axis.nticks, PHONE_TICKS)
    drawn.layout.width = None  # it takes what is there
    return drawn


def on_dark(figure: go.Figure | dict[str, Any]) -> dict[str, Any]:
    """A figure for a dark page: the series' blue is light enough to be seen on it."""
    spec = figure if isinstance(figure, dict) else figure.to_dict()
    blues: dict[str, Any] = _swapped(spec, {SERIES[0]: BLUE_ON_DARK})
    return blues


def _swapped(part: Any, known: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        return known.get(part, part)
    if isinstance(part, dict):
        return {name: _swapped(each, known) for name, each in part.items()}
    if isinstance(part, list | tuple):
        return [_swapped(each, known) for each in part]
    return part


def at_most_wide(figure: go.Figure, pixels: int) -> go.Figure:
    """The same figure, all of it smaller where it is wider than so many pixels."""
    width = figure.layout.width
    if width is None or width <= pixels:
        return figure
    scale = pixels / width
    spec = _scaled(figure.to_dict(), scale)
    spec["layout"] |= {"width": pixels, "height": round(figure.layout.height * scale)}
    return go.Figure(spec, skip_invalid=True)


def _legend_of_its_own(
    figure: go.Figure, wanted: Wanted, scale: float, *, head: bool = False
) -> None:
    """A legend below the axes in room of its own, or above them: its rows are counted by what a
    width holds."""
    legend = figure.layout.legend
    named = [
        trace.name
        for trace in figure.data
        if trace.name and trace.showlegend is not False and trace.visible in (None, True)
    ]
    shown = figure.layout.showlegend
    below = legend.y if legend.y is not None else LEGEND_Y
    many = len(named) > 1 or (shown is True and named)
    if shown is False or not many or below >= 0 or (legend.orientation or "h") != "h":
        return
    size = ON_PAGE * scale
    one = KEY + 0.62 * size * max(map(len, named))
    rows = math.ceil(len(named) / max(1, int((figure.layout.width - 5 * size) / one)))
    own = rows * (1.4 * size + 4)
    if head:
        above = figure.layout.margin.t if figure.layout.margin.t is not None else 50 * scale
        figure.update_layout(
            legend={"yref": "container", "y": 1, "yanchor": "top"},
            margin_t=above + own,
            height=figure.layout.height + own,
        )
        return
    needed = _below(figure, wanted) * size + own
    before = figure.layout.margin.b if figure.layout.margin.b is not None else 80 * scale
    figure.update_layout(
        legend={"yref": "container", "y": 0, "yanchor": "bottom"},
        margin_b=needed,
        height=figure.layout.height + max(0.0, needed - before),
    )


def _below(figure: go.Figure, wanted: Wanted) -> float:
    """How many heights of a line the x axis needs: numbers never stand upright, words may."""
    first = [
        next(iter(trace.x))  # a part of a table has no row 0
        for trace in figure.data
        if getattr(trace, "x", None) is not None and len(trace.x)
    ]
    words = any(isinstance(each, str) for each in first)
    title = max(
        ((axis.title.text or "").count("<br>") for axis in figure.select_xaxes()), default=0
    )
    return (AXIS[wanted.made_for] if words else AXIS["screen"]) + 1.4 * title


def _say(figure: go.Figure, wanted: Wanted, scale: float, mode: Mode) -> None:
    """Title above and caption below, in room of their own.

    The caption is Plotly's title: it alone is placed from the figure's edge, not the axes'.
    """
    size = ON_PAGE * scale
    letters = max(20, int(figure.layout.width / (0.56 * size)))
    margin = figure.layout.margin
    if wanted.title:
        lines = textwrap.wrap(wanted.title[:LONGEST], int(letters / 1.5))
        room = 1.6 * 1.2 * size * len(lines)
        top = margin.t if margin.t is not None else 50 * scale
        figure.add_annotation(
            text="<br>".join(map(as_text, lines)), x=0, y=1, xref="paper", yref="paper",
            xanchor="left", yanchor="top", align="left", showarrow=False, yshift=top + 0.7 * room,
            font={"size": 1.2 * size, "color": INK[mode]},
        )  # fmt: skip
        figure.update_layout(margin_t=top + room, height=figure.layout.height + room)
    if wanted.caption:
        lines = textwrap.wrap(wanted.caption[:LONGEST], letters)
        room = 1.4 * size * len(lines) + 0.6 * size
        needed = _below(figure, wanted) * size
        below = needed if margin.b is None else max(margin.b, needed)
        height = figure.layout.height + room + max(0.0, below - 50 * scale)
        figure.update_layout(
            title={
                "text": "<br>".join(map(as_text, lines)),
                "x": 0.02, "xref": "container", "xanchor": "left",
                "y": room / height, "yref": "container", "yanchor": "top",
                "font": {"size": 0.94 * size, "color": INK[mode]},
            },
            height=height,
            margin_b=below + room,
        )  # fmt: skip
        if figure.layout.legend.yref == "container":
            figure.update_layout(legend_y=room / height)


def _scaled(part: Any, scale: float, under: str = "") -> Any:
    """A part of a figure with type, lines, marks and margins of another size."""
    if isinstance(part, list | tuple):
        return [_scaled(each, scale, under) for each in part] if _dicts(part) else part
    if not isinstance(part, dict):
        return part
    return {
        name: _size(name, _scaled(each, scale, name), scale, under) for name, each in part.items()
    }


def _size(name: str, value: Any, scale: float, under: str) -> Any:
    known = {
        "size": under.endswith("font") or under == "marker",
        "width": under == "line",
        **dict.fromkeys(("l", "r", "t", "b"), under in ("margin", "pad")),
        "height": under == "layout",
        **dict.fromkeys(("standoff", "ticklen", "thickness", "xshift", "yshift"), True),
    }
    if not known.get(name, False) or isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value * scale
    if isinstance(value, list | tuple | np.ndarray):
        return [each * scale for each in value]
    return value


def _dicts(part: list[Any] | tuple[Any, ...]) -> bool:
    return any(isinstance(each, dict | list | tuple) for each in part)


def _recoloured(part: Any, mode: Mode) -> Any:
    other: Mode = "light" if mode == "dark" else "dark"
    known = {palette[other]: palette[mode] for palette in (INK, PAPER, GRID, BLANK, BAND)}
    if mode == "dark":
        known[SERIES[0]] = BLUE_ON_DARK
    for scale in (SCALE, DIVERGING):
        known |= {
            str(was[1]): str(now[1]) for was, now in zip(scale[other], scale[mode], strict=True)
        }
    return _replaced(part, known, other, mode)


def _replaced(part: Any, known: Mapping[str, str], other: Mode, mode: Mode) -> Any:
    if isinstance(part, str):
        return known.get(part) or _on_scale(part, other, mode)
    if isinstance(part, dict):
        return {name: _replaced(each, known, other, mode) for name, each in part.items()}
    if isinstance(part, list | tuple):
        return [_replaced(each, known, other, mode) for each in part]
    return part


def _on_scale(colour: str, other: Mode, mode: Mode) -> str:
    """A colour that lies on the one theme's scale at the same place of the other's."""
    found = RGB.fullmatch(colour)
    if found is None:
        return colour
    seen = np.array([int(channel) for channel in found.groups()], float)
    stops, at = _channels(other), np.linspace(0, 1, 501)
    line = np.stack([np.interp(at, stops[0], channel) for channel in stops[1]], axis=1)
    apart = np.abs(line - seen).max(axis=1)
    nearest = int(apart.argmin())
    if apart[nearest] > NEAR:
        return colour
    now = _channels(mode)
    channels = [round(float(np.interp(at[nearest], now[0], channel))) for channel in now[1]]
    return f"rgb({channels[0]}, {channels[1]}, {channels[2]})"


def _channels(mode: Mode) -> tuple[list[float], list[list[int]]]:
    """The stops of a theme's scale, and each channel at them."""
    stops = [float(at) for at, _ in SCALE[mode]]  # type: ignore[arg-type]
    colours = [str(colour) for _, colour in SCALE[mode]]
    return stops, [[int(c[at : at + 2], 16) for c in colours] for at in (1, 3, 5)]
