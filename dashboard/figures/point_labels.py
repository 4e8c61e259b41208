"""Labels beside points, so that none lies on another or on a point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.template import INK, PAPER, Mode

PLOT = np.array([640.0, 300.0])  # about how many pixels the points are spread over
SHIFTS = ((22, 20), (-22, 20), (22, -20), (-22, -20))
COVERED = 5.0  # pixels: one dot lies on the other
ROOM = 34.0  # pixels between two labels, or a label and a point, that read well


def label_points(
    figure: go.Figure,
    places: Sequence[tuple[float, float]],
    labels: Sequence[str],
    *,
    mode: Mode,
) -> None:
    """A label beside each point of a figure with one panel; points at one place share theirs."""
    shared: dict[tuple[float, float], list[str]] = {}
    for place, text in zip(places, labels, strict=True):
        shared.setdefault(_near(place, places), []).append(text)
    found = {place: ", ".join(texts) for place, texts in shared.items()}
    for (x, y), shift, text in zip(found, label_shifts(list(found)), found.values(), strict=True):
        label = {"x": x, "y": y, "text": text, "xshift": shift[0], "yshift": shift[1]}
        font = {"size": 17, "color": INK[mode]}
        figure.add_annotation(label, showarrow=False, font=font, bgcolor=PAPER[mode], opacity=0.9)


def _near(place: tuple[float, float], places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The first of the places that a dot at this one would cover."""
    points = np.array(places, np.float64)
    spread = np.maximum(np.nanmax(points, axis=0) - np.nanmin(points, axis=0), 1e-12)
    apart = np.abs((points - np.array(place)) / spread * PLOT).max(axis=1)
    covered = np.flatnonzero(apart < COVERED)
    return places[int(covered[0])] if len(covered) else place


def label_shifts(places: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Where each point's label stands beside it, in pixels, so that none lies on another.

    Of the four corners the one farthest from all that is placed; the figure is taken to be PLOT.
    """
    points = np.array(places, np.float64).reshape(-1, 2)
    known = points[np.isfinite(points).all(axis=1)]
    if not len(known):
        return [SHIFTS[0]] * len(points)
    spread = np.maximum(known.max(axis=0) - known.min(axis=0), 1e-12)
    pixels = np.nan_to_num((points - known.min(axis=0)) / spread) * PLOT
    taken, chosen = list(pixels), []
    for at in pixels:
        others = [each for each in taken if each is not at]
        free = [
            min((float(np.abs(at + shift - o).max()) for o in others), default=ROOM)
            for shift in SHIFTS
        ]
        best = next((i for i, room in enumerate(free) if room >= ROOM), int(np.argmax(free)))
        chosen.append(SHIFTS[best])
        taken.append(at + SHIFTS[best])
    return chosen
