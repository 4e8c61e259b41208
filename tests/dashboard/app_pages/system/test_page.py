"""The System page: what is here, verifying, and clean-ups that say first what they free."""

import pytest

from engine.chain import manifests
from tests.dashboard.test_pages import open_page, said


def spoil(store, key):
    with store.rows._cache._transact() as (sql, _):
        sql("UPDATE Cache SET value = ? WHERE key = ?", (b"STEPSCP1s" + b"x" * 50, key))


def ids(store):
    return {m.run for m in manifests.listed(store)}


@pytest.mark.parametrize("store", ["empty_store", "small_store"])
def test_the_page_shows_what_is_here(store, request):
    opened = request.getfixturevalue(store)
    at = open_page("system")
    assert not at.exception
    assert not at.error
    assert at.code[0].value == str(opened.folder)
    runs = next(m.value for m in at.metric if m.label == "Runs")
    assert runs == ("0" if store == "empty_store" else "5")
    assert "Jobs that wait or are at work: 0." in said(at)


def test_a_whole_store_is_verified_whole(small_store):
    at = open_page("system")
    at.button(key="verify").click().run()
    assert not at.exception
    assert at.success[0].value == (
        f"All {small_store.stats().entries} entries are what was stored."
    )


def test_what_is_damaged_is_named_and_dropped_when_asked(small_store):
    key = next(small_store.scan("step:"))
    spoil(small_store, key)
    at = open_page("system")
    at.button(key="verify").click().run()
    assert "1 are damaged" in at.error[0].value
    assert any(key in list(frame.value.get("key", [])) for frame in at.dataframe)
    assert small_store.has(key)
    at.button(key="drop").click().run()
    assert not at.exception
    assert at.info[0].value == "1 entries were dropped."
    assert not small_store.has(key)


def test_a_clean_up_says_first_and_spares_what_is_pinned(small_store):
    pinned = next(manifests.listed(small_store)).run
    small_store.pin(pinned)
    at = open_page("system")
    at.number_input(key="down-to").set_value(0.0)
    at.button(key="dry-run").click().run()
    assert not at.exception
    assert len(ids(small_store)) == 5  # only said
    assert "4 runs" in said(at)
    assert "with all 1 pinned runs" in said(at)
    at.button(key="free").click().run()
    at.button(key="free-yes").click().run()
    assert not at.exception
    assert "4 runs" in at.info[0].value
    assert ids(small_store) == {pinned}


def test_other_bounds_need_another_look(small_store):
    at = open_page("system")
    at.number_input(key="down-to").set_value(0.0)
    at.button(key="dry-run").click().run()
    at.number_input(key="down-to").set_value(50.0).run()
    assert not any(button.key == "free" for button in at.button)
    at.button(key="dry-run").click().run()
    assert at.button(key="free").disabled
    assert "nothing to free within these bounds" in said(at)


def test_nothing_goes_that_was_not_told(small_store):
    at = open_page("system")
    at.number_input(key="down-to").set_value(0.0)
    at.button(key="dry-run").click().run()
    small_store.pin(next(manifests.listed(small_store)).run)
    at.button(key="free").click().run()
    at.button(key="free-yes").click().run()
    assert not at.exception
    assert "the store has changed" in at.info[0].value
    assert len(ids(small_store)) == 5


def test_a_store_whose_runs_cannot_be_read_frees_nothing(small_store):
    spoil(small_store, next(small_store.scan("run:")))
    at = open_page("system")
    at.button(key="dry-run").click().run()
    assert not at.exception
    assert at.error[0].value == "Nothing was freed."
