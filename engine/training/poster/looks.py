"""The five styles, each a way to put skies, lands, things and lights on a canvas."""

from __future__ import annotations

import numpy as np

from engine.training.poster.canvas import Canvas, Colour, Gradient, Points, mix, rgb
from engine.training.poster.palettes import Palette
from engine.training.poster.scene import Style

PAPER = rgb("#fbf5e8")
RICE = rgb("#f4ecdb")
INK = rgb("#1d2333")
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


class Look:
    """Flat posters: clean shapes, every land a gradient that fades into mist at its foot."""

    mist = 0.34  # how far a land has faded where the next one begins

    def __init__(self, canvas: Canvas, palette: Palette) -> None:
        self.canvas = canvas
        self.palette = palette

    def tone(self, colour: Colour) -> Colour:
        """What the style makes of a colour of sky, land or water."""
        return colour

    def accent(self, colour: Colour) -> Colour:
        """What the style makes of the colour of a thing."""
        return colour

    def sky(self, horizon: float) -> None:
        """The whole canvas becomes sky."""
        upper, middle, lower = (self.tone(colour) for colour in self.palette.sky)
        self.canvas.sky(upper, middle, lower, horizon)

    def land(self, edge: Points, colour: Colour, foot: float) -> None:
        """Everything below the edge, a line from left to right; it fades towards the foot."""
        top = min(y for _, y in edge)
        fill = Gradient(self.tone(colour), self.faded(colour), top, foot)
        self.canvas.polygon([(-0.02, 1.05), *edge, (1.02, 1.05)], fill)

    def faded(self, colour: Colour) -> Colour:
        """The colour of a land at its foot."""
        return self.tone(mix(colour, self.palette.haze, self.mist))

    def facet(self, points: Points, colour: Colour, foot: float, opacity: float = 1.0) -> None:
        """A part of a land: a slope in the shade, a cap of snow, a field."""
        top = min(y for _, y in points)
        fill = Gradient(self.tone(colour), self.faded(colour), top, foot)
        self.canvas.polygon(points, fill, opacity)

    def thing(self, *shapes: Points, colour: Colour) -> None:
        """A thing, or a part of one, that is one silhouette of one colour."""
        self.canvas.polygons(shapes, self.accent(colour))

    def detail(self, *shapes: Points, colour: Colour) -> None:
        """A part inside of a thing: a door, a stripe, a shadow."""
        self.canvas.polygons(shapes, self.accent(colour))

    def plant(self, *shapes: Points, colour: Colour) -> None:
        """Trees: things with the colours of land."""
        self.canvas.polygons(shapes, self.tone(colour))

    def light(self, points: Points, colour: Colour) -> None:
        """Something that shines."""
        self.canvas.polygon(points, colour)

    def disc(self, points: Points, colour: Colour) -> None:
        """The sun or the moon."""
        self.canvas.polygon(points, colour)

    def finish(self) -> None:
        """What comes last."""


class Watercolor(Look):
    """Pale washes that run out into the paper, with wet edges and a margin left white."""

    mist = 0.2

    def tone(self, colour: Colour) -> Colour:
        grey = np.float32(colour @ LUMINANCE)
        return mix(np.clip(grey + 1.25 * (colour - grey), 0, 1).astype(np.float32), PAPER, 0.2)

    def accent(self, colour: Colour) -> Colour:
        return mix(colour, PAPER, 0.06)

    def faded(self, colour: Colour) -> Colour:
        return mix(super().faded(colour), PAPER, 0.3)

    def land(self, edge: Points, colour: Colour, foot: float) -> None:
        super().land(edge, colour, foot)
        self.canvas.line(edge, self.tone(colour * np.float32(0.78)), 0.016, opacity=0.45)

    def plant(self, *shapes: Points, colour: Colour) -> None:
        top = min(y for points in shapes for _, y in points)
        bottom = max(y for points in shapes for _, y in points)
        pale = mix(self.tone(colour), PAPER, 0.4)
        self.canvas.polygons(shapes, Gradient(self.tone(colour), pale, top, bottom), 0.92)

    def finish(self) -> None:
        x, y = self.canvas.x[None, :], self.canvas.y[:, None]
        wobble = 0.012 * np.sin(9 * y + 2) + 0.01 * np.sin(7 * x + 1)
        inside = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) + wobble
        self.canvas.veil(1 - np.clip((inside - 0.03) / 0.035, 0, 1).astype(np.float32), PAPER)


class Ink(Look):
    """Washes of ink on rice paper; only the disc and the things keep a colour."""

    mist = 0.5

    def tone(self, colour: Colour) -> Colour:
        brightness = float(colour @ LUMINANCE)
        return mix(INK, RICE, float(np.clip(1.22 * brightness**1.25, 0.04, 1)))

    def accent(self, colour: Colour) -> Colour:
        return mix(colour, self.tone(colour), 0.22)

    def sky(self, horizon: float) -> None:
        upper, middle, lower = (self.tone(colour) for colour in self.palette.sky)
        if self.palette.night:
            self.canvas.sky(upper, middle, lower, horizon)
        else:
            self.canvas.sky(mix(upper, RICE, 0.4), mix(middle, RICE, 0.65), RICE, horizon)

    def faded(self, colour: Colour) -> Colour:
        pale = self.tone(self.palette.haze) if self.palette.night else RICE
        return mix(self.tone(colour), pale, self.mist)

    def disc(self, points: Points, colour: Colour) -> None:
        red = rgb("#d8402f")
        self.canvas.polygon(points, RICE if self.palette.night else mix(red, colour, 0.12))


