"""The words of the poster world's captions, by what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.training.poster.scene import Kind, Place, Side, Style, Time

ADJECTIVES = (
    "beautiful", "gorgeous", "serene", "peaceful", "calm", "quiet", "breathtaking", "lovely",
    "majestic", "dramatic", "dreamy", "scenic", "wonderful", "colorful", "pretty", "magical",
)  # fmt: skip
NOUNS: dict[Place, tuple[str, ...]] = {
    "sea": ("sea", "ocean", "sea", "ocean", "seascape", "open water", "coast"),
    "lake": ("lake", "mountain lake", "lake", "still lake", "lake with reflections"),
    "mountains": ("mountains", "mountain landscape", "mountain range", "mountains",
                  "mountain valley", "peaks", "alps"),
    "desert": ("desert", "sand dunes", "desert", "dunes", "desert landscape"),
    "forest": ("forest", "woods", "forest", "woodland"),
    "city": ("city", "city skyline", "city", "skyline", "town", "skyscrapers",
             "futuristic city", "modern city"),
    "meadow": ("meadow", "green hills", "field", "countryside", "rolling hills", "meadow",
               "meadow landscape"),
}  # fmt: skip
PLAIN = re.compile(r"(mountains|peaks|alps|dunes|woods|hills|skyscrapers|open water|reflections)$")
WHERE: dict[Place, tuple[str, ...]] = {
    "sea": ("on", "at", "by", "in"), "lake": ("on", "at", "by"),
    "mountains": ("in", "before", "below"),
    "desert": ("in",), "forest": ("in", "by", "in front of"),
    "city": ("in", "in front of"), "meadow": ("in", "on"),
}  # fmt: skip
MOMENTS: dict[Time, tuple[str, ...]] = {
    "day": ("day", "sunny day", "bright day", "daylight"),
    "sunrise": ("sunrise", "dawn", "sunrise", "early morning", "morning"),
    "sunset": ("sunset", "dusk", "sunset", "evening", "golden hour"),
    "night": ("night", "night sky", "night", "midnight"),
}
WHEN: dict[Time, tuple[str, ...]] = {
    "day": ("during the day", "at noon", "by day", "on a bright day", "in daylight",
            "under a blue sky", "on a sunny day"),
    "sunrise": ("at sunrise", "at dawn", "in the early morning", "in the morning",
                "in soft morning light", "at sunrise"),
    "sunset": ("at sunset", "at dusk", "in the evening", "at golden hour", "in golden light",
               "at sunset"),
    "night": ("at night", "by night", "in the night", "at midnight", "at night", "in the dark"),
}  # fmt: skip
STYLED: dict[Style, tuple[tuple[str, str], ...]] = {
    "poster": (("", ""), ("", ""), ("", ""), ("", ""), ("", ", poster"), ("a poster of ", ""),
               ("", ", flat illustration"), ("", ", travel poster"), ("", ", minimalist poster")),
    "watercolor": (("a watercolor painting of ", ""), ("", ", watercolor"), ("", " in watercolor"),
                   ("", " in watercolor style"), ("a watercolor of ", ""), ("watercolor, ", "")),
    "ink": (("an ink painting of ", ""), ("", ", ink painting"), ("", ", ink style"),
            ("", " in ink"), ("", ", sumi-e"), ("", ", ink wash")),
    "woodcut": (("a woodcut of ", ""), ("", ", woodcut"), ("", ", woodcut print"),
                ("", ", linocut"), ("a woodcut print of ", ""), ("", " in woodcut style")),
    "neon": (("", ", neon"), ("", ", neon lights"), ("", " in neon"), ("", ", glowing neon"),
             ("", ", neon style"), ("neon, ", ""), ("", ", cyberpunk")),
}  # fmt: skip
NAMES: dict[Kind, tuple[tuple[str, str], ...]] = {
    "balloon": (("balloon", "balloons"), ("hot air balloon", "hot air balloons")),
    "bird": (("bird", "birds"), ("flying bird", "flying birds")),
    "boat": (("boat", "boats"), ("sailboat", "sailboats"), ("sailing boat", "sailing boats")),
    "lighthouse": (("lighthouse", "lighthouses"),),
    "island": (("island", "islands"), ("island with palm trees", ""), ("palm island", "")),
    "bridge": (("bridge", "bridges"),),
    "house": (("house", "houses"), ("cottage", "cottages"), ("small house", "small houses")),
    "castle": (("castle", "castles"),),
    "windmill": (("windmill", "windmills"),),
    "tree": (("tree", "trees"), ("big tree", "big trees")),
    "pine": (("pine tree", "pine trees"), ("fir tree", "fir trees"), ("pine", "pines")),
    "waterfall": (("waterfall", "waterfalls"),),
    "cactus": (("cactus", "cacti"),),
    "pyramid": (("pyramid", "pyramids"),),
}
NUMBERS = {2: ("two", "two", "2"), 3: ("three", "three", "3")}
SIDED: dict[Side, tuple[str, ...]] = {
    "left": ("on the left", "to the left", "on the left side"),
    "middle": ("in the middle", "in the center"),
    "right": ("on the right", "to the right", "on the right side"),
}
SKY_EXTRAS: dict[str, tuple[str, ...]] = {
    "sun": ("with the sun", "with a bright sun", "under the sun"),
    "moon": ("with a full moon", "under the moon", "with the moon", "in moonlight"),
    "crescent": ("with a crescent moon", "under a crescent moon", "with the moon"),
    "stars": ("under the stars", "with stars", "under a starry sky"),
    "aurora": ("with northern lights", "with aurora borealis", "under the aurora",
               "with an aurora"),
    "rainbow": ("with a rainbow", "under a rainbow"),
    "cloud": ("with clouds", "under clouds", "under a cloudy sky"),
}  # fmt: skip
ALONE: dict[str, tuple[str, ...]] = {
    "sun": ("sun", "bright sun"), "moon": ("moon", "full moon", "moonlight"),
    "crescent": ("crescent moon", "moon"),
    "stars": ("stars", "starry sky"), "aurora": ("aurora", "northern lights", "aurora borealis"),
    "rainbow": ("rainbow",), "cloud": ("clouds", "cloudy sky"),
}  # fmt: skip
WEATHERED = ("in the fog", "in the mist", "with mist", "in fog")
SEASONS_SEEN = ("lake", "mountains", "forest", "meadow")
SEASONED: dict[str, tuple[str, ...]] = {
    "spring": ("in spring", "in springtime"),
    "summer": ("in summer",),
    "autumn": ("in autumn", "in the fall", "in autumn colors"),
    "winter": ("in winter", "in the snow", "covered in snow", "with snow"),
}
FRONTED: dict[str, tuple[str, ...]] = {
    "spring": ("spring",), "summer": ("summer",), "autumn": ("autumn", "autumn"),
    "winter": ("snowy", "winter", "snowy"),
}  # fmt: skip


def all_phrases() -> Iterator[str]:
    """Everything in the tables of this file."""
    tables: tuple[Mapping[Any, tuple[Any, ...]], ...] = (
        {"": ADJECTIVES}, {"": WEATHERED}, NOUNS, WHERE, MOMENTS, WHEN, STYLED, NAMES, NUMBERS,
        SIDED, SKY_EXTRAS, ALONE, SEASONED, FRONTED,
    )  # fmt: skip
    for table in tables:
        for phrases in table.values():
            for phrase in phrases:
                yield from (phrase,) if isinstance(phrase, str) else phrase
