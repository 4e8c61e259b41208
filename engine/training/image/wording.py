"""One fixed wording of a poster, which names an attribute for sure; captions leave things out."""

from __future__ import annotations

from engine.training.poster.scene import Place, Style, Thing, Time
from engine.training.poster.words import NAMES, NOUNS, NUMBERS, SIDED, WHEN, WHERE

FLYING = ("balloon", "bird")
STYLE_ENDINGS: dict[Style, str] = {
    "poster": "", "watercolor": " in watercolor", "ink": " in ink", "woodcut": " in woodcut style",
    "neon": " in neon",
}  # fmt: skip


def worded(
    place: Place,
    time: Time | None = None,
    thing: Thing | None = None,
    *,
    style: Style = "poster",
    coloured: bool = True,
    sided: bool = False,
) -> str:
    """As in "a red balloon over the sea at sunset in watercolor": what is given is named."""
    where = f"the {NOUNS[place][0]}"
    if thing is None:
        text = where
    else:
        relation = "over" if thing.kind in FLYING else WHERE[place][0]
        text = f"{_thing(thing, coloured=coloured, sided=sided)} {relation} {where}"
    when = f" {WHEN[time][0]}" if time else ""
    return f"{text}{when}{STYLE_ENDINGS[style]}"


def _thing(thing: Thing, *, coloured: bool, sided: bool) -> str:
    one, many = NAMES[thing.kind][0]
    colour = f"{thing.colour} " if coloured and thing.colour else ""
    if thing.count > 1:
        return f"{NUMBERS[thing.count][0]} {colour}{many}"
    noun = f"{colour}{one}"
    phrase = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    return f"{phrase} {SIDED[thing.side][0]}" if sided and thing.kind != "bridge" else phrase
