"""What a landscape shows, in words: the description that the renderer and the captions share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

Place = Literal["ocean", "mountains", "desert", "forest", "city", "lake", "garden"]
Time = Literal["day", "sunrise", "sunset", "night"]
Style = Literal["photo", "watercolor", "oil", "sketch"]

PLACES: tuple[Place, ...] = get_args(Place)
TIMES: tuple[Time, ...] = get_args(Time)
STYLES: tuple[Style, ...] = get_args(Style)
SNOWY_PLACES = ("mountains", "forest", "city", "lake")


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about a picture that a caption may mention."""

    place: Place
    time: Time
    style: Style = "photo"
    sun: bool = False
    moon: bool = False
    aurora: bool = False
    stars: bool = False
    clouds: bool = False
    fog: bool = False
    snow: bool = False
    rainbow: bool = False
    autumn: bool = False  # forest, lake and garden
    neon: bool = False  # city
    boat: bool = False  # ocean and lake
    beach: bool = False  # ocean
    bridge: bool = False  # garden


def draw_scene(rng: np.random.Generator) -> Scene:
    """A random scene whose parts go together: the moon at night, the rainbow by day."""

    def chance(probability: float) -> bool:
        return bool(rng.random() < probability)

    place = PLACES[rng.choice(len(PLACES), p=_shares(1.3, 1.2, 1.0, 1.1, 1.3, 0.9, 0.9))]
    time = TIMES[rng.choice(len(TIMES), p=_shares(1.0, 0.9, 1.1, 1.15))]
    style = STYLES[rng.choice(len(STYLES), p=_shares(6.2, 1.3, 1.4, 1.0))]
    night = time == "night"
    aurora = night and place != "garden" and chance(0.34)
    moon = night and chance(0.25 if aurora else 0.55)
    snow = place in SNOWY_PLACES and chance(0.17)
    fog = not aurora and chance(0.13)
    clouds = not aurora and chance(0.2 if night else 0.45)
    return Scene(
        place=place,
        time=time,
        style=style,
        sun=(time in ("sunrise", "sunset") and chance(0.85)) or (time == "day" and chance(0.35)),
        moon=moon,
        aurora=aurora,
        stars=night and not fog and chance(0.5 if moon or aurora or clouds else 1.0),
        clouds=clouds,
        fog=fog,
        snow=snow,
        rainbow=time == "day" and not snow and not fog and chance(0.12),
        autumn=place in ("forest", "lake", "garden") and not snow and chance(0.25),
        neon=place == "city" and chance(0.55 if night else 0.12),
        boat=place in ("ocean", "lake") and chance(0.22),
        beach=place == "ocean" and chance(0.3),
        bridge=place == "garden" and chance(0.35),
    )


def _shares(*weights: float) -> list[float]:
    return [weight / sum(weights) for weight in weights]
