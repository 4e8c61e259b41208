"""The Library: filters in the URL, pages, what can be done with the selected runs."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from cache.payload import Payload
from engine.chain import manifests
from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.pages import open_page
from tests.dashboard.test_pages import said

ASKED = "5 steps, temperature 1.2, top-k 5"


def opened(*, view="Table", **query):
    """The Library as a link opens it."""
    return open_page("library", view=view, **query)


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
    monkeypatch.setattr("dashboard.app_pages.library.filters.PAGE", 2)
    for seed in range(5):
        keep_text(empty_store, SPEC.but(seed=seed), 6)
    at = opened(page="3")
    assert "5 of 5 runs." in said(at)
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
    configured = json.loads(at.dataframe[0].proto.columns)
    assert configured["picture"]["type_config"]["type"] == "image"


def columns(at):
    """The columns of the table that are shown."""
    return set(at.dataframe[0].proto.column_order)


def test_columns_that_say_nothing_leave_their_room_to_the_words(small_store):
    assert not {"run", "pinned", "model"} & columns(opened())
    assert {"words", "tags", "note", "picked", "open"} <= columns(opened())
    small_store.pin(next(manifests.listed(small_store)).run)
    keep_text(small_store, SPEC.but(model="another"), 6)
    assert {"pinned", "model"} <= columns(opened())


def links(at):
    return [element.proto for element in at.get("page_link")]


def test_the_gallery_shows_a_card_a_run_that_opens_it(small_store):
    at = opened(view="Gallery")
    assert not at.exception
    cards = links(at)
    assert len(cards) == 5
    assert {proto.page.split("/")[-1] for proto in cards} >= {"text_unmasking", "image_denoising"}
    assert f"seed 0, {ASKED}" in [proto.label for proto in cards]
    assert "a <b>calm</b> sea" in [text.value for text in at.text]
    (picture,) = at.get("image")
    assert picture.proto.imgs[0].url.startswith("data:image/")
    assert picture.proto.imgs[0].alt == "a <b>calm</b> sea"


def test_cards_are_24_a_page_and_only_their_pictures_are_read(empty_store, monkeypatch):
    from dashboard.data import shelf
    from tests.dashboard.conftest import IMAGE_SPEC, keep_image

    for seed in range(30):
        keep_image(empty_store, spec=IMAGE_SPEC.but(seed=seed))
    read = []
    thumbnail = shelf.run_thumbnail
    monkeypatch.setattr(
        shelf, "run_thumbnail", lambda *a, **k: read.append(a[1].run) or thumbnail(*a, **k)
    )
    at = opened(view="Gallery")
    assert (len(links(at)), len(read)) == (24, 24)
    at.run()
    assert len(read) == 24
    at = opened(view="Gallery", page="2")
    assert (len(links(at)), len(read)) == (6, 30)


def test_a_link_sorts_and_keeps_the_view(small_store):
    at = opened(view="Gallery", kind=["text"], sort="seed", up="1")
    assert not at.exception
    assert not at.warning
    assert [proto.label for proto in links(at)] == [f"seed {s}, {ASKED}" for s in (0, 1, 2)]
    at.toggle(key="library-up").set_value(False).run()
    assert "up" not in at.query_params
    assert [proto.label for proto in links(at)] == [f"seed {s}, {ASKED}" for s in (2, 1, 0)]
    at = opened(sort="colour")
    assert "The link asks for sort 'colour'" in said(at)
    assert list(opened(kind=["text"], sort="confidence").dataframe[0].value["steps"])[-1] == (
        "2 of 5"
    )


def test_a_selected_card_is_offered_its_actions_over_views(small_store):
    at = opened(view="Gallery")
    assert not [b for b in at.button if b.key == "compare"]
    runs = [manifest.run for manifest in manifests.listed(small_store, kind="text")][:2]
    for run in runs:
        at.checkbox(key=f"select-{run}").check().run()
    assert not at.button(key="compare").disabled
    at.text_input(key="find").set_value("nowhere").run()
    assert "2 selected" in said(at)
    at.button(key="select-none").click().run()
    assert not [b for b in at.button if b.key == "compare"]


def test_a_wrong_condition_is_one_line_and_finds_nothing(small_store):
    at = opened(view="Gallery", find="guidence=4")
    assert not at.exception
    (line,) = [error.value for error in at.error]
    assert "find has no field 'guidence'; it knows" in line.replace("\\", "")
    assert links(at) == []
    at.text_input(key="find").set_value("kind:text seed<1").run()
    assert not at.error
    assert len(links(at)) == 1


def test_runs_of_measurements_are_folded_until_they_are_asked_for(small_store):
    for word in range(4):
        spec = SPEC.but(length=None, template=f"the word{word} [MASK] .", top_k=None,
                        temperature=1.0)  # fmt: skip
        keep_text(small_store, spec, 6)
    at = opened()
    assert len(shown(at)) == 5
    assert "5 of 9 runs, 4 more that measurements asked for." in said(at)
    box = at.toggle(key="library-folded")
    assert box.label == "Also runs of measurements (4)"
    box.set_value(True).run()
    assert len(shown(at)) == 9
    assert at.query_params["folded"] in ("1", ["1"])
    assert len(shown(opened(folded="1", find="word2"))) == 1


@pytest.mark.parametrize("view", ["Gallery", "Table"])
def test_runs_of_one_experiment_are_one(small_store, view):
    at = opened(view=view, together="1", kind=["text"])
    assert not at.exception
    assert "3 of 5 runs, in 1 experiment." in said(at)
    if view == "Table":
        (address,) = shown(at)["open"]
        assert address.startswith("divergence?modality=text&group=")
    else:
        assert [proto.label for proto in links(at)] == ["3 runs"]


def edit(at, row, **values):
    """What the table does with the edits of a row."""
    from dashboard.app_pages.library import table

    at.session_state["edits"] = {row: values}

    def page():
        import streamlit as st

        from dashboard.app_pages.library.table import take_edits

        st.session_state["told"] = take_edits(st.session_state["edits"], st.session_state["runs"])

    again = AppTest.from_function(page, default_timeout=60)
    again.session_state["edits"] = {row: values}
    again.session_state["runs"] = at.session_state["runs"]
    again.session_state[table.SHOWN] = at.session_state[table.SHOWN]
    again.run()
    assert not again.exception
    return again.session_state["told"]


def test_tags_and_notes_are_saved_from_the_table_and_never_over_another_s(small_store):
    at = opened(kind=["text"])
    runs = [manifest.run for manifest in manifests.listed(small_store, kind="text")]
    at.session_state["runs"] = runs
    assert edit(at, 0, tags=[" good ", "good"]) == []
    assert edit(at, 0, note="look") == []
    kept = manifests.load(small_store, runs[0])
    assert (kept.tags, kept.note) == (("good",), "look")
    manifests.annotate(small_store, runs[1], tags=[], note="from another person")
    (line,) = edit(at, 1, note="mine")
    assert "became 'from another person'" in line
    assert "'mine' was not saved" in line
    assert manifests.load(small_store, runs[1]).note == "from another person"
    (line,) = edit(at, 2, tags=["x" * 60])
    assert "a tag must be at most 40 characters" in line


def test_a_form_never_overwrites_what_was_saved_meanwhile(small_store):
    at = selected(["image"], 1)
    run = at.multiselect[0].key.removeprefix("tags-")
    manifests.annotate(small_store, run, tags=[], note="from another person")
    at.text_area(key=f"note-{run}").input("mine")
    at.button[-1].click().run()
    assert manifests.load(small_store, run).note == "from another person"
    assert "became 'from another person'" in " ".join(text.value for text in at.text)
    assert at.text_area(key=f"note-{run}").value == "from another person"


def test_lines_side_by_side_are_drawn_when_they_are_asked_for(small_store):
    at = opened()
    assert not at.get("plotly_chart")
    at.session_state["library-lines"] = True
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 1
