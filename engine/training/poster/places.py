"""The seven places, each painted from the horizon to the viewer with what stands in it."""

from __future__ import annotations

from collections.abc import Callable

from engine.training.poster.canvas import mix, rgb
from engine.training.poster.city import paint_skyline
from engine.training.poster.heroes import stand
from engine.training.poster.land import flat, paint_dune, paint_hills
from engine.training.poster.nature import paint_pine, paint_snowy_pine, paint_tree
from engine.training.poster.placing import Ground
from engine.training.poster.scene import Place
from engine.training.poster.stage import Stage
from engine.training.poster.water import paint_lake, paint_sea


def _sea(stage: Stage) -> None:
    horizon = stage.horizon
    if stage.rng.random() < 0.45:
        stage.hills(horizon - 0.03, 0.05, 0.78, horizon)
    stage.fog(horizon, 0.6)
    paint_sea(stage.look, stage.rng, stage.scene, horizon=horizon, sun_x=stage.sun_x)
    stage.fog(horizon, 0.6)
    stand(stage, flat(horizon + 0.2))


def _lake(stage: Stage) -> None:
    shore = stage.horizon + 0.04
    stage.peaks(shore, stage.between(0.26, 0.36), int(stage.rng.integers(2, 4)), 0.45, shore)
    stage.fog(shore - 0.05)
    hill = stage.hills(shore - 0.035, 0.028, 0.25, shore + 0.03)
    stage.trees(hill, 0.1, 0.055, 0.16, firs=True)
    if any(stage.scene.of(kind) for kind in ("house", "castle")):
        stand(stage, flat(shore + 0.005), scale=0.92)
    paint_lake(stage.look, stage.rng, stage.scene, shore=shore, sun_x=stage.sun_x)
    stage.fog(shore, 0.5)
    if stage.scene.of("pine"):
        stand(stage, stage.hills(0.93, 0.02, 0.0, 1.05), scale=1.2)
    elif not any(stage.scene.of(kind) for kind in ("house", "castle")):
        stand(stage, flat(shore + 0.17))


def _mountains(stage: Stage) -> None:
    base = stage.horizon + 0.14
    many = int(stage.rng.integers(3, 5))
    stage.peaks(base - 0.08, stage.between(0.3, 0.38), many, 0.68, base)
    stage.fog(base - 0.14)
    stage.peaks(base, stage.between(0.3, 0.4), int(stage.rng.integers(2, 4)), 0.22, base + 0.04)
    stage.fog(base)
    hill = stage.hills(base + 0.0, 0.03, 0.2, base + 0.14)
    if stage.rng.random() < 0.6:
        stage.trees(hill, 0.1, 0.06, 0.14, firs=True)
    front = stage.hills(base + 0.14, 0.035, 0.0, 1.05)
    stand(stage, front)


def _desert(stage: Stage) -> None:
    horizon = stage.horizon
    if stage.rng.random() < 0.6:
        mesa = rgb("#b5603f")
        paint_hills(stage.look, stage.rng, base=horizon, swing=0.04, colour=mesa, depth=0.62,
                    foot=horizon + 0.08)  # fmt: skip
    behind = stage.scene.of("pyramid") is not None

    def dune(base: float, height: float, depth: float) -> Ground:
        return paint_dune(stage.look, stage.rng, base=horizon + base, height=height, depth=depth,
                          sun_x=stage.sun_x, foot=horizon + base + 0.14)  # fmt: skip

    dune(0.08, 0.09, 0.5)
    stage.fog(horizon + 0.05)
    middle = dune(0.17, 0.1, 0.2)
    if behind:
        stand(stage, middle.below(0.05), scale=1.1)
    front = dune(0.33, 0.12, 0.0)
    if not behind:
        stand(stage, front.below(0.03))


