"""Pieces of a vocabulary as a person would write them. No torch.

Most vocabularies mark where spaces are (``spellings``). WordPiece forgets it. Where the text that
was typed is known (a template, a text to corrupt), its own spaces say how its words are joined; for
what a model wrote, and for texts that were typed with a space around every sign, the rules of
``spaces`` do.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence

from engine.text.spellings import MASK, Spelling, is_mask, spell

UNKNOWN = frozenset({"[UNK]", "<unk>"})
CLOSING = frozenset(".,!?;:%)]}»”’…。，、！？；：）］｝」』》】〉")
OPENING = frozenset("([{«“‘¿¡（［｛「『《【〈")
QUOTES = frozenset("'\"")
JOINING = frozenset("-/")
CURRENCY = frozenset("$£€¥")
ENDINGS = frozenset({"s", "t", "m", "d", "ll", "re", "ve"})  # it's, don't, i'm, she'd, we'll
# blocks of signs that are written without spaces between them: Chinese, kana, their punctuation
UNSPACED = (
    *((0x3000, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)),
    *((0xF900, 0xFAFF), (0xFF01, 0xFF65), (0x20000, 0x2FA1F)),
)


def join_pieces(
    pieces: Sequence[str],
    typed: str | None = None,
    *,
    start: Sequence[str] | None = None,
    spelling: Spelling = "word pieces",
) -> str:
    """Pieces as readable text, joined as ``typed`` is where they stand for it one by one.

    ``start`` are the pieces that stand for it, where the ones to join came of them later.
    ``spelling`` is that of their vocabulary (``spelling_of``).
    """
    if spelling != "word pieces":
        return spell(pieces, spelling, typed, start=start)
    pieces = [MASK if is_mask(piece) else piece for piece in pieces]
    start = start if start is None else [MASK if is_mask(piece) else piece for piece in start]
    gaps = spaces(pieces)
    given = typed_spaces(pieces if start is None else start, typed) if typed is not None else None
    if given is not None and len(given) == len(pieces):
        hidden = [now == MASK != then for now, then in zip(pieces, start or pieces, strict=True)]
        for i, own in enumerate(given):
            if own is not None and not hidden[i] and not hidden[i - 1]:
                gaps[i] = own and not _continues(pieces[i])
    words = [piece[2:] if _continues(piece) else piece for piece in pieces]
    return "".join((" " if gap else "") + word for gap, word in zip(gaps, words, strict=True))


def spaces(pieces: Sequence[str]) -> list[bool]:
    """For each piece whether a space goes before it, by the pieces alone.

    Punctuation is closed up, quotes go in pairs, ``5 . 00`` is a number, ``al - ain`` one word,
    ``i ' m`` a contraction, and Chinese has no spaces.
    """
    spaced: list[bool] = []
    opened: dict[str, bool] = {}
    glued = True  # whether the next piece is joined to what came before
    for i, piece in enumerate(pieces):
        before = pieces[i - 1] if i else ""
        after = pieces[i + 1] if i + 1 < len(pieces) else ""
        space = not (glued or _continues(piece) or piece in CLOSING or _unspaced(before, piece))
        glued = piece in OPENING
        if piece in QUOTES:
            space, glued = _quote(piece, i, pieces, opened)
        elif _inside_number(before, piece, after) or (piece in CURRENCY and after.isdigit()):
            space, glued = space and piece in CURRENCY, True
        elif piece in JOINING and _word(before) and _word(after):
            space, glued = False, True
        spaced.append(space and i > 0)
    return spaced


def typed_spaces(pieces: Sequence[str], typed: str) -> list[bool | None] | None:
    """For each piece whether ``typed`` has a space before it; None where that does not decide.

    It does not beside a [MASK] after a space: a full stop may have been written there. The whole
    answer is None when the pieces are not those of the text, and when it was typed with spaces
    around all of its punctuation, as texts that were split before.
    """
    places = _aligned(pieces, typed)
    if places is None:
        return None
    spaced: list[bool | None] = [False]
    pairs = list(itertools.pairwise(places))
    apart = [before.end < after.start for before, after in pairs]
    signs = [
        gap
        for gap, (a, b) in zip(apart, pairs, strict=True)
        if _is_sign(typed[a.start : a.end]) or _is_sign(typed[b.start : b.end])
    ]
    if signs and all(signs):
        return None
    for gap, (a, b) in zip(apart, pairs, strict=True):
        spaced.append(None if gap and (a.masked or b.masked) else gap)
    return spaced[: len(pieces)]


class _Place:
    """Where in the typed text a piece stands."""

    __slots__ = ("end", "masked", "start")

    def __init__(self, start: int, end: int, *, masked: bool = False) -> None:
        self.start, self.end, self.masked = start, end, masked


def _aligned(pieces: Sequence[str], typed: str) -> list[_Place] | None:
    places: list[_Place] = []
    at = 0
    for piece in pieces:
        while at < len(typed) and not _plain(typed[at]) and not typed.startswith(MASK, at):
            at += 1
        end = _end_of(piece, typed, at)
        if end is None:
            return None
        places.append(_Place(at, end, masked=typed.startswith(MASK, at)))
        at = end
    return places if not _plain(typed[at:]) else None


def _end_of(piece: str, typed: str, at: int) -> int | None:
    """Where the piece that begins at a place of the text ends; None when it is not there."""
    if typed.startswith(MASK, at):
        return at + len(MASK)
    if typed.startswith(piece, at):
        return at + len(piece)
    if piece in UNKNOWN and at < len(typed):
        end = at + 1
        while end < len(typed) and not (_ends_word(typed[end]) or _ends_word(typed[at])):
            end += 1
        return end
    wanted, end = _plain(piece[2:] if _continues(piece) else piece), at
    while wanted and end < len(typed) and not typed.startswith(MASK, end):
        got = _plain(typed[end])
        if not wanted.startswith(got) or (not got and typed[end].isspace()):
            return None
        wanted, end = wanted[len(got) :], end + 1
    while end < len(typed) and unicodedata.category(typed[end]) == "Mn":
        end += 1
    return end if not wanted and end > at else None


def _plain(text: str) -> str:
    """Letters without case and accents, nothing for spaces and controls: as a BERT may read it."""
    split = unicodedata.normalize("NFD", text.lower())
    dropped = ("Mn", "Cc", "Cf", "Zs", "Zl", "Zp")
    return "".join(c for c in split if unicodedata.category(c) not in dropped)


def _quote(piece: str, i: int, pieces: Sequence[str], opened: dict[str, bool]) -> tuple[bool, bool]:
    """Whether a space goes before a quote, and whether the next piece is joined to it."""
    before = pieces[i - 1] if i else ""
    after = pieces[i + 1] if i + 1 < len(pieces) else ""
    if piece == "'" and _word(before) and not opened.get(piece):
        follows = after.removeprefix("##")
        if follows in ENDINGS or (len(before) == 1 and before.isalpha() and _word(after)):
            return False, True
    if opened.get(piece) and after in ENDINGS and _word(before) and piece in pieces[i + 2 :]:
        return False, True
    if opened.get(piece):
        opened[piece] = False
        return False, False
    if piece in pieces[i + 1 :]:
        opened[piece] = True
        return not (before in OPENING or _is_cjk(before)), True
    return False, False  # the last of its kind: an apostrophe, or inches


def _inside_number(before: str, piece: str, after: str) -> bool:
    if not (before.removeprefix("##").isdigit() and after.isdigit()):
        return False
    return piece == "." or (piece == "," and len(after) == 3) or (piece == ":" and len(after) == 2)


def _unspaced(before: str, piece: str) -> bool:
    if piece == MASK or piece in UNKNOWN:
        return _is_cjk(before)
    if before == MASK or before in UNKNOWN:
        return _is_cjk(piece)
    return _is_cjk(before) and _is_cjk(piece)


def _is_cjk(piece: str) -> bool:
    sign = ord(piece[-1]) if piece else 0
    return any(first <= sign <= last for first, last in UNSPACED)


def _is_sign(text: str) -> bool:
    if len(text) != 1 or text.isspace():
        return False
    return unicodedata.category(text)[0] == "P" or (text.isascii() and not text.isalnum())


def _ends_word(sign: str) -> bool:
    return sign.isspace() or sign == "[" or _is_sign(sign) or _is_cjk(sign)


def _word(piece: str) -> bool:
    return piece.removeprefix("##")[-1:].isalnum() and not _is_cjk(piece)


def _continues(piece: str) -> bool:
    return piece.startswith("##") and len(piece) > 2
