"""What a poster shows, in words: the description that the renderer and the captions share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

Place = Literal["sea", "lake", "mountains", "desert", "forest", "city", "meadow"]
Time = Literal["day", "sunrise", "sunset", "night"]
Weather = Literal["clear", "cloudy", "foggy"]
Season = Literal["spring", "summer", "autumn", "winter"]
Style = Literal["poster", "watercolor", "ink", "woodcut", "neon"]
Side = Literal["left", "middle", "right"]
Kind = Literal[
    "sun", "moon", "crescent", "stars", "aurora", "rainbow", "cloud", "balloon", "bird",
    "boat", "lighthouse", "island", "bridge",
    "house", "castle", "windmill", "tree", "pine", "waterfall", "cactus", "pyramid",
]  # fmt: skip

PLACES: tuple[Place, ...] = get_args(Place)
TIMES: tuple[Time, ...] = get_args(Time)
WEATHERS: tuple[Weather, ...] = get_args(Weather)
SEASONS: tuple[Season, ...] = get_args(Season)
STYLES: tuple[Style, ...] = get_args(Style)
SIDES: tuple[Side, ...] = get_args(Side)
KINDS: tuple[Kind, ...] = get_args(Kind)

# the colours that a thing can have; what is not here has the colour of its place and hour
COLOURS: Mapping[str, tuple[str, ...]] = {
    "balloon": ("red", "yellow", "blue", "green", "purple", "orange"),
    "boat": ("white", "red", "yellow", "blue"),
    "house": ("red", "white", "yellow", "blue"),
    "lighthouse": ("red", "blue", "black"),
    "windmill": ("white", "red", "blue"),
    "bridge": ("red", "grey"),
    "bird": ("black", "white"),
}
# what may stand in a place, with its weight; "" is a place on its own
HEROES: Mapping[Place, Mapping[str, float]] = {
    "sea": {"boat": 5, "lighthouse": 4, "island": 3, "bridge": 1.5, "": 2.5},
    "lake": {"boat": 4, "house": 2.5, "castle": 2, "bridge": 2, "pine": 1.5, "": 2},
    "mountains": {"house": 2.5, "castle": 2.5, "waterfall": 3, "pine": 2.5, "": 3},
    "desert": {"cactus": 4, "pyramid": 4, "house": 1, "": 3},
    "forest": {"house": 3, "waterfall": 2, "castle": 1.5, "": 4},
    "city": {"bridge": 3, "boat": 2, "": 5},
    "meadow": {"windmill": 4, "house": 3, "tree": 4, "castle": 2, "": 1.5},
}
DISCS: tuple[Kind, ...] = ("sun", "moon", "crescent")
COUNTED = ("boat", "house", "tree", "pine", "cactus", "pyramid", "balloon", "bird", "windmill")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a word can point at; a side is told of single things only."""

    kind: Kind
    side: Side = "middle"
    colour: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about a picture that a caption may mention."""

    place: Place
    time: Time = "day"
    weather: Weather = "clear"
    season: Season = "summer"
    style: Style = "poster"
    things: tuple[Thing, ...] = ()

    def of(self, kind: Kind) -> Thing | None:
        """The thing of that kind, if there is one."""
        return next((thing for thing in self.things if thing.kind == kind), None)

    @property
    def disc(self) -> Thing | None:
        """The sun or the moon, if one is seen."""
        return next((thing for thing in self.things if thing.kind in DISCS), None)


def scene_of(facts: Mapping[str, Any]) -> Scene:
    """The scene that ``dataclasses.asdict`` took apart, for example after a round trip by JSON."""
    return Scene(**{**facts, "things": tuple(Thing(**thing) for thing in facts["things"])})


def draw_scene(rng: np.random.Generator) -> Scene:
    """A random scene whose parts go together: the moon at night, the rainbow by day."""
    place = _weighted(rng, dict.fromkeys(PLACES, 1.0))
    time = _weighted(rng, {"day": 1.0, "sunrise": 0.85, "sunset": 1.1, "night": 1.05})
    style = _weighted(
        rng, {"poster": 5.0, "watercolor": 1.3, "ink": 1.0, "woodcut": 1.0, "neon": 1.0}
    )
    weather = _weighted(rng, {"clear": 3.2, "cloudy": 1.2, "foggy": 0.6})
    season = _weighted(rng, {"summer": 2.2, "spring": 1.0, "autumn": 1.1, "winter": 1.1})
    if place == "desert":
        season = "summer"
    below = _heroes(rng, place)
    above = _sky(rng, time, weather)
    things = [*above, *below, *_flying(rng, weather, above + below)]
    return Scene(place, time, weather, season, style, tuple(things))


def _sky(rng: np.random.Generator, time: Time, weather: Weather) -> list[Thing]:
    side = SIDES[rng.integers(3)]
    if time != "night":
        things = [Thing("sun", side)] if rng.random() < (0.62 if time == "day" else 0.9) else []
        if time == "day" and weather != "foggy" and rng.random() < 0.1:
            return [Thing("rainbow")]
        return things
    moon: Kind = "crescent" if rng.random() < 0.3 else "moon"
    things = [Thing(moon, side)] if rng.random() < 0.72 else []
    if weather == "clear" and rng.random() < (0.45 if things else 0.95):
        things.append(Thing("stars"))
    if weather == "clear" and rng.random() < 0.33:
        things.append(Thing("aurora"))
    return things


def _heroes(rng: np.random.Generator, place: Place) -> list[Thing]:
    kind = _weighted(rng, HEROES[place])
    return [_thing(rng, kind)] if kind else []


def _flying(rng: np.random.Generator, weather: Weather, others: list[Thing]) -> list[Thing]:
    """Clouds, and balloons or birds where the sun and what is tall leave room."""
    taken = {thing.side for thing in others if thing.kind in (*DISCS, "lighthouse")}
    free = [side for side in SIDES if side not in taken] or list(SIDES)
    things = []
    if weather == "cloudy":
        things.append(Thing("cloud", count=int(rng.integers(1, 4))))
    if rng.random() < 0.24:
        things.append(_thing(rng, "balloon"))
    elif rng.random() < 0.16:
        things.append(_thing(rng, "bird"))
    else:
        return things
    side = free[int(rng.integers(len(free)))]
    if things[-1].count == 1 or any(thing.kind == "lighthouse" for thing in others):
        things[-1] = replace(things[-1], side=side, count=1)
    return things


def _thing(rng: np.random.Generator, kind: Any) -> Thing:
    colours = COLOURS.get(kind)
    colour = colours[rng.integers(len(colours))] if colours else None
    count = int(rng.choice(3, p=(0.62, 0.2, 0.18))) + 1 if kind in COUNTED else 1
    side: Side = SIDES[rng.integers(3)] if count == 1 else "middle"
    if kind == "lighthouse" and side == "middle":
        side = "right" if rng.random() < 0.5 else "left"
    if kind == "bridge":
        side = "middle"  # it spans the picture
    return Thing(kind, side, colour, count)


def _weighted(rng: np.random.Generator, weights: Mapping[Any, float]) -> Any:
    shares = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]
