"""Captions of posters: many wordings for each scene, drawn anew whenever one is asked for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

import numpy as np

from engine.training.poster.scene import COLOURS, Scene, Thing
from engine.training.poster.words import (
    ADJECTIVES,
    ALONE,
    FRONTED,
    MOMENTS,
    NAMES,
    NOUNS,
    NUMBERS,
    PLAIN,
    SEASONED,
    SEASONS_SEEN,
    SIDED,
    SKY_EXTRAS,
    STYLED,
    WEATHERED,
    WHEN,
    WHERE,
    all_phrases,
)

_Choice = TypeVar("_Choice")
TIME_NAMED = {"day": 0.45, "sunrise": 0.93, "sunset": 0.93, "night": 0.92}
SKY_NAMED = {
    "sun": 0.3,
    "moon": 0.7,
    "crescent": 0.8,
    "stars": 0.5,
    "aurora": 0.92,
    "rainbow": 0.95,
    "cloud": 0.4,
}
SIDE_TOLD = 0.3


def caption(scene: Scene, rng: np.random.Generator, *, sides: float = SIDE_TOLD) -> str:
    """One wording of the scene, lower case; parts that a viewer would not miss may be left out.

    ``sides`` is how often the side of a single thing is told.
    """
    named = [thing for thing in scene.things if rng.random() < SKY_NAMED.get(thing.kind, 0.9)]
    heroes = [thing for thing in named if thing.kind in NAMES]
    kind = rng.random()
    if kind < 0.42 and heroes:
        text = _thing_at_place(scene, rng, heroes, named, sides)
    elif kind < 0.56:
        text = _keywords(scene, rng, named)
    elif kind < 0.74 and scene.time != "day":
        text = _moment_over_place(scene, rng, named, sides)
    else:
        text = _place_at_time(scene, rng, named, sides)
    before, after = _one(rng, STYLED[scene.style])
    return f"{before}{text}{after}"


def noun_phrase(thing: Thing, rng: np.random.Generator, *, sides: float = SIDE_TOLD) -> str:
    """A thing in words: "a red balloon", "two boats", "a castle on the left".

    It takes one number of the generator, so that the words after it are the same for another thing.
    """
    rng = np.random.default_rng(int(rng.integers(2**62)))
    one, many = _one(rng, NAMES[thing.kind])
    colour = f"{thing.colour} " if thing.colour and rng.random() < 0.8 else ""
    if thing.kind == "boat" and colour:
        one, many = _one(rng, (("sailboat", "sailboats"), ("boat", "boats")))
        if rng.random() < 0.4:
            one, many = f"{one} with a {colour}sail", f"{many} with {colour}sails"
            colour = ""
    if thing.count > 1:
        return f"{_one(rng, NUMBERS[thing.count])} {colour}{many}"
    phrase = _with_article(f"{colour}{one}")
    if thing.kind != "bridge" and rng.random() < sides:
        return f"{phrase} {_one(rng, SIDED[thing.side])}"
    return phrase


def _thing_at_place(
    scene: Scene, rng: np.random.Generator, heroes: list[Thing], named: list[Thing], sides: float
) -> str:
    """As in "a red balloon over the sea at sunset"."""
    chosen = heroes[int(rng.integers(len(heroes)))]
    others = [thing for thing in named if thing is not chosen]
    noun = _one(rng, NOUNS[scene.place])
    relation = "over" if chosen.kind in ("balloon", "bird") else _one(rng, WHERE[scene.place])
    front = _fronted(scene, rng, 0.35)
    place = f"{relation} {_definite(rng, ' '.join([*front, noun]))}"
    rest = _extras(scene, rng, others, front, sides)
    return _joined(
        rng, f"{noun_phrase(chosen, rng, sides=sides)} {place}", _timed(scene, rng) + rest
    )


def _place_at_time(scene: Scene, rng: np.random.Generator, named: list[Thing], sides: float) -> str:
    """As in "a quiet mountain lake at dawn with a boat"."""
    noun = _one(rng, NOUNS[scene.place])
    front = _fronted(scene, rng, 0.5)
    adjective = [_one(rng, ADJECTIVES)] if rng.random() < 0.4 else []
    text = " ".join([*adjective, *front, noun])
    text = text if PLAIN.search(noun) or rng.random() < 0.2 else _with_article(text)
    when, rest = _timed(scene, rng), _extras(scene, rng, named, front, sides)
    return _joined(rng, text, when + rest if rng.random() < 0.6 else rest + when)


def _moment_over_place(
    scene: Scene, rng: np.random.Generator, named: list[Thing], sides: float
) -> str:
    """As in "a beautiful sunset over the ocean"."""
    moment, noun = _one(rng, MOMENTS[scene.time]), _one(rng, NOUNS[scene.place])
    front = _fronted(scene, rng, 0.3)
    adjective = [_one(rng, ADJECTIVES)] if rng.random() < 0.6 else []
    relation = _one(rng, ("over", "over", "above", WHERE[scene.place][0]))
    start = _with_article(" ".join([*adjective, moment]))
    text = f"{start} {relation} {_definite(rng, ' '.join([*front, noun]))}"
    return _joined(rng, text, _extras(scene, rng, named, front, sides))


def _keywords(scene: Scene, rng: np.random.Generator, named: list[Thing]) -> str:
    """As in "city, night, neon lights"."""
    parts = [_one(rng, NOUNS[scene.place])]
    if rng.random() < TIME_NAMED[scene.time]:
        parts.append(_one(rng, MOMENTS[scene.time]))
    for thing in named:
        if thing.kind in NAMES:
            bare = re.sub(r"^(an?) ", "", noun_phrase(thing, rng, sides=0.0))
            parts.append(bare)
        else:
            parts.append(_one(rng, ALONE[thing.kind]))
    parts += _season(scene, rng, FRONTED)
    order = rng.permutation(len(parts)) if rng.random() < 0.35 else range(len(parts))
    return ", ".join(parts[k] for k in order)


def _timed(scene: Scene, rng: np.random.Generator) -> list[str]:
    return [_one(rng, WHEN[scene.time])] if rng.random() < TIME_NAMED[scene.time] else []


def _extras(
    scene: Scene, rng: np.random.Generator, named: list[Thing], front: list[str], sides: float
) -> list[str]:
    rest = []
    for thing in named:
        if thing.kind in NAMES:
            rest.append(f"with {noun_phrase(thing, rng, sides=sides)}")
        else:
            rest.append(_one(rng, SKY_EXTRAS[thing.kind]))
    if scene.weather == "foggy" and not front:
        rest.append(_one(rng, WEATHERED))
    if not front:
        rest += _season(scene, rng, SEASONED)
    return [rest[k] for k in rng.permutation(len(rest))]


def _fronted(scene: Scene, rng: np.random.Generator, share: float) -> list[str]:
    """What stands before the noun: the season or the fog, never both."""
    if rng.random() >= share:
        return []
    if scene.weather == "foggy":
        return [_one(rng, ("misty", "foggy"))]
    return _season(scene, rng, FRONTED)


def _season(scene: Scene, rng: np.random.Generator, words: dict[str, tuple[str, ...]]) -> list[str]:
    """The season where it can be seen; summer, the usual one, is seldom told."""
    if scene.place not in SEASONS_SEEN or rng.random() > (0.2 if scene.season == "summer" else 0.9):
        return []
    return [_one(rng, words[scene.season])]


def _joined(rng: np.random.Generator, text: str, rest: list[str]) -> str:
    """Append the rest: by a blank, "and" after another "with", or a comma."""
    for part in rest:
        if part.startswith("with ") and " with " in text and rng.random() < 0.7:
            text += f" and {part.removeprefix('with ')}"
        elif rng.random() < 0.75:
            text += f" {part}"
        else:
            text += f", {part}"
    return text


def _definite(rng: np.random.Generator, noun: str) -> str:
    if PLAIN.search(noun) and rng.random() < 0.4:
        return noun
    return f"the {noun}" if PLAIN.search(noun) or rng.random() < 0.7 else _with_article(noun)


def _with_article(text: str) -> str:
    return f"an {text}" if text[0] in "aeiou" else f"a {text}"


def _one(rng: np.random.Generator, choices: tuple[_Choice, ...]) -> _Choice:
    return choices[int(rng.integers(len(choices)))]


@lru_cache(maxsize=1)
def known_words() -> tuple[str, ...]:
    """Every word that a caption can contain, sorted."""
    said = {word for text in all_phrases() for word in re.findall(r"[a-z]+", text)}
    joining = {"a", "an", "and", "the", "with", "over", "above", "sail", "sails", "misty", "foggy"}
    return tuple(sorted(said | joining | {name for names in COLOURS.values() for name in names}))
