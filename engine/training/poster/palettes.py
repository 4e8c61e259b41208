"""The colours of an hour: skies, lights and hazes chosen by hand, several for every time of day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.poster.canvas import Colour, mix, rgb
from engine.training.poster.scene import Season, Time

# what things are called red, blue, ... in daylight
PAINTS: dict[str, Colour] = {
    "red": rgb("#d9363e"), "orange": rgb("#f28a2e"), "yellow": rgb("#f7c93e"),
    "green": rgb("#3fa45b"), "blue": rgb("#2f74d0"), "purple": rgb("#8a4fb5"),
    "white": rgb("#fbf7ee"), "grey": rgb("#8b93a0"), "black": rgb("#23252e"),
}  # fmt: skip
SNOW = rgb("#f3f7fb")
WINDOW = rgb("#ffd873")

SKIES: dict[Time, tuple[tuple[str, str, str], ...]] = {
    "day": (
        ("#3a93de", "#7cc0ee", "#d6f0fa"), ("#4fb0d6", "#a4dbe2", "#faf1d2"),
        ("#2878cf", "#5fb2ee", "#b9e6fa"), ("#6cc3bf", "#b4e0d0", "#fbeccb"),
        ("#5aa0e6", "#a9cdf4", "#f3e9f2"),
    ),
    "sunrise": (
        ("#7b98d8", "#f2b6bb", "#ffe6b5"), ("#8fbcdd", "#fbcdb6", "#fff1cd"),
        ("#a994d6", "#f6b0c0", "#ffdcae"), ("#6fb2c0", "#f3d0ae", "#fff0bd"),
        ("#c9a0d8", "#ffc0b8", "#ffeec6"),
    ),
    "sunset": (
        ("#3d2d73", "#c4476f", "#ff9b4f"), ("#27457a", "#b8587f", "#fba85c"),
        ("#5e2060", "#e24a5b", "#ffb94e"), ("#2a5079", "#e5805a", "#fcd67f"),
        ("#7d2d52", "#f16c3f", "#ffcb5c"), ("#4a2a6e", "#dd5a86", "#ffb08a"),
    ),
    "night": (
        ("#0d1c52", "#21458f", "#4f7fc0"), ("#17123f", "#402f82", "#8461b4"),
        ("#072b41", "#125a70", "#56a8a2"), ("#121f42", "#2d4979", "#7e97b8"),
        ("#1c1650", "#4b3a94", "#b07fbd"),
    ),
}  # fmt: skip
DISCS: dict[Time, tuple[str, ...]] = {
    "day": ("#fff6c2", "#ffe98a", "#fffbe6"),
    "sunrise": ("#ffe9a0", "#fff3cf", "#ffc98a"),
    "sunset": ("#ffe07a", "#ffcf5e", "#ff7a4a", "#fff0b8"),
    "night": ("#fdf6da", "#f4f1e4", "#ffe9b0"),
}
# what the hour does to the colour of land: it is multiplied by a light, then drawn to a shade
LIGHTS: dict[Time, tuple[str, str, float]] = {
    "day": ("#ffffff", "#3b6f8f", 0.08),
    "sunrise": ("#ffe6dc", "#7a5f8f", 0.24),
    "sunset": ("#f0a898", "#4a1f4f", 0.46),
    "night": ("#86a4d8", "#1a3068", 0.46),
}
GROUNDS: dict[Season, tuple[str, ...]] = {
    "spring": ("#7cc35a", "#8fcf6a", "#63b866"),
    "summer": ("#4f9d4c", "#3f9560", "#6aa845"),
    "autumn": ("#d08a3a", "#c2703a", "#b98f3f"),
    "winter": ("#e9f1f8", "#dfeaf5", "#f2f4f6"),
}
CROWNS: dict[Season, tuple[str, ...]] = {
    "spring": ("#f2a0b8", "#f7b9c8", "#8fcf62"),
    "summer": ("#2f8048", "#3b8f3f", "#22724f"),
    "autumn": ("#e0662f", "#e89a2f", "#c94038"),
    "winter": ("#cfdfec", "#b9cfe0", "#dfe9f1"),
}
NEEDLES: dict[Season, tuple[str, ...]] = {
    "spring": ("#2f7f55",), "summer": ("#1f6a4c", "#28704a"), "autumn": ("#3f6a45", "#5f6f3a"),
    "winter": ("#4a7f86", "#3f6f7a"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours that one picture is painted with."""

    sky: tuple[Colour, Colour, Colour]  # top, middle, horizon
    disc: Colour
    light: Colour
    shade: Colour
    pull: float
    ground: Colour
    crown: Colour
    needle: Colour
    rock: Colour
    sand: Colour
    night: bool

    @property
    def haze(self) -> Colour:
        """What far land fades into."""
        return mix(self.sky[2], self.sky[1], 0.35)

    def lit(self, own: Colour, depth: float = 0.0) -> Colour:
        """The colour of land at a depth from 0 (near) to 1 (far)."""
        toned = mix(own * self.light, self.shade, self.pull * (1 - 0.4 * depth))
        return mix(toned, self.haze, 0.82 * depth)

    def thing(self, own: Colour) -> Colour:
        """The colour of something near; it keeps more of its own than land does."""
        return mix(own * mix(self.light, np.ones(3, np.float32), 0.45), self.shade, self.pull * 0.3)


def draw_palette(rng: np.random.Generator, time: Time, season: Season) -> Palette:
    """One of the palettes of that hour and season."""

    def one(codes: tuple[str, ...]) -> Colour:
        return rgb(codes[int(rng.integers(len(codes)))])

    skies = SKIES[time]
    top, middle, low = skies[int(rng.integers(len(skies)))]
    light, shade, pull = LIGHTS[time]
    return Palette(
        sky=(rgb(top), rgb(middle), rgb(low)),
        disc=one(DISCS[time]),
        light=rgb(light),
        shade=mix(rgb(shade), rgb(top), 0.3),
        pull=pull,
        ground=one(GROUNDS[season]),
        crown=one(CROWNS[season]),
        needle=one(NEEDLES[season]),
        rock=one(("#7f8aa3", "#8a7f96", "#6f8796", "#9a8478")),
        sand=one(("#e8b45f", "#e39a55", "#efc987", "#d98a5a")),
        night=time == "night",
    )
