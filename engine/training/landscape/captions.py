"""Captions of landscape scenes: many wordings for each, drawn anew whenever one is asked for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

import numpy as np

from engine.training.landscape.scene import Place, Scene, Style, Time, draw_scene

Choice = TypeVar("Choice")

ADJECTIVES = (
    "beautiful", "gorgeous", "stunning", "majestic", "serene", "peaceful", "calm", "quiet",
    "breathtaking", "lovely", "magnificent", "dramatic", "epic", "tranquil", "dreamy", "vast",
    "scenic", "wonderful", "colorful", "amazing", "pretty", "atmospheric", "idyllic", "magical",
)  # fmt: skip

# what may stand after "over", "at", "in": each place in several words
NOUNS: dict[Place, tuple[str, ...]] = {
    "ocean": ("ocean", "sea", "ocean", "sea", "seascape", "open water", "calm ocean", "blue sea",
              "waves", "coast", "shore"),
    "mountains": ("mountains", "mountain landscape", "mountain range", "mountain peaks",
                  "alps", "mountain", "mountain valley", "peaks"),
    "desert": ("desert", "sand dunes", "desert dunes", "dunes", "sandy desert", "sahara"),
    "forest": ("forest", "woods", "pine forest", "trees", "woodland", "fir trees"),
    "city": ("city", "city skyline", "skyline", "town", "city by the river", "downtown",
             "skyscrapers", "buildings"),
    "lake": ("lake", "mountain lake", "still lake", "lake with reflections", "quiet lake"),
    "garden": ("garden pond", "garden", "pond with water lilies", "pond", "japanese garden",
               "park with a pond", "flower garden"),
}  # fmt: skip
PLURAL = re.compile(r"(mountains|peaks|alps|dunes|woods|trees|buildings|skyscrapers|waves)$")
MASS = re.compile(r"(open water|downtown|sahara)$")

MOMENTS: dict[Time, tuple[str, ...]] = {
    "day": ("day", "sunny day", "bright day", "clear day", "summer day"),
    "sunrise": ("sunrise", "dawn", "sunrise", "early morning", "morning"),
    "sunset": ("sunset", "dusk", "sunset", "evening", "golden hour"),
    "night": ("night", "midnight", "night", "starlit night"),
}
WHEN: dict[Time, tuple[str, ...]] = {
    "day": ("during the day", "at noon", "by day", "on a bright day", "in daylight",
            "under a blue sky", "on a sunny day", "at midday"),
    "sunrise": ("at sunrise", "at dawn", "in the early morning", "in soft morning light",
                "in the morning", "at daybreak", "in the morning light", "at first light"),
    "sunset": ("at sunset", "at dusk", "in the evening", "in the evening light",
               "at golden hour", "in golden light", "under an orange sky", "at twilight"),
    "night": ("at night", "by night", "in the night", "at midnight", "under a dark sky",
              "in the dark", "after dark"),
}  # fmt: skip
STYLED: dict[Style, tuple[tuple[str, str], ...]] = {
    "photo": (("", ""), ("", ""), ("", ""), ("", ""), ("a photo of ", ""), ("", ", photo"),
              ("", ", photograph"), ("a photograph of ", ""), ("", ", highly detailed"),
              ("", ", photorealistic"), ("", ", cinematic"), ("", ", high quality"),
              ("", ", landscape photography")),
    "watercolor": (("a watercolor painting of ", ""), ("", ", watercolor"),
                   ("", ", watercolor style"), ("", ", watercolor painting"),
                   ("a watercolor of ", ""), ("watercolor, ", ""), ("", " in watercolor")),
    "oil": (("an oil painting of ", ""), ("", ", oil painting style"), ("", ", oil painting"),
            ("", ", oil on canvas"), ("", ", impressionist painting"), ("oil painting, ", ""),
            ("an impressionist painting of ", ""), ("", ", painted in oil")),
    "sketch": (("a pencil sketch of ", ""), ("", ", pencil sketch"), ("a sketch of ", ""),
               ("", ", pencil drawing"), ("", ", black and white sketch"), ("", ", sketch style"),
               ("a drawing of ", ""), ("", ", charcoal drawing")),
}  # fmt: skip
EXTRAS: dict[str, tuple[str, ...]] = {
    "sun": ("with a bright sun", "the sun in the sky", "with the sun low", "sunshine", "sun"),
    "moon": ("with a full moon", "moonlight", "under the moon", "with the moon", "moon",
             "the moon in the sky", "moonlit"),
    "aurora": ("with aurora borealis", "with northern lights", "aurora", "under the aurora",
               "aurora borealis", "green northern lights in the sky"),
    "stars": ("under the stars", "with stars", "starry sky", "under a starry sky", "stars",
              "bright stars"),
    "clouds": ("with clouds", "cloudy sky", "clouds in the sky", "under clouds", "clouds"),
    "fog": ("in the fog", "with mist", "misty", "foggy", "in the mist", "fog"),
    "snow": ("in the snow", "covered in snow", "snowy", "in winter", "with snow", "winter"),
    "rainbow": ("with a rainbow", "rainbow", "under a rainbow", "a rainbow in the sky"),
    "autumn": ("in autumn", "with autumn leaves", "autumn colors", "fall colors", "in the fall"),
    "neon": ("neon lights", "with neon lights", "cyberpunk", "glowing neon", "futuristic"),
    "boat": ("with a sailboat", "sailboat", "with a boat", "a sailing boat on the water"),
    "beach": ("with a beach", "sandy beach", "seen from the beach", "beach"),
    "bridge": ("with a bridge", "with a red bridge", "wooden bridge", "a small bridge"),
}  # fmt: skip
# what stands before the noun instead of after it
FRONTED: dict[str, tuple[str, ...]] = {
    "fog": ("misty", "foggy"),
    "snow": ("snowy", "winter", "snow covered"),
    "autumn": ("autumn", "colorful autumn"),
    "neon": ("futuristic", "cyberpunk", "futuristic", "neon"),
    "clouds": ("cloudy",),
    "stars": ("starry",),
    "moon": ("moonlit",),
    "sun": ("sunny",),
}
KEPT = {"sun": 0.25, "clouds": 0.35, "stars": 0.5, "moon": 0.8, "beach": 0.8}  # others 0.9
TIME_NAMED = {"day": 0.4, "sunrise": 0.95, "sunset": 0.95, "night": 0.92}


def caption(scene: Scene, rng: np.random.Generator) -> str:
    """One wording of the scene, lower case; parts that a viewer would not miss may be left out."""
    extras = [
        name for name in EXTRAS if getattr(scene, name) and rng.random() < KEPT.get(name, 0.9)
    ]
    timed = rng.random() < TIME_NAMED[scene.time]
    front = [name for name in extras if name in FRONTED and rng.random() < 0.45][:1]
    trailing = [_one(rng, EXTRAS[name]) for name in extras if name not in front]
    fronted = [_one(rng, FRONTED[name]) for name in front]
    kind = rng.random()
    if kind < 0.14:
        text = _keywords(rng, scene, fronted + trailing, timed=timed)
    elif kind < 0.45 and timed and (scene.time != "day" or scene.sun):
        text = _moment_over_place(rng, scene, fronted, trailing)
    else:
        text = _place_at_time(rng, scene, fronted, trailing, timed=timed)
    before, after = _one(rng, STYLED[scene.style])
    return f"{before}{text}{after}"


def _place_at_time(
    rng: np.random.Generator, scene: Scene, fronted: list[str], trailing: list[str], *, timed: bool
) -> str:
    """As in "a majestic mountain landscape at dawn with clouds"."""
    noun = _one(rng, NOUNS[scene.place])
    adjectives = ([_one(rng, ADJECTIVES)] if rng.random() < 0.5 else []) + fronted
    when = [_one(rng, WHEN[scene.time])] if timed else []
    rest = when + trailing if rng.random() < 0.6 else trailing + when
    text = " ".join([*adjectives, noun])
    return _joined(rng, _with_article(rng, text, noun), rest)


def _moment_over_place(
    rng: np.random.Generator, scene: Scene, fronted: list[str], trailing: list[str]
) -> str:
    """As in "a beautiful sunset over the ocean"."""
    moment = _one(rng, MOMENTS[scene.time])
    noun = _one(rng, NOUNS[scene.place])
    adjectives = ([_one(rng, ADJECTIVES)] if rng.random() < 0.6 else []) + fronted
    where = {
        "ocean": ("over the", "by the", "at the", "on the"),
        "lake": ("over the", "by the", "at the", "on the"),
        "city": ("over the", "in the", "above the"),
        "garden": ("in the", "at the", "over the"),
    }.get(scene.place, ("over the", "in the", "above the"))
    text = " ".join([*adjectives, moment])
    place = noun if MASS.search(noun) else f"{_one(rng, where)} {noun}"
    place = f"over the {noun}" if noun == "sahara" else place
    place = f"over {noun}" if noun in ("downtown", "open water") else place
    return _joined(rng, f"{_with_article(rng, text, moment)} {place}", trailing)


def _keywords(rng: np.random.Generator, scene: Scene, words: list[str], *, timed: bool) -> str:
    """As in "city, night, neon lights"."""
    parts = [_one(rng, NOUNS[scene.place])]
    if timed:
        parts.append(_one(rng, MOMENTS[scene.time] + WHEN[scene.time]))
    parts += words
    if rng.random() < 0.2:
        parts.append(_one(rng, ADJECTIVES))
    if rng.random() < 0.3 and len(parts) > 1:
        order = rng.permutation(len(parts))
        parts = [parts[k] for k in order]
    return ", ".join(parts)


def _joined(rng: np.random.Generator, text: str, rest: list[str]) -> str:
    """Append the rest: phrases with a preposition by a blank, others by a comma."""
    for part in rest:
        first = part.split()[0]
        plain = first in ("with", "under", "in", "at", "by", "on", "during", "covered", "after",
                          "seen")  # fmt: skip
        text += f" {part}" if plain and rng.random() < 0.75 else f", {part}"
    return text


def _with_article(rng: np.random.Generator, text: str, noun: str) -> str:
    if PLURAL.search(noun) or MASS.search(noun) or rng.random() < 0.25:
        return text
    if rng.random() < 0.12:
        return f"the {text}"
    return f"an {text}" if text[0] in "aeiou" else f"a {text}"


def _one(rng: np.random.Generator, choices: tuple[Choice, ...]) -> Choice:
    return choices[int(rng.integers(len(choices)))]


@lru_cache(maxsize=1)
def known_words() -> tuple[str, ...]:
    """Every word that a caption can contain, sorted."""
    rng = np.random.default_rng(0)
    phrases = [
        *ADJECTIVES, *(w for t in (NOUNS, MOMENTS, WHEN, EXTRAS, FRONTED) for ws in t.values()
                       for w in ws),
        *(part for pairs in STYLED.values() for pair in pairs for part in pair),
        *(caption(draw_scene(rng), rng) for _ in range(200)),
    ]  # fmt: skip
    return tuple(sorted({word for text in phrases for word in re.findall(r"[a-z]+", text)}))
