"""The Diversity page on an empty store, on a small grid, with stale links and bad input."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.pages import open_page
from tests.dashboard.stub_cluster import StubCluster


@pytest.fixture(autouse=True)
def cluster(empty_store, monkeypatch) -> StubCluster:
    stub = StubCluster(empty_store)
    monkeypatch.setattr("dashboard.ui.jobs.the_cluster", lambda: stub)
    return stub


@pytest.fixture
def grid(empty_store) -> dict:
    return {
        (heat, seed): keep_text(empty_store, SPEC.but(temperature=heat, seed=seed), 6)
        for heat in (0.5, 2.0)
        for seed in range(3)
    }


def page(**query: str) -> AppTest:
    return open_page("text_diversity", **query)


def said(at: AppTest) -> str:
    kinds = (at.warning, at.info, at.error, at.caption, at.text)
    return " ".join(element.value for kind in kinds for element in kind)


def test_an_empty_store_offers_a_grid(cluster):
    at = page()
    assert not at.exception
    assert "Nothing to compare yet" in said(at)
    assert at.button(key="compute-diversity").label == "Compute these 120 texts"
    at.button(key="compute-diversity").click().run()
    assert len(cluster.book.queue()[0].specs) == 120


def test_a_grid_shows_its_curves_and_says_that_seeds_are_few(grid):
    at = page()
    assert not at.exception
    assert "2 of 2 cells, 3 texts each" in said(at)
    assert "Only 3 texts a cell: with fewer than 8 the intervals are wide" in said(at)
    shown = json.loads(at.get("plotly_chart")[0].proto.spec)
    assert len(shown["data"]) == 6
    assert shown["data"][0]["name"] == "top-k 5"


@pytest.mark.parametrize("view", ["Trade-off", "Sentences", "Numbers"])
def test_every_view_shows(grid, view):
    at = page(view=view)
    assert not at.exception
    assert not at.error
    if view == "Sentences":
        assert at.dataframe[0].value.loc["0.5", "top-k 5"] == "the <b>sea</b> is calm."
        at.segmented_control(key="columns").set_value("seeds").run()
        assert list(at.dataframe[0].value.columns) == ["seed 0", "seed 1", "seed 2"]
    if view == "Numbers":
        assert at.dataframe[0].value["temperature"].tolist() == [0.5, 2.0]


def test_a_link_opens_the_texts_of_a_cell(grid):
    at = page(cell="2, top-k 5", seeds="2")
    assert not at.exception
    assert "Only 2 texts a cell" in said(at)
    texts = at.dataframe[-1].value
    assert texts["seed"].tolist() == [0, 1, 2]
    assert texts["run"][1] == grid[2.0, 1][:12]


def test_a_cell_with_too_few_seeds_is_told_with_its_count(empty_store, grid):
    keep_text(empty_store, SPEC.but(temperature=1.0, seed=0), 6)
    at = page()
    assert "2 of 3 cells" in said(at)
    assert "Too few seeds: temperature 1, top-k 5 (1 of 3)" in said(at)


def test_a_stale_link_says_so(grid):
    at = page(group="0123456789ab", cell="9, <b>hot</b>", seeds="99", view="Sideways")
    assert not at.exception
    assert "The runs of this link, group 0123456789ab, are not in this store" in said(at)
    for name in ("cell", "seeds", "view"):
        assert f"The link asks for {name}" in said(at)


def test_bad_input_is_named_as_plain_text(empty_store):
    at = page()
    at.text_input(key="diversity-heats").set_value("99").run()
    assert "temperature must be 0.01 to 10, got 99" in said(at)
    at.text_input(key="diversity-heats").set_value("1").run()
    at.text_input(key="diversity-cuts").set_value("<b>").run()
    assert not at.exception
    assert any("top-k must be whole numbers or all" in text.value for text in at.text)
