"""Captions with one thing wrong: what their pictures do not show."""

from collections import Counter

import numpy as np

from engine.training.image.changes import ATTRIBUTES, CHANGES, changes, contrasted
from engine.training.poster.captions import caption
from engine.training.poster.scene import Scene, Thing, draw_scene
from engine.training.poster.words import SIDED


def test_a_change_is_of_its_attribute_alone() -> None:
    rng = np.random.default_rng(0)
    told: Counter[str] = Counter()
    for _ in range(200):
        scene = draw_scene(rng)
        for attribute in CHANGES:
            for thing, other in changes(scene, attribute, rng):
                told[attribute] += 1
                kept = {"colour", "kind", "side", "count"} - {
                    "kind" if attribute == "object" else attribute
                }
                # another kind has no colour of the first
                kept -= {"colour"} if attribute == "object" else set()
                assert all(getattr(thing, name) == getattr(other, name) for name in kept)
                assert other != thing
    assert all(told[attribute] > 20 for attribute in CHANGES)
    assert set(ATTRIBUTES) == set(CHANGES)


def test_both_captions_have_one_wording() -> None:
    rng = np.random.default_rng(3)
    boats = Scene("sea", things=(Thing("boat", "left", "red"),))
    pairs = [pair for _ in range(60) if (pair := contrasted(boats, rng)) is not None]
    assert len(pairs) > 30
    assert all(right != wrong for right, wrong in pairs)
    apart = [set(right.split()) ^ set(wrong.split()) for right, wrong in pairs]
    assert np.median([len(words) for words in apart]) <= 4


def test_another_count_leaves_the_other_words_as_they_are() -> None:
    told = {"a", "two", "2", "cactus", "cacti", *" ".join(sum(SIDED.values(), ())).split()}
    one, two = (
        Scene("desert", "night", things=(Thing("cactus", count=count), Thing("cloud")))
        for count in (1, 2)
    )
    for seed in range(40):
        said = [caption(scene, np.random.default_rng(seed)).split() for scene in (one, two)]
        kept = [[word for word in words if word.strip(",") not in told] for words in said]
        assert kept[0] == kept[1]


def test_what_can_be_wrong_is_made_wrong() -> None:
    rng = np.random.default_rng(1)
    scenes = [
        scene for _ in range(80) if any(changes(scene := draw_scene(rng), a, rng) for a in CHANGES)
    ]
    assert sum(contrasted(scene, rng) is not None for scene in scenes) > 0.9 * len(scenes)


def test_a_place_on_its_own_cannot_be_wrong() -> None:
    rng = np.random.default_rng(0)
    assert [contrasted(Scene("desert"), rng) for _ in range(20)] == [None] * 20
