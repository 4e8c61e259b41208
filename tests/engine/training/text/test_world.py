"""What the text world says, and that nothing but its seed decides it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from engine.training.poster.scene import PLACES
from engine.training.text.corpus import PART, generate
from engine.training.text.facts import facts
from engine.training.text.pairs import pair_classes
from engine.training.text.plain import PLAIN_SENTENCES
from engine.training.text.verbs import verb_classes
from engine.training.text.world import TextWorld, parsed, says_twice, tokenize


@pytest.fixture(scope="module")
def texts() -> list[str]:
    world = TextWorld(11)
    return [world.text() for _ in range(12_000)]


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("the fox is quick and quick.", True),
        ("the sky is gray and the sky is gray.", True),
        ("she sings, and she sings.", True),
        ("she swims and sings.", False),
        ("a red hat and a red coat.", False),
    ],
)
def test_the_same_words_on_both_sides_are_seen(text: str, twice: bool) -> None:
    assert says_twice(text) is twice


def test_nothing_is_joined_with_itself(texts: list[str]) -> None:
    joined = re.compile(r"\b(\w+) (?:and|or) \1\b")
    assert not [text for text in [*texts, *facts()] if joined.search(text)]


def test_superlatives_are_few(texts: list[str]) -> None:
    told = [text for text in texts if re.search(r"\bthe most\b|\b[a-z]+est\b", text)]
    superlative = [text for text in told if not re.search(r"\b(forest|west|guest|rest)\b", text)]
    assert 20 < len(superlative) < 0.06 * len(texts)


def test_the_places_and_things_of_posters_are_spoken_of(texts: list[str]) -> None:
    said = Counter(word for text in texts for word in set(tokenize(text)))
    things = ("lighthouse", "windmill", "balloon", "castle", "cactus", "waterfall", "sailboat")
    for word in (*PLACES, *things, "skyline", "woodcut", "neon"):
        assert said[word] >= 10, word


def test_there_are_many_words_and_those_of_plain_english(texts: list[str]) -> None:
    known = {word for text in texts for word in tokenize(text)}
    plain = [word for sentence in PLAIN_SENTENCES for word in tokenize(sentence)]
    assert len(known) > 1500
    assert sum(word not in known for word in plain) / len(plain) < 0.01


def test_frames_are_not_sentences_of_the_test(texts: list[str]) -> None:
    assert not set(texts) & set(PLAIN_SENTENCES)


def test_a_noun_has_its_own_adjectives_more_often_and_others_too() -> None:
    soups = [pair for pair in pair_classes()["thing_np"] if pair.endswith(" soup")]
    own = [pair for pair in soups if pair.split()[0] in ("hot", "warm", "thick", "delicious")]
    assert 2 / 3 < len(own) / len(soups) < 5 / 6


def test_every_verb_has_its_five_forms() -> None:
    classes = verb_classes()
    forms = ("do_v", "does_v", "did_v", "doing_v", "done_v")
    assert {len(classes[form]) for form in forms} == {len(classes["do_v"])}
    assert "go {after_go}" in classes["do_v"] and "gone {after_go}" in classes["done_v"]


def test_choices_hold_choices_and_slots() -> None:
    world = TextWorld(0)
    said = {world.fill("(a (b|c)|{day})") for _ in range(200)}
    assert {"a b", "a c", "monday"} <= said
    assert parsed("x") == ("x",)


def test_an_open_bracket_is_named() -> None:
    with pytest.raises(ValueError, match=r"no closing bracket in 'a \(b'"):
        parsed("a (b")


def test_the_number_of_processes_changes_nothing() -> None:
    count = PART + 5
    assert generate(3, count) == generate(3, count, workers=2)
    assert len(generate(3, count)) == count
    assert generate(3, 40) == generate(3, PART)[:40]
