"""Houses, castles, windmills, lighthouses and bridges; x is the middle and y the foot of each."""

from __future__ import annotations

import numpy as np

from engine.training.poster.canvas import Colour, Points, box, ellipse, mix, rgb
from engine.training.poster.looks import Look
from engine.training.poster.palettes import PAINTS, SNOW, WINDOW

ROOFS = {"red": "#5a2f36", "white": "#b5483f", "yellow": "#8a4632", "blue": "#e8e2d4"}


def window(look: Look) -> Colour:
    """Lit by night and dusk, dark by day."""
    if look.palette.pull > 0.3:
        return WINDOW
    return look.palette.thing(rgb("#3b4a66"))


def shaded(look: Look, colour: Colour) -> Colour:
    """The colour of a side that lies in the shade."""
    return mix(colour * np.float32(0.76), look.palette.shade, 0.12)


def paint_house(look: Look, x: float, y: float, size: float, colour: str, *, snow: bool) -> None:
    """A house with a gable, a door and two windows."""
    wall = look.palette.thing(PAINTS[colour])
    roof = look.palette.thing(SNOW if snow else rgb(ROOFS[colour]))
    half, eaves = 0.46 * size, y - 0.5 * size
    look.thing(box(x + 0.2 * size, y - 0.98 * size, x + 0.33 * size, eaves),
               colour=shaded(look, wall))  # fmt: skip
    look.thing(box(x - half, eaves, x + half, y), colour=wall)
    look.thing([(x - 1.28 * half, eaves + 0.03 * size), (x - 0.5 * half, y - 0.93 * size),
                (x + 0.5 * half, y - 0.93 * size), (x + 1.28 * half, eaves + 0.03 * size)],
               colour=roof)  # fmt: skip
    pane = window(look)
    look.detail(box(x - 0.72 * half, y - 0.4 * size, x - 0.26 * half, y - 0.17 * size), colour=pane)
    look.detail(box(x + 0.1 * half, y - 0.36 * size, x + 0.6 * half, y),
                colour=look.palette.thing(rgb("#4a2f2f")))  # fmt: skip


def paint_castle(look: Look, x: float, y: float, size: float) -> None:
    """A wall with a gate between two towers with pointed roofs, and a higher keep."""
    stone = look.palette.thing(rgb("#c9bfb4"))
    dark = shaded(look, stone)
    roof = look.palette.thing(rgb("#b5414a"))

    def tower(at: float, half: float, height: float, own: Colour) -> None:
        look.thing(box(at - half, y - height, at + half, y), colour=own)
        look.thing([(at - 1.35 * half, y - height), (at, y - height - 2.6 * half),
                    (at + 1.35 * half, y - height)], colour=roof)  # fmt: skip

    tower(x + 0.05 * size, 0.13 * size, 0.72 * size, dark)
    wall: Points = box(x - 0.42 * size, y - 0.36 * size, x + 0.42 * size, y)
    teeth = [box(x + (k - 0.055) * size, y - 0.44 * size, x + (k + 0.055) * size, y - 0.34 * size)
             for k in (-0.22, 0.0, 0.22)]  # fmt: skip
    look.thing(wall, *teeth, colour=stone)
    tower(x - 0.4 * size, 0.11 * size, 0.56 * size, stone)
    tower(x + 0.4 * size, 0.11 * size, 0.56 * size, stone)
    gate = look.palette.thing(rgb("#46343c"))
    look.detail(box(x - 0.09 * size, y - 0.16 * size, x + 0.09 * size, y),
                ellipse(x, y - 0.16 * size, 0.09 * size, 0.08 * size), colour=gate)  # fmt: skip
    for at in (-0.4, 0.4):
        look.detail(box(x + (at - 0.04) * size, y - 0.44 * size, x + (at + 0.04) * size,
                        y - 0.31 * size), colour=window(look))  # fmt: skip


