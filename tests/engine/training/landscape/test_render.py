"""The renderer: one seed one picture, at any size; scenes look like what they are called."""

from dataclasses import replace

import numpy as np
import pytest

from engine.training.landscape.render import render, render_many
from engine.training.landscape.scene import PLACES, SNOWY_PLACES, STYLES, TIMES, Scene, draw_scene


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("style", STYLES)
def test_same_seed_same_picture(place: str, style: str) -> None:
    scene = Scene(place=place, time="sunset", style=style, sun=True, clouds=True)
    first = render(scene, np.random.default_rng(3))
    assert np.array_equal(first, render(scene, np.random.default_rng(3)))
    assert not np.array_equal(first, render(scene, np.random.default_rng(4)))
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    assert first.std() > 8  # something is drawn


@pytest.mark.parametrize("place", PLACES)
def test_same_landscape_at_every_size(place: str) -> None:
    scene = Scene(place=place, time="day", sun=True)
    small = render(scene, np.random.default_rng(5), 64).astype(float)
    large = render(scene, np.random.default_rng(5), 128).astype(float)
    halved = large.reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 6


def test_times_differ_in_brightness_and_night_is_not_black() -> None:
    light = {
        time: np.mean([
            render(Scene(place=place, time=time), np.random.default_rng(seed)).mean()
            for place in PLACES
            for seed in range(3)
        ])
        for time in TIMES
    }  # fmt: skip
    assert light["night"] < light["sunset"] < light["day"]
    assert light["night"] > 25


@pytest.mark.parametrize(
    ("part", "place", "time"),
    [
        ("sun", "ocean", "sunset"),
        ("moon", "desert", "night"),
        ("aurora", "mountains", "night"),
        ("stars", "lake", "night"),
        ("clouds", "ocean", "day"),
        ("fog", "forest", "day"),
        ("snow", "forest", "day"),
        ("rainbow", "mountains", "day"),
        ("autumn", "garden", "day"),
        ("neon", "city", "night"),
        ("boat", "ocean", "day"),
        ("beach", "ocean", "day"),
        ("bridge", "garden", "day"),
    ],
)
def test_every_part_of_a_scene_shows(part: str, place: str, time: str) -> None:
    without = Scene(place=place, time=time)
    shown = replace(without, **{part: True})
    changed = [
        np.abs(
            render(shown, np.random.default_rng(seed)).astype(float)
            - render(without, np.random.default_rng(seed))
        ).mean()
        for seed in range(4)
    ]
    assert np.mean(changed) > 1.5


def test_drawn_scenes_are_possible() -> None:
    rng = np.random.default_rng(0)
    for _ in range(500):
        scene = draw_scene(rng)
        assert not (scene.sun and scene.time == "night")
        assert not (scene.moon or scene.aurora or scene.stars) or scene.time == "night"
        assert not scene.rainbow or scene.time == "day"
        assert not scene.snow or scene.place in SNOWY_PLACES
        assert not scene.neon or scene.place == "city"


def test_many_pictures_repeat_to_the_bit() -> None:
    pictures, scenes = render_many(np.random.default_rng(1), 6)
    again, same = render_many(np.random.default_rng(1), 6)
    assert np.array_equal(pictures, again)
    assert scenes == same
    assert len({picture.tobytes() for picture in pictures}) == 6
