"""A text model's tokenizer without its model: pieces by id, and what it loses of a text. No torch.

What is computed goes through transformers' own; this is what can be told before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

ROLES = ("unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
MASK = "[MASK]"


@dataclass(frozen=True)
class TextTokenizer:
    """The tokenizer of a text model's folder."""

    pieces: tuple[str, ...]  # by token id; "" for an id that has none
    roles: Mapping[str, int]  # unk_token, sep_token, ... to ids; only those there are
    tokens: Mapping[str, str]  # the same to pieces
    tokenizer: Tokenizer
    keeps_all: bool = True  # False: signs without a piece may be left out without an [UNK]

    def encode(self, text: str) -> list[int]:
        """The content token ids of a text in which [MASK] stands for the tokenizer's mask."""
        return list(self.tokenizer.encode(self.own(text), add_special_tokens=False).ids)

    def lost(self, text: str) -> list[str]:
        """The parts of a text that are read as [UNK] or not at all, in order, each once."""
        own, unknown = self.own(text), self.roles.get("unk_token")
        encoding = self.tokenizer.encode(own, add_special_tokens=False)
        spans = list(zip(encoding.ids, encoding.offsets, strict=True))
        parts = [(span, own[span[0] : span[1]]) for token, span in spans if token == unknown]
        if not self.keeps_all:
            parts += _between([span for _, span in spans], own)
        words = dict.fromkeys(part.strip() for _, part in sorted(parts))
        return [word for word in words if word and word != self.tokens.get("unk_token")]

    def own(self, text: str) -> str:
        """A text with the tokenizer's own mask where it says [MASK]."""
        return text.replace(MASK, self.tokens.get("mask_token", MASK))


def by_id(vocabulary: Mapping[str, int]) -> tuple[str, ...]:
    """The pieces of a vocabulary by token id; "" for an id that has none."""
    pieces = [""] * (max(vocabulary.values(), default=-1) + 1)
    for piece, token in vocabulary.items():
        pieces[token] = piece
    return tuple(pieces)


def content(token: Any) -> str | None:
    """A special token as a config writes it: a word, or a record that has one."""
    if isinstance(token, Mapping):
        token = token.get("content")
    return None if token is None else str(token)


def _between(spans: list[tuple[int, int]], text: str) -> list[tuple[tuple[int, int], str]]:
    """What of a text no token stands for; a sign may have several tokens, some of them lost."""
    reached, gaps = 0, []
    for first, last in [*spans, (len(text), len(text))]:
        if first > reached:
            gaps.append(((reached, first), text[reached:first]))
        reached = max(reached, last)
    return gaps
