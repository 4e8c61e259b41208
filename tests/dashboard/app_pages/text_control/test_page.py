"""The Control page: an empty store, a comparison, a stale link; its measures."""

import numpy as np
import pytest

from cache.errors import InvalidInput
from dashboard.app_pages.text_control import data
from dashboard.app_pages.text_control.figures import control_curve, strength_curves
from dashboard.app_pages.text_control.view import VIEWS
from engine.chain import manifests
from engine.requests.computing import compute
from tests.dashboard.pages import open_page

FIELDS = {"length": 6, "steps": 6, "top_k": 5, "controls": ("must:moon", "fluency:0.1")}


@pytest.fixture
def compared(empty_store, tiny_bert):
    specs = data.control_specs(FIELDS | {"model": tiny_bert}, "0, 4, 100", "0:3")
    runs = compute(empty_store, specs).runs
    return [manifests.load(empty_store, run) for run in runs]


def test_an_empty_store_offers_the_form(empty_store):
    at = open_page("text_control")
    assert not at.exception and "Nothing to compare yet" in at.info[0].value


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_comparison(compared, view):
    at = open_page("text_control", view=view)
    assert not at.exception, at.exception


def test_a_stale_link_says_so(compared):
    at = open_page("text_control", group="0" * 12)
    assert not at.exception and "are not in this store" in at.warning[0].value


def test_measures_are_over_common_seeds(compared, empty_store):
    (group,) = data.comparisons(compared)
    texts = [data.load_controlled(empty_store, run) for run in group.runs]
    table = data.measures(texts[1:])  # one seed of strength 0 is not there
    assert set(table["seeds"]) == {2} and list(table["strength"].unique()) == [0, 4, 100]
    met = table[table["measure"] == "met"].set_index("strength")["mean"]
    assert met[100] == 1 >= met[0]
    assert all(text.fluency < 0 and not np.isnan(text.met) for text in texts)
    for figure in (control_curve(table, mode="light"), strength_curves(table, mode="dark")):
        assert figure.data
    labels = control_curve(table, mode="light").layout.annotations
    assert [label.text for label in labels] == ["0, 4", "100"]  # the same texts at both


@pytest.mark.parametrize(
    ("fields", "strengths", "said"),
    [
        ({"controls": ()}, "1", "controls must be one or more"),
        ({}, "1,x", "control_strength must be a number 0 to 100, got 'x'"),
        ({}, "101", "control_strength must be 0 to 100, got 101"),
    ],
)
def test_what_cannot_be_computed_is_one_line(fields, strengths, said):
    with pytest.raises(InvalidInput) as refused:
        data.control_specs(FIELDS | fields, strengths, "0:2")
    assert str(refused.value).startswith(said)
