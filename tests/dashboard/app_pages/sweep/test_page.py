"""The Sweep page on an empty store, on a computed one, and with bad input."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cache.store import Store
from dashboard.app_pages.sweep.data import sweep_of
from engine.requests.computing import compute

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
    assert labels == ["Compute this sweep of 4 runs"]
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
