"""Finding runs by words: whole words from their beginning, numbers exactly, settings by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.data.cards import Card
from engine.requests.kinds import KINDS

NUMBER = re.compile(r"\d+(?:\.\d+)?")
SETTINGS = frozenset(
    name.replace("_", "-") for kind in KINDS.values() for name in kind.spec.model_fields
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that was asked for: a pattern, and what a text must have for it to match."""

    first: str  # looked for first: plain words are found much quicker than patterns
    pattern: re.Pattern[str]


Asked = Sequence[Piece]


def asked_for(text: str) -> Asked:
    """What was typed, as patterns that a run must all hold.

    ``owl`` is found in owl and owls and not in slowly; 4 in no other number. A number after the
    name of a setting, as in ``guidance 4``, is that setting's; one before it, as in ``12 steps``,
    too.
    """
    pieces = re.sub(r"(?<=[a-z])[=:](?=\S)", " ", text.lower()).split()
    patterns, at = [], 0
    while at < len(pieces):
        pair = pieces[at : at + 2]
        named = len(pair) == 2 and any(
            a in SETTINGS and NUMBER.fullmatch(b) for a, b in (pair, pair[::-1])
        )
        taken = pair if named else pair[:1]
        pattern = re.compile(r"\s+".join(map(_pattern, taken)))
        patterns.append(Piece(_plain(max(taken, key=len)), pattern))
        at += len(taken)
    return patterns


def holds(text: str, asked: Asked) -> bool:
    """Whether a text, in small letters, has all that was asked for."""
    return all(piece.first in text and piece.pattern.search(text) for piece in asked)


def searched(card: Card, words: str) -> str:
    """All that a run can be found by, in small letters: its id, words, settings, tags and note."""
    spec = card.spec
    prompt = " ".join(str(spec.get(name) or "") for name in ("prompt", "text", "template"))
    prompts = " ".join(spec.get("texts", ()))
    parts = (card.run, card.model, words, prompt, prompts, card.note, *card.tags)
    return " ".join([*parts, card.settings, *_settings(spec)]).lower()


def _settings(spec: Mapping[str, Any]) -> list[str]:
    """Every setting that is a number or a word, also where it is the default."""
    return [
        f"{name.replace('_', '-')} {value:g}"
        if isinstance(value, float)
        else f"{name.replace('_', '-')} {value}"
        for name, value in spec.items()
        if isinstance(value, int | float | str) and name not in ("prompt", "text", "template")
    ]


def _plain(piece: str) -> str:
    """What is in every text that a piece's pattern matches; 5.0 is found in 5, too."""
    return piece.rstrip("0").rstrip(".") if NUMBER.fullmatch(piece) and "." in piece else piece


def _pattern(piece: str) -> str:
    if NUMBER.fullmatch(piece):
        whole = piece.rstrip("0").rstrip(".") if "." in piece else piece
        exactly = rf"{re.escape(whole)}(?:\.0+)?" if "." not in whole else rf"{re.escape(whole)}0*"
        # the beginning of an id may be all digits
        run = rf"|^{piece}" if len(piece) >= 6 and "." not in piece else ""
        return rf"(?:(?<![\w.]){exactly}(?!\w|\.\d){run})"
    if not piece.isascii():  # of scripts that put no blanks between words
        return re.escape(piece)
    begins = r"(?<![^\W_])" if re.match(r"\w", piece) else ""
    return begins + re.escape(piece)
