"""The Library's runs: what is read, what is found, what is shown."""

import dataclasses

import pytest

from dashboard.data.shelf import Shelf, Wanted
from dashboard.data.shelf_table import table, tags_of
from engine.chain import manifests
from tests.dashboard.conftest import SPEC, keep_text


@pytest.fixture
def shelf():
    return Shelf()


def find(shelf, store, **wanted):
    return shelf.find(store, Wanted(**wanted))


def test_lines_are_newest_first_with_their_words_size_and_picture(small_store, shelf):
    lines = shelf.entries(small_store, shelf.cards(small_store))
    assert [e.manifest.kind for e in lines] == ["corruption", "image", "text", "text", "text"]
    assert lines[0].words == "the sea is calm."
    assert lines[1].words == "a <b>calm</b> sea"
    assert lines[2].words == "the <b>sea</b> is calm."
    assert lines[4].words == "the <b>sea</b> [MASK] [MASK] [MASK]"
    assert [e.steps_stored for e in lines] == [4, 4, 5, 5, 2]
    assert [e.complete for e in lines] == [True, True, True, True, False]
    assert [e.picture[:11] for e in lines] == ["", "data:image/", "", "", ""]
    manifest = lines[2].manifest
    sizes = small_store.sizes([*manifest.step_keys, *manifest.shared_keys])
    assert lines[2].size_bytes == sum(sizes.values()) > 0


def test_a_run_is_read_once_and_again_when_it_is_changed(small_store, shelf, monkeypatch):
    read = []
    load = manifests.load
    monkeypatch.setattr(manifests, "load", lambda store, run: read.append(run) or load(store, run))
    first = shelf.cards(small_store)
    assert len(read) == 5
    shelf.cards(small_store)
    assert len(read) == 5
    changed = first[3].run
    manifests.annotate(small_store, changed, tags=["good"], note="look")
    del read[:]
    again = shelf.cards(small_store)
    assert read == [changed]
    assert again[3].tags == ("good",)
    assert tags_of(again) == ["good"]
    small_store.delete([manifests.run_key(changed)])
    assert changed not in [card.run for card in shelf.cards(small_store)]


def test_a_run_that_grows_shows_its_new_words(empty_store, shelf):
    keep_text(empty_store, SPEC, 3)
    (card,) = shelf.cards(empty_store)
    assert "[MASK]" in shelf.entries(empty_store, [card])[0].words
    keep_text(empty_store, SPEC, 6)
    assert shelf.entries(empty_store, [card])[0].words == "the <b>sea</b> is calm."


def test_filters_combine(small_store, shelf):
    run = shelf.cards(small_store)[2].run
    manifests.annotate(small_store, run, tags=["good", "short"], note="for Monday")
    small_store.pin(run)
    assert len(find(shelf, small_store)) == 5
    assert len(find(shelf, small_store, kinds=["text"])) == 3
    assert len(find(shelf, small_store, kinds=["text"], text="CALM seed")) == 2
    assert find(shelf, small_store, models=["other"]) == []
    for wanted in (
        {"tags": ["good", "short"]},
        {"text": "monday"},
        {"text": run[:8]},
        {"states": ["pinned"]},
        {"states": ["pinned", "complete"]},
    ):
        assert [card.run for card in find(shelf, small_store, **wanted)] == [run]
    assert find(shelf, small_store, states=["pinned", "partial"]) == []
    assert len(find(shelf, small_store, states=["partial"])) == 1
    assert len(find(shelf, small_store, states=["complete"])) == 4
    assert len(find(shelf, small_store, states=["complete", "partial"])) == 5


def test_a_manifest_that_cannot_be_read_is_counted_not_shown(small_store, shelf):
    cards = shelf.cards(small_store)
    key = manifests.run_key(cards[1].run)
    with small_store.rows._cache._transact() as (sql, _):
        sql("UPDATE Cache SET value = ? WHERE key = ?", (b"STEPSCP1snonsense", key))
    assert len(Shelf().cards(small_store)) == 4
    assert len(shelf.cards(small_store)) == 4
    assert shelf.damaged == (cards[1].run,)
    assert len(shelf.entries(small_store, cards)) == 4


def test_columns_that_say_nothing_are_left_out(small_store, shelf):
    lines = shelf.entries(small_store, shelf.cards(small_store))
    assert "picture" in table(lines)
    assert "picture" not in table(lines[2:])
    assert {"tags", "note"} <= set(table(lines[2:]))  # to be written in
    assert list(table(lines)["steps"])[-1] == "2 of 5"
    tagged = dataclasses.replace(lines[2].manifest, tags=("good",))
    shown = table([dataclasses.replace(lines[2], manifest=tagged, pinned=True)])
    assert list(shown["tags"]) == [["good"]]
    assert list(shown["pinned"]) == [True]
