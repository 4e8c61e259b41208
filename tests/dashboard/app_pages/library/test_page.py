"""The Library: filters in the URL, pages, what can be done with the selected runs."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from cache.payload import Payload
from engine.chain import manifests
from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.test_pages import APP, said


def opened(**query):
    """The Library as a link opens it: it is the first page of a session."""
    at = AppTest.from_file(APP, default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def shown(at):
    return at.dataframe[0].value


def test_a_link_opens_the_same_runs(small_store):
    at = opened(kind=["text"], show=["complete"], find="calm")
    assert not at.exception
    assert not at.warning
    assert len(shown(at)) == 2
    assert at.text_input(key="find").value == "calm"
    assert at.multiselect(key="kind").value == ["text"]


def test_filters_go_into_the_url(small_store):
    at = opened()
    at.multiselect(key="kind").set_value(["image"]).run()
    assert at.query_params["kind"] in ("image", ["image"])
    assert len(shown(at)) == 1
    at.multiselect(key="kind").set_value([]).run()
    assert "kind" not in at.query_params


def test_a_stale_filter_is_named(small_store):
    at = opened(kind=["text", "sound"], show=["<i>"], page="7")
    assert not at.exception
    words = said(at)
    assert "The link asks for kind 'sound', which is not here." in words
    assert "The link asks for show '<i>'" in words
    assert "The link asks for page '7'; it must be 1 to 1" in words
    assert len(shown(at)) == 3


def test_more_runs_than_a_page_holds_are_on_several(empty_store, monkeypatch):
    for module in ("data.shelf", "app_pages.library.filters"):
        monkeypatch.setattr(f"dashboard.{module}.PAGE", 2)
    for seed in range(5):
        keep_text(empty_store, SPEC.but(seed=seed), 6)
    at = opened(page="3")
    assert "5 of 5 runs, newest first." in said(at)
    assert len(shown(at)) == 1
    at.text_input(key="find").set_value("seed").run()
    assert not at.exception
    assert len(shown(at)) == 2  # another search begins at its first page
    assert "page" not in at.query_params


def selected(kinds, count):
    def page():
        import streamlit as st

        from dashboard.data.shelf import Wanted
        from dashboard.ui.library_actions import offer_actions, show_details
        from dashboard.ui.stores import the_shelf, the_store

        shelf, store = the_shelf(), the_store()
        wanted = Wanted(kinds=st.session_state["kinds"])
        chosen = shelf.entries(store, shelf.find(store, wanted)[: st.session_state["count"]])
        offer_actions(chosen)
        show_details(chosen)

    at = AppTest.from_function(page, default_timeout=60)
    at.session_state["kinds"], at.session_state["count"] = kinds, count
    return at.run()


def test_one_run_is_tagged_and_noted(small_store):
    at = selected(["image"], 1)
    assert "4 of 4 steps stored" in at.text[0].value
    run = at.multiselect[0].key.removeprefix("tags-")
    at.text_area(key=f"note-{run}").input("  for <b>Monday</b> ")
    at.button[-1].click().run()
    assert not at.exception
    assert manifests.load(small_store, run).note == "for <b>Monday</b>"


def test_what_is_too_long_is_named_and_nothing_is_saved(small_store, monkeypatch):
    monkeypatch.setattr("dashboard.data.annotations.LONGEST_NOTE", 3)
    at = selected(["image"], 1)
    run = at.multiselect[0].key.removeprefix("tags-")
    at.text_area(key=f"note-{run}").input("four")
    at.button[-1].click().run()
    assert at.error[0].value == "This was not saved."
    assert any("a note must be at most 3 characters, got 4" in t.value for t in at.text)
    assert manifests.load(small_store, run).note == ""


def test_an_empty_note_for_several_leaves_theirs(small_store):
    first, second, *_ = [m.run for m in manifests.listed(small_store, kind="text")]
    manifests.annotate(small_store, first, tags=["good"], note="mine")
    at = selected(["text"], 2)
    at.multiselect(key="tags-several").set_value(["good"])
    at.button[-1].click().run()
    assert not at.exception
    one, other = (manifests.load(small_store, run) for run in (first, second))
    assert (one.tags, one.note) == (("good",), "mine")
    assert (other.tags, other.note) == (("good",), "")


@pytest.mark.parametrize(
    ("kinds", "count", "able"),
    [
        ([], 0, {}),
        (["text"], 1, {"open", "fork", "pin", "delete"}),
        (["text"], 3, {"compare", "pin", "delete"}),
        (["corruption"], 1, {"open", "pin", "delete"}),
        (["image", "text"], 2, {"pin", "delete"}),
    ],
)
def test_only_what_can_be_done_can_be_pressed(small_store, kinds, count, able):
    at = selected(kinds, count)
    keys = ("open", "compare", "fork", "pin", "delete")
    assert {key for key in keys if not at.button(key=key).disabled} == set(able)


def test_pinning_pins_and_unpins(small_store):
    at = selected(["image"], 1)
    at.button(key="pin").click().run()
    assert len(small_store.pins()) == 1
    assert at.button(key="pin").label == "Unpin"
    at.button(key="pin").click().run()
    assert small_store.pins() == frozenset()


def test_a_damaged_manifest_is_told_of_and_the_rest_is_shown(small_store):
    broken = Payload(arrays={}, meta={"kind": "text"})
    small_store.replace("run:" + "0" * 64, broken)
    at = opened()
    assert not at.exception
    assert "1 runs cannot be read" in said(at)
    assert len(shown(at)) == 5


def test_words_and_tags_are_cells_and_never_markup(small_store):
    at = opened()
    assert "a <b>calm</b> sea" in list(shown(at)["words"])
    columns = json.loads(at.dataframe[0].proto.columns)
    assert columns["picture"]["type_config"]["type"] == "image"


def columns_away(at):
    """Columns of the table that are not shown until somebody asks for them."""
    configured = json.loads(at.dataframe[0].proto.columns)
    return {name for name, column in configured.items() if column.get("hidden")} - {"_index"}


def test_columns_that_say_nothing_leave_their_room_to_the_words(small_store):
    assert columns_away(opened()) == {"run", "pinned", "model"}
    small_store.pin(next(manifests.listed(small_store)).run)
    keep_text(small_store, SPEC.but(model="another"), 6)
    assert columns_away(opened()) == {"run"}
