"""What stands in a place: every kind of thing on a ground, at its size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.training.poster.buildings import (
    paint_bridge,
    paint_castle,
    paint_house,
    paint_lighthouse,
    paint_windmill,
)
from engine.training.poster.canvas import Colour
from engine.training.poster.craft import paint_boat
from engine.training.poster.nature import (
    paint_cactus,
    paint_island,
    paint_pine,
    paint_pyramid,
    paint_snowy_pine,
    paint_tree,
    paint_waterfall,
)
from engine.training.poster.placing import Ground, places_x
from engine.training.poster.stage import Stage


def stand(stage: Stage, ground: Ground, *, scale: float = 1.0) -> None:
    """Put the hero of the scene on a ground: all of them if there are several."""
    for thing in stage.scene.things:
        if thing.kind not in HEROES:
            continue
        several = 0.78 if thing.count > 1 else 1.0
        for x in places_x(stage.rng, thing):
            size = scale * several * stage.between(0.92, 1.08)
            HEROES[thing.kind](stage, x, ground.height(x) + 0.02, size, thing.colour or "white")


Hero = Callable[[Stage, float, float, float, str], None]


def _boat(stage: Stage, x: float, y: float, size: float, colour: str) -> None:
    to_left = bool(stage.rng.random() < 0.5)
    paint_boat(stage.look, x, y + stage.between(-0.04, 0.05), 0.26 * size, colour, to_left=to_left)


def _house(stage: Stage, x: float, y: float, size: float, colour: str) -> None:
    paint_house(stage.look, x, y + 0.02, 0.2 * size, colour, snow=stage.winter)


def _castle(stage: Stage, x: float, y: float, size: float, _: str) -> None:
    paint_castle(stage.look, x, y + 0.02, 0.32 * size)


def _windmill(stage: Stage, x: float, y: float, size: float, colour: str) -> None:
    paint_windmill(stage.look, x, y + 0.03, 0.34 * size, colour, stage.between(0.2, 1.4))


def _lighthouse(stage: Stage, x: float, y: float, size: float, colour: str) -> None:
    paint_lighthouse(stage.look, x, y, 0.46 * size, colour)


def _island(stage: Stage, x: float, y: float, _: float, __: str) -> None:
    paint_island(stage.look, stage.rng, x, y - 0.02)


def _bridge(stage: Stage, _: float, y: float, __: float, colour: str) -> None:
    paint_bridge(stage.look, y - 0.06, colour, arches=colour == "grey")


def _pine(stage: Stage, x: float, y: float, size: float, _: str) -> None:
    paint = paint_snowy_pine if stage.winter else paint_pine
    paint(stage.look, x, y + 0.05, 0.36 * size, stage.look.palette.lit(_dark(stage)))


def _dark(stage: Stage) -> Colour:
    return stage.look.palette.needle * np.float32(0.85)


def _tree(stage: Stage, x: float, y: float, size: float, _: str) -> None:
    palette = stage.look.palette
    paint_tree(stage.look, x, y + 0.04, 0.34 * size, palette.lit(palette.crown))


def _cactus(stage: Stage, x: float, y: float, size: float, _: str) -> None:
    paint_cactus(stage.look, x, y + 0.03, 0.28 * size)


def _pyramid(stage: Stage, x: float, y: float, size: float, _: str) -> None:
    paint_pyramid(stage.look, x, y, 0.26 * size, stage.sun_x)


def _waterfall(stage: Stage, x: float, y: float, size: float, _: str) -> None:
    paint_waterfall(stage.look, x, y - 0.27 * size, y + 0.06, 0.09 * size)


HEROES: dict[str, Hero] = {
    "boat": _boat, "house": _house, "castle": _castle, "windmill": _windmill,
    "lighthouse": _lighthouse, "island": _island, "bridge": _bridge, "pine": _pine,
    "tree": _tree, "cactus": _cactus, "pyramid": _pyramid, "waterfall": _waterfall,
}  # fmt: skip
