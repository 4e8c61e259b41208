"""Captions name what is drawn, never what is not, and know their own words."""

import re

import numpy as np
import pytest

from engine.training.landscape.captions import (
    EXTRAS,
    FRONTED,
    MOMENTS,
    NOUNS,
    STYLED,
    WHEN,
    caption,
    known_words,
)
from engine.training.landscape.scene import PLACES, STYLES, TIMES, Scene, draw_scene


@pytest.mark.parametrize("place", PLACES)
def test_the_place_is_always_named(place: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        text = caption(Scene(place=place, time="sunset", sun=True), rng)
        assert any(noun in text for noun in NOUNS[place]), text


@pytest.mark.parametrize("style", [style for style in STYLES if style != "photo"])
def test_a_style_is_always_named_and_others_never(style: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(100):
        text = caption(Scene(place="ocean", time="night", style=style), rng)
        assert any(before in text and after in text for before, after in STYLED[style]), text
        assert "photo" not in text


@pytest.mark.parametrize("time", TIMES)
def test_no_other_time_is_named(time: str) -> None:
    rng = np.random.default_rng(2)
    others = {w for t in TIMES if t != time for w in MOMENTS[t] + WHEN[t] if " " in w}
    for _ in range(200):
        text = caption(Scene(place="desert", time=time), rng)
        assert not any(re.search(rf"\b{phrase}\b", text) for phrase in others), text


def test_no_part_is_named_that_is_not_there() -> None:
    rng = np.random.default_rng(3)
    phrases = {p for words in (*EXTRAS.values(), *FRONTED.values()) for p in words}
    phrases -= {"winter", "autumn", "sun"}
    for _ in range(200):
        text = caption(Scene(place="mountains", time="night"), rng)
        assert not any(re.search(rf"\b{phrase}\b", text) for phrase in phrases), text


def test_most_parts_are_named() -> None:
    rng = np.random.default_rng(4)
    texts = [caption(Scene(place="city", time="night", aurora=True), rng) for _ in range(300)]
    named = [("aurora" in text) or ("northern lights" in text) for text in texts]
    assert 0.8 < np.mean(named) < 1.0


def test_wording_varies() -> None:
    rng = np.random.default_rng(5)
    texts = {caption(Scene(place="ocean", time="sunset", sun=True), rng) for _ in range(300)}
    assert len(texts) > 200


def test_known_words_cover_every_caption() -> None:
    rng, known = np.random.default_rng(6), set(known_words())
    for _ in range(1000):
        assert set(re.findall(r"[a-z]+", caption(draw_scene(rng), rng))) <= known
    assert {"sunset", "ocean", "aurora", "watercolor", "neon"} <= known
    assert "windowsill" not in known
