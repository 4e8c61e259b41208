import pytest

from cache.errors import ChangedMeanwhile, InvalidInput
from dashboard.data.annotations import (
    LONGEST_NOTE,
    LONGEST_TAG,
    Annotation,
    parse_note,
    parse_tags,
    save_annotation,
)
from engine.chain import manifests


def test_tags_are_trimmed_and_each_once():
    assert parse_tags(" good ,short,, good,a  b\n") == ("good", "short", "a b")
    assert parse_tags(["x", " x ", "<b>y</b>"]) == ("x", "<b>y</b>")
    assert parse_tags("") == ()


def test_signs_that_cannot_be_seen_go_and_joined_emoji_stay():
    family = "\U0001f468\u200d\U0001f469"
    assert parse_tags([f"a\x00b\u202e{family}"]) == (f"a b {family}",)
    assert parse_note("  one\x07 \r\n two \n") == "one\n two"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ([f"t{i}" for i in range(13)], "tags must be at most 12, got 13"),
        (["x" * (LONGEST_TAG + 1)], "a tag must be at most 40 characters, got 41"),
    ],
)
def test_bounds_of_tags_are_named(typed, message):
    with pytest.raises(InvalidInput, match=message):
        parse_tags(typed)


def test_the_bound_of_a_note_is_named():
    assert len(parse_note("x" * LONGEST_NOTE)) == LONGEST_NOTE
    with pytest.raises(InvalidInput, match="a note must be at most 2000 characters, got 2001"):
        parse_note("x" * (LONGEST_NOTE + 1))


def test_what_another_person_saved_meanwhile_is_never_overwritten(small_store):
    run = next(manifests.listed(small_store)).run
    shown = Annotation()
    assert save_annotation(small_store, run, shown, Annotation(("good",), "")) == Annotation(
        ("good",), ""
    )
    # somebody who still sees no tags changes the note: both stay
    both = save_annotation(small_store, run, shown, Annotation((), "look"))
    assert both == Annotation(("good",), "look")
    with pytest.raises(ChangedMeanwhile, match=r"the tags of run .* became 'good' while .* 'bad'"):
        save_annotation(small_store, run, shown, Annotation(("bad",), ""))
    with pytest.raises(ChangedMeanwhile, match=r"the note of run .* became 'look'"):
        save_annotation(small_store, run, shown, Annotation((), "mine"))
    kept = manifests.load(small_store, run)
    assert (kept.tags, kept.note) == (("good",), "look")
    # the same wish twice is no conflict
    assert save_annotation(small_store, run, shown, Annotation(("good",), "")) == both


def test_clearing_what_was_changed_meanwhile_is_a_conflict(small_store):
    run = next(manifests.listed(small_store)).run
    save_annotation(small_store, run, Annotation(), Annotation((), "first"))
    save_annotation(small_store, run, Annotation((), "first"), Annotation((), "second"))
    with pytest.raises(ChangedMeanwhile):
        save_annotation(small_store, run, Annotation((), "first"), Annotation((), ""))