class Woodcut(Look):
    """Few flat colours in bands, cut out with dark lines."""

    mist = 0.0
    line = rgb("#221c2b")
    width = 0.017

    def tone(self, colour: Colour) -> Colour:
        grey = np.float32(colour @ LUMINANCE)
        vivid = np.clip(grey + 1.18 * (colour - grey), 0, 1).astype(np.float32)
        return mix(vivid, rgb("#f3deb0"), 0.14)

    def accent(self, colour: Colour) -> Colour:
        return self.tone(colour)

    def sky(self, horizon: float) -> None:
        super().sky(horizon)
        bands = 6
        rows = np.clip(self.canvas.y / horizon, 0, 0.999)
        heights = (np.floor(rows * bands) + 0.5) / bands * horizon
        source = np.clip((heights * self.canvas.size).astype(int), 0, self.canvas.size - 1)
        self.canvas.image[:] = self.canvas.image[source]

    def land(self, edge: Points, colour: Colour, foot: float) -> None:
        super().land(edge, colour, foot)
        lower = [(x, y + 0.05) for x, y in edge]
        self.canvas.line(lower, self.tone(colour * np.float32(0.7)), 0.018)
        self.canvas.line(edge, self.line, self.width)

    def thing(self, *shapes: Points, colour: Colour) -> None:
        for points in shapes:
            self.canvas.line([*points, points[0]], self.line, 2 * self.width)
        super().thing(*shapes, colour=colour)

    def plant(self, *shapes: Points, colour: Colour) -> None:
        for points in shapes:
            self.canvas.line([*points, points[0]], self.line, 1.5 * self.width)
        super().plant(*shapes, colour=colour)

    def disc(self, points: Points, colour: Colour) -> None:
        self.canvas.line([*points, points[0]], self.line, 2 * self.width)
        super().disc(points, self.tone(colour))


class Neon(Look):
    """Dark lands and things whose outlines glow."""

    mist = 0.25

    def tone(self, colour: Colour) -> Colour:
        grey = np.float32(colour @ LUMINANCE)
        vivid = np.clip(grey + 1.7 * (colour - grey), 0, 1).astype(np.float32)
        return mix(vivid * np.float32(0.62), rgb("#1c0848"), 0.45)

    def vivid(self, colour: Colour) -> Colour:
        """The same hue as a light."""
        spread = colour - np.float32(0.75) * colour.min()
        pure = (spread / max(float(spread.max()), 1e-3)).astype(np.float32)
        return mix(pure, np.ones(3, np.float32), 0.12)

    def sky(self, horizon: float) -> None:
        upper, middle, lower = self.palette.sky
        low = mix(self.tone(lower), self.vivid(lower), 0.5)
        self.canvas.sky(self.tone(upper), self.tone(middle), low, horizon)

    def land(self, edge: Points, colour: Colour, foot: float) -> None:
        dark = mix(self.tone(colour), rgb("#12052e"), 0.6)
        top = min(y for _, y in edge)
        fill = Gradient(dark, mix(dark, self.vivid(colour), 0.2), top, foot)
        self.canvas.polygon([(-0.02, 1.05), *edge, (1.02, 1.05)], fill)
        self._tube(edge, self.vivid(colour))

    def facet(self, points: Points, colour: Colour, foot: float, opacity: float = 1.0) -> None:
        dark = mix(self.tone(colour), rgb("#12052e"), 0.5)
        self.canvas.polygon(points, dark, 0.7 * opacity)

    def thing(self, *shapes: Points, colour: Colour) -> None:
        light = self.vivid(colour)
        for points in shapes:
            self._tube([*points, points[0]], light)
        self.canvas.polygons(shapes, mix(rgb("#1a0a3c"), colour, 0.45))

    def detail(self, *shapes: Points, colour: Colour) -> None:
        self.canvas.polygons(shapes, mix(rgb("#1a0a3c"), self.vivid(colour), 0.75))

    def plant(self, *shapes: Points, colour: Colour) -> None:
        light = self.vivid(colour)
        for points in shapes:
            self.canvas.line([*points, points[0]], light, 0.02, opacity=0.8)
        self.canvas.polygons(shapes, mix(rgb("#160838"), light, 0.2))

    def disc(self, points: Points, colour: Colour) -> None:
        top, bottom = min(y for _, y in points), max(y for _, y in points)
        warm = rgb("#9fe8ff") if self.palette.night else rgb("#ff3f9a")
        self.canvas.polygon(points, Gradient(mix(colour, rgb("#fff27a"), 0.5), warm, top, bottom))

    def _tube(self, points: Points, colour: Colour) -> None:
        self.canvas.line(points, colour, 0.05, opacity=0.16)
        self.canvas.line(points, colour, 0.03, opacity=0.25)
        self.canvas.line(points, mix(colour, np.ones(3, np.float32), 0.25), 0.013)


LOOKS: dict[Style, type[Look]] = {
    "poster": Look, "watercolor": Watercolor, "ink": Ink, "woodcut": Woodcut, "neon": Neon,
}  # fmt: skip