def paint_windmill(look: Look, x: float, y: float, size: float, colour: str, turn: float) -> None:
    """A tapering mill with a cap and four sails."""
    body = look.palette.thing(PAINTS[colour])
    cap = look.palette.thing(rgb("#7a3b32" if colour != "red" else "#f0e3c8"))
    hub_y = y - 0.66 * size
    look.thing([(x - 0.2 * size, y), (x - 0.12 * size, hub_y), (x + 0.12 * size, hub_y),
                (x + 0.2 * size, y)], colour=body)  # fmt: skip
    look.thing([(x - 0.15 * size, hub_y), (x - 0.08 * size, hub_y - 0.13 * size),
                (x + 0.08 * size, hub_y - 0.13 * size), (x + 0.15 * size, hub_y)],
               colour=cap)  # fmt: skip
    look.detail(box(x - 0.06 * size, y - 0.2 * size, x + 0.06 * size, y),
                colour=look.palette.thing(rgb("#4a2f2f")))  # fmt: skip
    sails = []
    for k in range(4):
        angle = turn + k * np.pi / 2
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        corners = [(0.04, 0.02), (0.47, 0.02), (0.47, 0.14), (0.13, 0.14), (0.1, 0.02)]
        sails.append([
            (x + size * float(a * along[0] + b * across[0]),
             hub_y + size * float(a * along[1] + b * across[1])) for a, b in corners
        ])  # fmt: skip
    pale = mix(look.palette.thing(rgb("#f4e6c8" if colour != "white" else "#8a5a44")), body, 0.1)
    look.thing(*sails, colour=pale)


def paint_lighthouse(look: Look, x: float, y: float, size: float, colour: str) -> None:
    """A white tower with coloured bands on a rock, its lamp lit after sunset."""
    white = look.palette.thing(PAINTS["white"])
    band = look.palette.thing(PAINTS[colour])
    lamp_y = y - 0.8 * size
    rock = look.palette.lit(look.palette.rock * np.float32(0.62))
    edge = np.linspace(-1, 1, 13)
    look.thing([(x + 0.5 * size * float(t), y + 0.05 - 0.1 * float(np.sqrt(1 - t * t)))
                for t in edge], colour=rock)  # fmt: skip

    def wide(height: float) -> float:
        return (0.155 - 0.06 * height / 0.8) * size

    if look.palette.pull > 0.3:
        look.canvas.glow(x, lamp_y - 0.06 * size, 0.3 * size, WINDOW, 0.7)
    look.thing([(x - wide(0), y), (x - wide(0.8), lamp_y),
                (x + wide(0.8), lamp_y), (x + wide(0), y)],
               colour=white)  # fmt: skip
    for low, high in ((0.1, 0.28), (0.46, 0.64)):
        look.detail([(x - wide(low), y - low * size), (x - wide(high), y - high * size),
                     (x + wide(high), y - high * size), (x + wide(low), y - low * size)],
                    colour=band)  # fmt: skip
    lamp = WINDOW if look.palette.pull > 0.2 else look.palette.thing(rgb("#cfe3ee"))
    look.thing(box(x - 0.075 * size, lamp_y - 0.12 * size, x + 0.075 * size, lamp_y), colour=lamp)
    look.thing([(x - 0.12 * size, lamp_y - 0.1 * size), (x, lamp_y - 0.24 * size),
                (x + 0.12 * size, lamp_y - 0.1 * size)], colour=band)  # fmt: skip


def paint_bridge(look: Look, y: float, colour: str, *, arches: bool) -> None:
    """A suspension bridge, or one of stone arches, across the whole picture; y is its deck."""
    own = look.palette.thing(rgb("#c3b5a4") if colour == "grey" else PAINTS[colour])
    if arches:
        deck: list[Points] = [box(-0.02, y - 0.035, 1.02, y + 0.02)]
        for k in range(-1, 4):
            left = 0.02 + 0.32 * k
            inner = [
                (left + 0.16 + 0.12 * float(t), y + 0.17 - 0.15 * float(np.sqrt(1 - t * t)))
                for t in np.linspace(-1, 1, 15)
            ]
            deck.append([(left - 0.04, y + 0.17), (left - 0.04, y), (left + 0.32, y),
                         (left + 0.32, y + 0.17), *inner[::-1]])  # fmt: skip
        look.thing(*deck, colour=own)
        return
    towers = (0.24, 0.76)
    top = y - 0.26
    shapes: list[Points] = [box(-0.02, y - 0.016, 1.02, y + 0.018)]
    for x in towers:
        shapes.append(box(x - 0.022, top, x + 0.022, y + 0.1))
    look.thing(*shapes, colour=own)
    for left, right, low in (
        (0.24, 0.76, y - 0.045),
        (-0.28, 0.24, y - 0.045),
        (0.76, 1.28, y - 0.045),
    ):
        t = np.linspace(0, 1, 25)
        cable = [(left + (right - left) * float(s), low - (low - top) * float((2 * s - 1) ** 2))
                 for s in t]  # fmt: skip
        look.canvas.line(cable, look.accent(own), 0.018)
        for s in (0.2, 0.35, 0.5, 0.65, 0.8):
            x = left + (right - left) * s
            height = low - (low - top) * (2 * s - 1) ** 2
            look.canvas.line([(x, height), (x, y)], look.accent(own), 0.012, opacity=0.7)
