"""Posters: the same from the same seed, alike at every size, showing what their scene says."""

from dataclasses import replace

import numpy as np
import pytest

from engine.training.poster.render import render
from engine.training.poster.scene import (
    HEROES,
    PLACES,
    SIDES,
    STYLES,
    TIMES,
    WEATHERS,
    Scene,
    Thing,
)


def picture(scene: Scene, seed: int = 0, size: int = 64) -> np.ndarray:
    return render(scene, np.random.default_rng(seed), size)


def test_the_same_generator_state_paints_the_same_picture() -> None:
    scene = Scene("lake", "sunset", things=(Thing("sun", "left"), Thing("boat", "right", "red")))
    assert np.array_equal(picture(scene, 3), picture(scene, 3))
    assert not np.array_equal(picture(scene, 3), picture(scene, 4))


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_painted_in_every_style_hour_and_weather(place: str) -> None:
    pictures = [
        picture(Scene(place, time, WEATHERS[k % 3], style=style))
        for style in STYLES
        for k, time in enumerate(TIMES)
    ]
    assert all(p.shape == (64, 64, 3) and p.dtype == np.uint8 for p in pictures)
    assert all(p.std() > 4 for p in pictures)  # none is empty
    assert all(20 < p.mean() < 250 for p in pictures)  # none is only dark


@pytest.mark.parametrize("place", PLACES)
def test_every_hero_is_seen_where_it_stands(place: str) -> None:
    for kind in filter(None, HEROES[place]):
        side = "left" if kind != "bridge" else "middle"
        bare = Scene(place)
        if place == "city":  # a park without water, or water: the same bare scene is not to be had
            continue
        shown = replace(bare, things=(Thing(kind, side, "red" if kind == "boat" else None),))
        change = np.abs(picture(bare).astype(int) - picture(shown).astype(int)).max(axis=(0, 2))
        assert change[:32].max() > 40, kind


def test_a_balloon_is_on_its_side_and_has_its_colour() -> None:
    empty = picture(Scene("sea")).astype(int)
    for k, side in enumerate(SIDES):
        seen = picture(Scene("sea", things=(Thing("balloon", side, "red"),))).astype(int)
        rows, columns = np.nonzero(np.abs(seen - empty).max(axis=2)[:30] > 40)
        assert k / 3 <= np.median(columns) / 64 <= (k + 1) / 3
        red, green, _ = seen[rows, columns].mean(axis=0)
        assert red > green + 60


def test_three_balloons_cover_more_than_one() -> None:
    empty = picture(Scene("desert")).astype(int)

    def covered(count: int) -> int:
        things = (Thing("balloon", "middle", "blue", count),)
        changed = np.abs(picture(Scene("desert", things=things)).astype(int) - empty)
        return int((changed.max(axis=2) > 40).sum())

    assert covered(3) > 1.4 * covered(1)


def test_a_larger_picture_is_the_same_picture() -> None:
    scene = Scene("mountains", "sunrise", things=(Thing("sun", "right"), Thing("castle", "left")))
    small, large = picture(scene, 1, 48).astype(float), picture(scene, 1, 96).astype(float)
    halved = large.reshape(48, 2, 48, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 3


def test_nights_have_light_enough() -> None:
    for place in PLACES:
        night = Scene(place, "night", things=(Thing("moon", "left"),))
        assert np.mean([picture(night, seed).mean() for seed in range(4)]) > 45, place
