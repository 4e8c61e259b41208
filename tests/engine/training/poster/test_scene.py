"""Scenes: parts that go together, the same from the same seed, whole after a round trip."""

import json
from collections import Counter
from dataclasses import asdict

import numpy as np

from engine.training.poster.scene import (
    COLOURS,
    COUNTED,
    HEROES,
    KINDS,
    PLACES,
    STYLES,
    TIMES,
    draw_scene,
    scene_of,
)


def many(count: int, seed: int = 0) -> list:
    rng = np.random.default_rng(seed)
    return [draw_scene(rng) for _ in range(count)]


def test_the_same_seed_draws_the_same_scenes() -> None:
    assert many(50) == many(50)
    assert many(50) != many(50, seed=1)


def test_every_part_of_the_world_is_drawn() -> None:
    scenes = many(2000)
    for values, drawn in (
        (PLACES, {scene.place for scene in scenes}),
        (TIMES, {scene.time for scene in scenes}),
        (STYLES, {scene.style for scene in scenes}),
        (KINDS, {thing.kind for scene in scenes for thing in scene.things}),
    ):
        assert drawn == set(values)


def test_the_parts_of_a_scene_go_together() -> None:
    for scene in many(1000):
        kinds = Counter(thing.kind for thing in scene.things)
        assert max(kinds.values(), default=1) == 1  # several of a kind are one thing with a count
        night = scene.time == "night"
        assert not (night and kinds.keys() & {"sun", "rainbow"})
        assert night or not kinds.keys() & {"moon", "crescent", "stars", "aurora"}
        heroes = kinds.keys() & {kind for place in HEROES.values() for kind in place}
        assert heroes <= HEROES[scene.place].keys()
        for thing in scene.things:
            assert thing.colour in COLOURS.get(thing.kind, (None,))
            assert thing.count == 1 or thing.kind in (*COUNTED, "cloud")


def test_a_scene_survives_json() -> None:
    for scene in many(200):
        assert scene_of(json.loads(json.dumps(asdict(scene)))) == scene
