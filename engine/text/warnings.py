"""What is silently lost of a text when a model reads it, in words a person can act on. No torch."""

from __future__ import annotations

import re

from cache.errors import StepscopeError
from engine.models.registry import FoundModel, never_saw, unknown_words
from engine.models.text_folder import text_facts
from engine.text.spec import MASK

# [mask], [Mask], <mask>, [ MASK ], {MASK}, ［MASK］, [MASK with nothing after it
NEAR_MASK = re.compile(r"[\[<{(［＜]\s*[Mm][Aa][Ss][Kk]\s*(?:[\]>})］＞]|(?=\s|$))")
MOST = 12  # words told of


def lost_of_text(model: FoundModel, text: str) -> list[str]:
    """``text_warnings``; [] for a model that cannot be run: planning says so."""
    try:
        return text_warnings(model, text)
    except StepscopeError:
        return []


def text_warnings(model: FoundModel, text: str) -> list[str]:
    """Lines on a text: words read as [UNK], words never seen in training, misspelt masks.

    Raises what ``text_facts`` does for a model that cannot be run.
    """
    words = text_facts(model).words
    lost = words.lost(text)
    unseen = [word for word in unknown_words(model, text) if word not in lost]
    lines = []
    if lost:
        unknown = words.tokens.get("unk_token", "[UNK]")
        lines.append(f"{model.name}: not in its vocabulary, so read as {unknown}: {listed(lost)}")
    if unseen:
        lines.append(never_saw(model.name, [listed(unseen)]))
    if near := near_masks(text, own=words.tokens.get("mask_token", MASK)):
        lines.append(f"only {MASK} is a mask; read as words: {listed(near)}")
    return lines


def near_masks(text: str, *, own: str = MASK) -> list[str]:
    """What looks like a mask and is none, each once, in order."""
    masks = [match.group().strip() for match in NEAR_MASK.finditer(text.replace(MASK, " "))]
    return [near for near in dict.fromkeys(masks) if near != own]


def listed(words: list[str]) -> str:
    """Words with commas between, each once, the first of many."""
    once = list(dict.fromkeys(words))
    more = f" and {len(once) - MOST} more" if len(once) > MOST else ""
    return ", ".join(once[:MOST]) + more
