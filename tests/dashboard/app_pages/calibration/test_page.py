"""Calibration with nothing filled in, with a small set that is, and with bad input."""

import shutil
from pathlib import Path

import pytest

from cache.store import Store
from dashboard.app_pages.calibration.data import BY_HAND, ask, examples
from engine.requests.computing import compute
from tests.dashboard.app_pages.fork.test_page import page, said


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("calibration") / "store"
    asked = ask(examples(BY_HAND), [0.25], ["random"], model="builtin-bert", seed=0)
    with Store.open(folder) as store:
        compute(store, [hidden.spec for each in asked for hidden in each.hidden])
    return folder


@pytest.fixture
def filled(computed, private_store) -> None:
    shutil.copytree(computed, private_store)


def test_an_empty_store_offers_to_fill_the_texts_in(empty_store):
    at = page("calibration")
    assert not at.exception
    assert "Nothing is filled in yet" in said(at)
    assert "Fill in these 216 texts" in [button.label for button in at.button]


def test_finished_texts_tell_how_sure_and_how_right(filled):
    at = page("calibration", order="random", ratios="0.25")
    assert not at.exception
    assert "24 of 24 infilled texts" in said(at)
    assert "All of it is in the store" in said(at)
    assert len(at.get("plotly_chart")) == 2
    assert at.dataframe[0].value["order"].tolist() == ["random"]


def test_what_is_missing_is_said(filled):
    at = page("calibration", order="random", ratios="0.25,0.5")
    assert not at.exception
    assert "24 of 48 infilled texts" in said(at)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"ratios": "2"}, "ratio must be above 0 and at most 1, got 2"),
        ({"order": "alphabetical"}, "asks for order 'alphabetical', which is not here"),
        ({"seed": "-1"}, "it must be 0 to 999999"),
    ],
)
def test_bad_input_is_named(empty_store, query, message):
    at = page("calibration", **query)
    assert not at.exception
    assert message in said(at)


def test_one_text_is_too_few(filled):
    at = page("calibration")
    at.text_area(key=f"calibration-texts-{BY_HAND}").set_value("the sea is calm.").run()
    assert not at.exception
    assert "texts must be 2 to 64 lines, got 1" in said(at)
