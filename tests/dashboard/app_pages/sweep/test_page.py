"""The Sweep page on an empty store, on a computed one, and with bad input."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cache.store import Store
from dashboard.app_pages.sweep.data import sweep_of
from engine.requests.computing import compute
from engine.reviews.boards import list_boards
from tests.dashboard.pages import open_page

PAGE = str(Path(__file__).parents[4] / "dashboard" / "app_pages" / "sweep" / "page.py")
AXES = "seed=0:2\ntemperature=0.7,1.5\nsteps=4"


def page(**query: str) -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.query_params.update({"kind": "text", "base": "4", "axes": AXES} | query)
    return at.run()


def test_an_empty_store_shows_the_plan_and_offers_to_compute_it(empty_store):
    at = page()
    assert not at.exception
    labels = [button.label for button in at.button if button.label != "Download"]
    assert labels == ["Add", "Compute this sweep of 4 runs"]
    assert any("4 runs: 0 steps cached" in text.value for text in at.markdown)
    assert any("At most" in text.value and "model calls" in text.value for text in at.caption)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"axes": "seed=0:9999"}, "seed must have 1 to 4096 values"),
        ({"axes": "temperature=99"}, "temperature must be 0.01 to 10, got 99"),
        ({"axes": "<b>moon</b>=1"}, "unknown"),
        ({"base": "a sea"}, "template must contain at least one [MASK]"),
    ],
)
def test_bad_input_is_named_as_plain_text(empty_store, query, message):
    at = page(**query)
    assert not at.exception
    assert at.error[0].value == "This sweep cannot be asked for."
    assert any(message in text.value for text in at.text)


def test_a_computed_sweep_shows_its_cells_and_a_metric(empty_store: Store):
    fields = {"model": "builtin-bert", "length": 4}
    compute(empty_store, sweep_of("text", fields, AXES, "").specs)
    at = page()
    assert not at.exception
    assert any("All of it is in the store" in text.value for text in at.caption)
    table = at.dataframe[0].value
    assert table.shape == (2, 2)
    assert not table.isna().any().any()
    heatmap = json.loads(at.get("plotly_chart")[0].proto.spec)["data"][0]
    assert heatmap["type"] == "heatmap"
    assert at.subheader[0].value == "What is swept"  # the cells come first


def test_a_cell_is_starred_and_its_board_is_a_link(empty_store: Store):
    sweep = sweep_of("text", {"model": "builtin-bert", "length": 4}, AXES, "")
    compute(empty_store, sweep.specs)
    run = sweep.plans[0].chain.run
    at = open_page("sweep", kind="text", base="4", axes=AXES, cell=run[:12])
    assert not at.exception
    at.get("feedback")[0].set_value(3).run()
    assert not at.exception
    (board,) = list_boards(empty_store)
    assert board.items[0].runs == (run,)
    links = {element.proto.label: element.proto.query_string for element in at.get("page_link")}
    assert links["Their board"] == f"board={board.id[:12]}"


def test_a_third_axis_is_laid_out_below_without_being_asked(empty_store: Store):
    axes = "seed=0:2\ntemperature=0.7,1.5\norder=confidence,margin\nsteps=4"
    compute(empty_store, sweep_of("text", {"model": "builtin-bert", "length": 4}, axes, "").specs)
    at = page(axes=axes)
    assert not at.exception
    assert at.query_params["at-order"] == "*down"
    assert list(at.dataframe[0].value.index) == [
        "order confidence, temperature 0.7", "order confidence, temperature 1.5",
        "order margin, temperature 0.7", "order margin, temperature 1.5",
    ]  # fmt: skip
    at = page(axes=axes, **{"at-order": "*across"})
    assert len(at.dataframe[0].value.columns) == 4
    at = page(axes=axes, **{"at-order": "margin"})
    assert list(at.dataframe[0].value.columns) == ["seed 0", "seed 1"]


def test_an_axis_from_the_menu_is_a_line_of_the_axes(empty_store: Store):
    at = page()
    at.selectbox(key="axis-name-text").set_value("top_k").run()
    at.button(key="axis-add-text").click().run()
    assert not at.exception
    assert at.query_params["axes"] == AXES + "\ntop_k=none,5,20"
