"""Captions say nothing but what their scene shows, in many wordings."""

import re

import numpy as np

from engine.training.poster.captions import caption, known_words
from engine.training.poster.scene import COLOURS, Scene, Thing, draw_scene


def captions_of(scene: Scene, count: int = 60, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [caption(scene, rng) for _ in range(count)]


def test_one_scene_has_many_wordings() -> None:
    scene = Scene("sea", "sunset", things=(Thing("sun", "left"), Thing("boat", "right", "red")))
    texts = captions_of(scene)
    assert len(set(texts)) > 50
    assert captions_of(scene) == texts


def test_captions_name_the_thing_its_colour_its_side_and_its_number() -> None:
    one = " | ".join(captions_of(Scene("meadow", things=(Thing("balloon", "left", "red"),)), 200))
    for words in ("a red balloon", "a red hot air balloon", "on the left"):
        assert words in one
    assert not re.search(r"\bright\b|middle|center|two|three|blue", one.replace("blue sky", ""))
    three = Scene("sea", things=(Thing("boat", "middle", "white", 3),))
    texts = " | ".join(captions_of(three, 200))
    assert re.search(r"three white (sail|sailing )?boats", texts)
    assert "on the left" not in texts


def test_a_side_is_told_as_often_as_asked() -> None:
    scene, rng = Scene("sea", things=(Thing("boat", "left", "red"),)), np.random.default_rng(0)
    told = {
        sides: sum("left" in caption(scene, rng, sides=sides) for _ in range(200))
        for sides in (0.0, 0.3, 0.9)
    }
    assert told[0.0] == 0 < told[0.3] < told[0.9] / 2


def test_no_caption_says_what_is_not_there() -> None:
    rng = np.random.default_rng(1)
    hours = {
        "sunset": "sunset|dusk|golden", "sunrise": "sunrise|dawn|morning",
        "night": "night|midnight|dark", "day": "noon|daylight|sunny|blue sky",
    }  # fmt: skip
    winter = re.compile(r"snow|winter")
    for _ in range(1000):
        scene = draw_scene(rng)
        text = caption(scene, rng)
        for time, words in hours.items():
            assert time == scene.time or not re.search(rf"\b({words})\b", text), (scene, text)
        assert scene.season == "winter" or not winter.search(text)
        colours = {thing.colour for thing in scene.things}
        plain = text.replace("blue sky", "").replace("green hills", "")
        for colour in {name for names in COLOURS.values() for name in names} - colours:
            assert not re.search(rf"\b{colour}\b", plain), (scene, text)


def test_known_words_are_those_of_captions() -> None:
    words = known_words()
    assert {"balloon", "lighthouse", "watercolor", "left", "three", "ocean"} <= set(words)
    assert words == tuple(sorted(words))
    rng = np.random.default_rng(2)
    texts = [caption(draw_scene(rng), rng) for _ in range(1000)]
    assert {word for text in texts for word in re.findall(r"[a-z]+", text)} <= set(words)
