"""What the probes are asked of a poster: one head an attribute, and its label in a scene. No torch.

The world's scenes say what every picture shows, so the labels are known and not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.training.poster.scene import (
    COLOURS,
    COUNTED,
    KINDS,
    PLACES,
    SEASONS,
    SIDES,
    STYLES,
    TIMES,
    WEATHERS,
    Scene,
)
from engine.training.poster.words import SEASONS_SEEN

UNSIDED = ("stars", "aurora", "rainbow", "cloud", "bridge")  # they fill or span the picture
NOT_ASKED = -1  # the label where an attribute does not apply
PRESENCE = ("absent", "present")
COUNTS = ("1", "2", "3")


@dataclass(frozen=True, slots=True)
class Head:
    """One question: ``place``, ``present boat``, ``count boat``, ``side boat``, ``colour boat``."""

    name: str
    answers: tuple[str, ...]

    @property
    def group(self) -> str:
        """The attribute that it belongs to: "place", "present", "count", ..."""
        return self.name.split()[0]

    @property
    def kind(self) -> str:
        """The kind of thing that it asks about; "" for the whole picture."""
        return self.name.partition(" ")[2]


HEADS: tuple[Head, ...] = (
    Head("place", PLACES),
    Head("time", TIMES),
    Head("style", STYLES),
    Head("season", SEASONS),
    Head("weather", WEATHERS),
    *(Head(f"present {kind}", PRESENCE) for kind in KINDS),
    *(Head(f"count {kind}", COUNTS) for kind in COUNTED),
    *(Head(f"side {kind}", SIDES) for kind in KINDS if kind not in UNSIDED),
    *(Head(f"colour {kind}", colours) for kind, colours in COLOURS.items()),
)


def labels_of(scenes: Sequence[Scene], heads: Sequence[Head] = HEADS) -> NDArray[np.int64]:
    """Indices of the right answers, [scene, head]; NOT_ASKED where an attribute does not apply."""
    at = {
        (head.name, answer): (column, k)
        for column, head in enumerate(heads)
        for k, answer in enumerate(head.answers)
    }
    unless_told = [0 if head.group == "present" else NOT_ASKED for head in heads]
    labels = np.tile(np.array(unless_told, np.int64), (len(scenes), 1))
    for row, scene in zip(labels, scenes, strict=True):
        for told in told_by(scene):
            if told in at:
                column, k = at[told]
                row[column] = k
    return labels


def told_by(scene: Scene) -> Iterator[tuple[str, str]]:
    """The names of the heads that a scene answers, with the answers; kinds it lacks are absent."""
    yield from (("place", scene.place), ("time", scene.time), ("style", scene.style))
    yield "weather", scene.weather
    if scene.place in SEASONS_SEEN:
        yield "season", scene.season
    for thing in scene.things:
        yield f"present {thing.kind}", "present"
        if thing.kind in COUNTED:
            yield f"count {thing.kind}", str(thing.count)
        if thing.count == 1 and thing.kind not in UNSIDED:
            yield f"side {thing.kind}", thing.side
        if thing.colour is not None:
            yield f"colour {thing.kind}", thing.colour
