"""Pieces as a person would write them, with the spaces that were typed where that is known."""

from __future__ import annotations

import pytest

from engine.models.registry import BUILTIN_FOLDER
from engine.models.word_pieces import read_word_pieces
from engine.text.joining import join_pieces, typed_spaces

BUILTIN = read_word_pieces(BUILTIN_FOLDER / "bert")


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ("the 5 . 00 ' hello ' al - ain", "the 5.00 'hello' al-ain"),
        ("i ' m sure they don ' t", "i'm sure they don't"),
        ("the boat ' s sail", "the boat's sail"),
        ('he said " hello " twice', 'he said "hello" twice'),
        ("the dogs ' tails", "the dogs' tails"),
        ("rock ' n ' roll o ' clock", "rock 'n' roll o'clock"),
        ("' don ' t go , ' she said", "'don't go,' she said"),
        ("it cost $ 5 . 00 ( 1 , 000 men ) at 10 : 30 !", "it cost $5.00 (1,000 men) at 10:30!"),
        ("in 1990 , 12 men", "in 1990, 12 men"),
        ("我 爱 北 京 天 安 门 。", "我爱北京天安门。"),
        ("我 爱 [MASK] 京", "我爱[MASK]京"),
        ("the ai 我 爱", "the ai 我爱"),
        ("[MASK] [MASK] sea", "[MASK] [MASK] sea"),
    ],
)
def test_by_the_pieces_alone(pieces: str, text: str):
    assert join_pieces(pieces.split(" ")) == text


@pytest.mark.parametrize(
    "text",
    [
        *("don't - sail - 'hello' dog", "the 5 000 ships (well - known)", "the sea/lake"),
        *("x = y-z", "a 'b c' 5' 10\"", "wait ... what?!", "état-major à 北京"),
    ],
)
def test_what_was_typed_comes_back_with_its_spaces(text: str):
    vocabulary = BUILTIN.tokenizer.encode(text, add_special_tokens=False)
    pieces = [
        text[first:last].lower() if token == 1 else BUILTIN.pieces[token]
        for token, (first, last) in zip(vocabulary.ids, vocabulary.offsets, strict=True)
    ]
    joined = join_pieces(pieces, text)
    assert [len(w) for w in joined.split()] == [len(w) for w in text.split()]


def test_a_word_written_for_a_mask_is_joined_by_its_own_kind():
    typed = "don't stop - the [MASK] sea[MASK]"
    pieces = ["don", "'", "t", "stop", "-", "the", "##s", "sea", "."]
    assert join_pieces(pieces, typed) == "don't stop - thes sea."
    assert join_pieces([*pieces[:6], ".", "sea", "blue"], typed) == "don't stop - the. seablue"


def test_an_unknown_word_stands_for_what_was_typed():
    pieces = ["the", "[UNK]", "sea", "-", "[UNK]"]
    assert join_pieces(pieces, "the 😀😀 sea -x") == "the [UNK] sea -[UNK]"


def test_a_text_that_was_split_before_says_nothing_of_spaces():
    pieces = "the boat ' s sea .".split()
    assert typed_spaces(pieces, "the boat ' s sea .") is None
    assert join_pieces(pieces, "the boat ' s sea .") == "the boat's sea."


def test_pieces_that_are_not_of_the_text_are_joined_by_rule():
    assert join_pieces(["a", "-", "b"], "the sea") == "a-b"
    assert join_pieces([], "the sea") == ""
    assert join_pieces(["the", "sea", "."], "the sea") == "the sea."


def test_masks_of_a_corrupted_text_stand_apart():
    start = ["the", "sea", ".", "5", ".", "00"]
    level = ["the", "[MASK]", "[MASK]", "5", ".", "00"]
    assert join_pieces(level, "the sea. 5.00", start=start) == "the [MASK] [MASK] 5.00"