def _forest(stage: Stage) -> None:
    horizon = stage.horizon
    if stage.rng.random() < 0.5:
        stage.peaks(horizon + 0.06, 0.26, 3, 0.7, horizon + 0.06)
    firs = stage.scene.season == "winter" or (
        stage.scene.season == "summer" and stage.rng.random() < 0.65
    )
    for drop, height, spacing, depth in (
        (0.03, 0.17, 0.06, 0.6), (0.1, 0.21, 0.085, 0.36), (0.18, 0.26, 0.12, 0.14),
    ):  # fmt: skip
        ground = stage.hills(horizon + drop, 0.02, depth, horizon + drop + 0.1)
        stage.trees(ground, height, spacing, depth, firs=firs)
        stage.fog(horizon + drop + 0.02, 0.55)
    front = stage.hills(horizon + 0.24, 0.025, 0.0, 1.05)
    hero = stage.scene.of("house") or stage.scene.of("waterfall") or stage.scene.of("castle")
    if hero is None:
        _frame_of_trees(stage, firs=firs)
    else:
        stand(stage, front, scale=1.1)


def _frame_of_trees(stage: Stage, *, firs: bool) -> None:
    """Tall trees at both sides, near the viewer."""
    palette = stage.look.palette
    for x in (stage.between(0.04, 0.12), stage.between(0.22, 0.3), stage.between(0.86, 0.95)):
        size = stage.between(0.42, 0.62)
        if firs:
            tree = paint_snowy_pine if stage.winter else paint_pine
            tree(stage.look, x, 0.98, size, palette.lit(palette.needle))
        else:
            paint_tree(stage.look, x, 0.97, 0.85 * size, palette.lit(palette.crown))


def _city(stage: Stage) -> None:
    foot = stage.between(0.68, 0.76)
    stage.fog(foot - 0.25, 0.5)
    paint_skyline(stage.look, stage.rng, foot=foot)
    stage.fog(foot - 0.06, 0.45)
    if stage.rng.random() < 0.6 or stage.scene.of("boat") or stage.scene.of("bridge"):
        paint_lake(stage.look, stage.rng, stage.scene, shore=foot, sun_x=stage.sun_x)
        stand(stage, flat(foot + 0.13), scale=0.85)
    else:
        stage.hills(foot + 0.015, 0.006, 0.04, 1.05)
        park = stage.hills(foot + 0.09, 0.015, 0.0, 1.05)
        palette = stage.look.palette
        for x in (stage.between(0.08, 0.2), stage.between(0.4, 0.55), stage.between(0.78, 0.92)):
            paint_tree(stage.look, x, park.height(x) + 0.06, 0.2, palette.lit(palette.crown))


def _meadow(stage: Stage) -> None:
    horizon = stage.horizon
    stage.hills(horizon - 0.01, 0.06, 0.72, horizon + 0.06)
    stage.fog(horizon + 0.02)
    second = stage.hills(horizon + 0.05, 0.045, 0.45, horizon + 0.14)
    if stage.rng.random() < 0.6:
        stage.trees(second, 0.09, 0.07, 0.36, firs=bool(stage.rng.random() < 0.4))
    stage.hills(horizon + 0.12, 0.035, 0.2, horizon + 0.24)
    front = stage.hills(horizon + 0.2, 0.025, 0.0, 1.05)
    if stage.scene.season in ("spring", "summer") and stage.rng.random() < 0.5:
        _flower_rows(stage, front)
    stand(stage, front)


def _flower_rows(stage: Stage, ground: Ground) -> None:
    """Fields of flowers whose rows meet far away."""
    look = stage.look
    codes = (("#e5484d", "#f7c93e"), ("#b06cd0", "#f2a0b8"), ("#f28a2e", "#f7d54a"))
    pair = codes[int(stage.rng.integers(len(codes)))]
    far, top = stage.between(0.3, 0.7), stage.horizon + 0.26
    for k in range(-5, 6, 2):
        colour = look.palette.lit(rgb(pair[(k // 2) % 2]))
        left, right = far + 0.08 * (k - 0.5), far + 0.08 * (k + 0.5)
        near_left, near_right = far + 0.27 * (k - 0.5), far + 0.27 * (k + 0.5)
        look.facet([(left, top), (right, top), (near_right, 1.05), (near_left, 1.05)],
                   mix(colour, look.palette.lit(look.palette.ground), 0.15), 1.4)  # fmt: skip


PAINTERS: dict[Place, Callable[[Stage], None]] = {
    "sea": _sea, "lake": _lake, "mountains": _mountains, "desert": _desert, "forest": _forest,
    "city": _city, "meadow": _meadow,
}  # fmt: skip
