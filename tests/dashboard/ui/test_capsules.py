"""A capsule out of one store and into another, through the two functions that pages call."""

import io

import pytest
from streamlit.testing.v1 import AppTest

from cache.store import Store
from engine.capsules.exporting import export_board, export_runs
from engine.chain import manifests
from engine.reviews import boards
from engine.reviews.records import person
from engine.text.keys import text_chain
from tests.dashboard.conftest import FINGERPRINT, SPEC, keep_image, keep_text


def page():
    from dashboard.ui.capsules import import_capsule, offer_capsule, tell_imported
    from dashboard.ui.stores import the_store
    from engine.chain import manifests

    offer_capsule(sorted(manifests.listed(the_store()), key=lambda m: m.run))
    tell_imported()
    import_capsule()


@pytest.fixture
def at(empty_store):
    return AppTest.from_function(page, default_timeout=60).run()


@pytest.fixture
def data(tmp_path):
    """A capsule of two runs from another store."""
    with Store.open(tmp_path / "theirs") as theirs:
        runs = [keep_text(theirs, SPEC, 6), keep_image(theirs)]
        file = io.BytesIO()
        export_runs(theirs, runs, file)
    return file.getvalue()


def drop(at, data):
    at.file_uploader[0].set_value(("x.zip", data, "application/zip")).run()
    assert not at.exception
    return at


def test_an_empty_store_has_nothing_to_export(at, downloads):
    assert at.button(key="capsule-none").disabled
    assert not downloads


def test_runs_come_in_and_are_told_of(at, data, empty_store):
    drop(at, data)
    line = "2 runs new, 0 already here. What was here already was not changed."
    assert [success.value for success in at.success] == [line]
    assert len(list(manifests.listed(empty_store))) == 2
    at.run()  # once more: the uploader is empty, so nothing is imported again
    assert [success.value for success in at.success] == [line]


def test_the_boards_that_came_along_are_named_as_they_are_called(at, tmp_path):
    with Store.open(tmp_path / "theirs") as theirs:
        board = boards.make_board(theirs, "Fox **bold**", by=person("Anna"))
        run = keep_text(theirs, SPEC, 6)
        boards.add_items(theirs, board, [{"title": "one", "runs": (run,)}], by=person("Anna"))
        file = io.BytesIO()
        export_board(theirs, board, file)
    (success,) = drop(at, file.getvalue()).success
    assert "1 run new, 0 already here; with the board “Fox" in success.value
    assert "**bold**" not in success.value  # escaped


def test_what_is_here_already_is_counted(at, data, empty_store):
    keep_text(empty_store, SPEC, 3)
    drop(at, data)
    assert "1 run new, 1 already here; " in at.success[0].value
    assert "steps and pictures were added" in at.success[0].value
    drop(at, data)
    assert at.success[0].value.startswith("0 runs new, 2 already here. ")


@pytest.mark.parametrize(
    "hostile", [b"", b"![x](http://elsewhere/x.png)", b"PK\x05\x06" + bytes(18)]
)
def test_a_refusal_is_told_as_plain_text_and_nothing_is_kept(at, hostile, empty_store):
    drop(at, hostile)
    assert not at.success
    assert [e.value for e in at.error] == [
        "This capsule was refused, and nothing of it was imported."
    ]
    assert empty_store.stats().entries == 0


def test_the_one_after_a_refusal_is_taken(at, data, empty_store):
    drop(at, data[:-1])
    assert at.error
    drop(at, data)
    assert not at.error
    assert at.success


def test_runs_go_out_as_one_capsule(empty_store, downloads):
    for seed in (0, 1):
        keep_text(empty_store, SPEC.but(seed=seed), 6)
    at = AppTest.from_function(page, default_timeout=60).run()
    assert at.download_button[0].label == "Capsule of 2 runs"
    first = min(text_chain(SPEC.but(seed=seed), FINGERPRINT).run for seed in (0, 1))
    assert downloads.names["capsule"] == f"capsule-2-runs-{first[:12]}.zip"
    drop(at, downloads["capsule"])
    assert at.success[0].value.startswith("0 runs new, 2 already here. ")


def test_a_store_that_may_only_be_read_says_so(at, data, monkeypatch):
    from cache.errors import StoreUnavailable

    def refuse(store, source):
        raise StoreUnavailable(store.folder, "it was opened read-only")

    monkeypatch.setattr("dashboard.ui.capsules.import_runs", refuse)
    drop(at, data)
    assert at.error[0].value == "This capsule could not be kept."
    assert "read-only" in " ".join(text.value for text in at.text)
