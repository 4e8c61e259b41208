"""The form of a text asks for what its rule reads, and says in a sentence what the rule does."""

from typing import get_args

import pytest

from dashboard.app_pages.new_run import data
from dashboard.data.rules import MOVES, SAID, fields_of
from engine.text.spec import Remasking, Rule, TextSpec
from tests.dashboard.pages import open_page


@pytest.mark.parametrize("rule", get_args(Rule))
def test_a_rule_has_a_sentence_and_its_fields(empty_store, rule):
    at = open_page("new_run", kind="text")
    at.selectbox(key="new-text-rule").set_value(rule).run()
    assert not at.exception
    assert SAID[rule] in [caption.value for caption in at.caption]
    shown = {w.key for w in (*at.selectbox, *at.number_input)}
    for name in (*MOVES, "schedule", "remasking"):
        read = name in fields_of(rule, "conf")
        assert (f"new-text-{name}" in shown) is read, name
    assert ("new-text-order" in shown) is (rule in ("quota", "entropy-bound"))


@pytest.mark.parametrize("remasking", get_args(Remasking))
def test_only_cap_and_rescale_have_an_eta(empty_store, remasking):
    at = open_page("new_run", kind="text")
    at.selectbox(key="new-text-rule").set_value("remask").run()
    at.selectbox(key="new-text-remasking").set_value(remasking).run()
    assert not at.exception
    shown = {w.key for w in at.number_input}
    assert ("new-text-eta" in shown) is (remasking != "conf")


def test_a_runs_rule_comes_back_into_the_form():
    spec = TextSpec(length=9, rule="remask", remasking="cap", eta=0.3, block=3)
    kind, values = data.values_of([spec.facts()])
    assert kind == "text"
    assert {n: values[n] for n in ("rule", "remasking", "eta", "block")} == {
        "rule": "remask", "remasking": "cap", "eta": 0.3, "block": 3,
    }  # fmt: skip
