"""The Library's runs: newest first, read once, found by filters."""

from dashboard.data.shelf import Shelf, Wanted, table
from engine import stored_runs


def entries(store, **wanted):
    shelf = Shelf()
    return shelf.entries(store, shelf.find(store, Wanted(**wanted)))


def test_entries_are_newest_first_with_their_words(small_store):
    found = entries(small_store)
    assert [e.manifest.kind for e in found] == ["corruption", "image", "text", "text", "text"]
    assert found[0].words == "the sea is calm."
    assert found[1].words == "a <b>calm</b> sea"
    assert found[2].words == "the <b>sea</b> is calm."
    assert found[4].words == "the <b>sea</b> [MASK] [MASK] [MASK]"
    assert (found[2].steps_stored, found[4].steps_stored) == (5, 2)
    assert (found[2].complete, found[4].complete) == (True, False)
    assert all(entry.size_bytes > 0 for entry in found)


def test_pins_tags_and_notes_are_seen_as_soon_as_they_change(small_store):
    shelf = Shelf()
    run = shelf.cards(small_store)[0].run
    small_store.pin(run)
    stored_runs.annotate(small_store, run, tags=["review"], note="look here")
    found = shelf.entries(small_store, shelf.cards(small_store))
    assert [e.pinned for e in found] == [True, False, False, False, False]
    assert shelf.cards(small_store)[0].tags == ("review",)
    lines = table(found)
    assert lines["note"][0] == "look here"
    assert lines["tags"][0] == ["review"]


def test_filters_combine(small_store):
    assert len(entries(small_store, kinds=["text"])) == 3
    assert len(entries(small_store, kinds=["text"], text="CALM seed")) == 2
    assert entries(small_store, models=["other"]) == []
    assert len(entries(small_store, states=["partial"])) == 1
    assert len(entries(small_store, states=["complete"], kinds=["text"])) == 2
    assert entries(small_store, states=["pinned"]) == []


def test_a_deleted_run_is_gone_and_a_damaged_one_is_named(small_store):
    shelf = Shelf()
    first, second = (card.run for card in shelf.cards(small_store)[:2])
    small_store.delete([stored_runs.run_key(first)])
    assert first not in [card.run for card in shelf.cards(small_store)]
    assert shelf.damaged == ()
    assert second in [card.run for card in shelf.cards(small_store)]
