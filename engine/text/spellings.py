"""How the pieces of a vocabulary carry their spaces, and texts made of them. No torch.

WordPiece (BERT) marks what goes on a word (``##s``) and forgets spaces: ``joining`` finds them.
Byte-level BPE (RoBERTa, ModernBERT) writes bytes as letters, a space as ``Ġ``; SentencePiece
(XLM-R, ALBERT, DeBERTa-v3) writes it as ``▁``. Proteins are written sign by sign, without any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

MASK = "[MASK]"
MASKS = frozenset({MASK, "<mask>", "<|mask|>"})  # as tokenizers write it
Spelling = Literal["word pieces", "byte level", "sentence pieces", "signs"]
BYTE_SPACE, SENTENCE_SPACE = "Ġ", "▁"
SPECIAL = re.compile(r"<.+>|\[.+\]")
FEWEST_SIGNS = 4


def is_mask(piece: str) -> bool:
    """Whether a piece is a mask, as any of the tokenizers writes it."""
    return piece in MASKS


def spelling_of(pieces: Sequence[str]) -> Spelling:
    """How a vocabulary spells, told from its pieces: most of what has a mark has that one."""
    known: Spelling | None = getattr(pieces, "spelling", None)
    return known or read_spelling(pieces)


def read_spelling(pieces: Sequence[str]) -> Spelling:
    """As ``spelling_of``, from all of the pieces."""
    marks: dict[Spelling, str] = {
        "word pieces": "##",
        "byte level": BYTE_SPACE,
        "sentence pieces": SENTENCE_SPACE,
    }
    counts = {name: sum(p.startswith(mark) for p in pieces) for name, mark in marks.items()}
    most = max(counts, key=lambda name: counts[name])
    if counts[most]:
        return most
    written = [piece for piece in pieces if piece and not SPECIAL.fullmatch(piece)]
    alone = len(written) >= FEWEST_SIGNS and all(len(piece) == 1 for piece in written)
    return "signs" if alone else "word pieces"


def spell(
    pieces: Sequence[str],
    spelling: Spelling,
    typed: str | None = None,
    *,
    start: Sequence[str] | None = None,
) -> str:
    """Pieces that carry their own spaces as text; masks are written as [MASK].

    Before a mask stands a space, unless ``typed``, for which the pieces ``start`` stand, has none.
    """
    if spelling == "signs":
        return "".join(MASK if is_mask(piece) else piece for piece in pieces)
    glued = _glued(start if start is not None else pieces, typed)
    text, run = "", b""
    for i, piece in enumerate(pieces):
        written = None if is_mask(piece) else _bytes_of(piece, spelling)
        if written is not None:
            run += written
            continue
        text, run = text + run.decode("utf-8", "replace"), b""
        apart = bool(text) and not text[-1].isspace() and i not in glued
        text += (" " if apart else "") + (MASK if is_mask(piece) else piece)
    return (text + run.decode("utf-8", "replace")).strip()


def word_forms(word: str, spelling: Spelling) -> tuple[str, ...]:
    """The pieces that may stand for a word after a space, the likeliest first."""
    if word in MASKS or spelling == "word pieces":
        return word, word.lower()
    if spelling == "signs":
        return word, word.upper()
    inside, space = word, SENTENCE_SPACE
    if spelling == "byte level":
        inside, space = "".join(_letters()[byte] for byte in word.encode()), BYTE_SPACE
    return space + inside, inside


def _glued(start: Sequence[str], typed: str | None) -> frozenset[int]:
    """The masks of a start that were typed right after another sign."""
    masks = [i for i, piece in enumerate(start) if is_mask(piece)]
    places = [match.start() for match in re.finditer(re.escape(MASK), typed or "")]
    if len(masks) != len(places) or typed is None:
        return frozenset()
    return frozenset(
        i for i, at in zip(masks, places, strict=True) if at and not typed[at - 1].isspace()
    )


def _bytes_of(piece: str, spelling: Spelling) -> bytes | None:
    """What a piece writes, as bytes; None for one that is no text, as ``[no piece 7]``."""
    if spelling == "sentence pieces":
        return piece.replace(SENTENCE_SPACE, " ").encode()
    known = _bytes()
    if any(letter not in known for letter in piece):
        return None
    return bytes(known[letter] for letter in piece)


@lru_cache(maxsize=1)
def _letters() -> dict[int, str]:
    """The letter of each byte in GPT-2's byte-level BPE: itself where it is a visible sign."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return {byte: chr(byte if byte in own else next(others)) for byte in _in_order(own)}


def _in_order(own: list[int]) -> Iterator[int]:
    yield from own
    yield from (byte for byte in range(256) if byte not in own)


@lru_cache(maxsize=1)
def _bytes() -> dict[str, int]:
    return {letter: byte for byte, letter in _letters().items()}
