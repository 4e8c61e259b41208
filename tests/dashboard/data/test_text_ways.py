"""Groups of several ways of writing: points, tables, the front, and what a form typed."""

import pytest

from cache.errors import InvalidInput
from dashboard.data.text_ways import (
    Point,
    front,
    is_wide,
    load_written,
    points_of,
    quality_table,
    rule_fields,
    seeds_of,
    sentence_table,
    texts_of,
    way_groups,
    way_specs,
)
from engine.chain import manifests
from engine.judge.records import Judgement
from tests.dashboard.conftest import SPEC, keep_text


@pytest.fixture
def runs(store) -> list[str]:
    ways = [{}, {"rule": "threshold"}, {"rule": "ancestral", "top_k": None}]
    return [keep_text(store, SPEC.but(**way, seed=seed), 6) for way in ways for seed in range(3)]


def group_of(store):
    return way_groups(manifests.listed(store, kind="text"))[0]


def test_runs_of_two_rules_or_steps_are_a_group_of_ways(store, runs):
    wide, *narrow = way_groups(manifests.listed(store, kind="text"))
    assert is_wide(wide)
    assert len(wide.runs) == 9
    assert not narrow
    assert [p.way.rule for p in points_of(wide)] == ["ancestral", "quota", "threshold 0.9"]


def test_a_grid_of_temperatures_alone_is_the_group_that_it_was(store):
    for heat in (0.5, 2.0):
        keep_text(store, SPEC.but(temperature=heat), 6)
    (group,) = way_groups(manifests.listed(store, kind="text"))
    assert not is_wide(group)


def test_a_table_has_a_row_a_point_and_measure(store, runs):
    group = group_of(store)
    finished = {run: load_written(store, manifests.load(store, run)) for run in runs}
    texts = texts_of(group, finished)
    assert seeds_of(texts) == [0, 1, 2]
    text = next(iter(finished.values())).text
    judged = {text: Judgement(-5.0, 5)}
    table = quality_table(texts, seeds=[0, 1, 2], judged=judged)
    assert set(table["point"]) == {point.label for point in texts}
    assert {"calls", "perplexity", "entropy", "agreement"} <= set(table["measure"])
    calls = table[table["measure"] == "calls"]
    assert set(calls["mean"]) == {5.0}
    assert len(front(table, "perplexity")) == 1
    assert front(table[table["measure"] != "perplexity"], "perplexity") == []
    point = next(iter(texts))
    shown = sentence_table(texts[point], judged)
    assert shown["judge"].tolist() == [-1.0] * 3
    assert shown["text"].tolist() == [text] * 3
    assert "judge" not in sentence_table(texts[point], {})
    assert isinstance(point, Point)


def test_rules_are_read_with_what_they_read():
    assert rule_fields("quota, quota cosine, threshold 0.8, remask rescale 0.2 cosine") == [
        {"rule": "quota"},
        {"rule": "quota", "schedule": "cosine"},
        {"rule": "threshold", "threshold": 0.8},
        {"rule": "remask", "remasking": "rescale", "eta": 0.2, "schedule": "cosine"},
    ]


def test_a_grid_is_read_from_what_was_typed():
    specs = way_specs({"length": 4}, "0.5, 1,1", "5, ALL", "0:3", "quota", "12")
    assert len(specs) == len(set(specs)) == 12
    assert {(s.top_k, s.top_p) for s in specs} == {(5, None), (None, 1.0)}
    assert {s.temperature for s in specs} == {0.5, 1.0}
    specs = way_specs({"length": 4}, "1", "5", "0:2", "quota, ancestral", "2, 4")
    assert {(s.rule, s.steps) for s in specs} == {
        ("quota", 2), ("quota", 4), ("ancestral", 2), ("ancestral", 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"heats": "hot"}, "temperatures must be numbers"),
        ({"heats": "99"}, "temperature must be 0.01 to 10, got 99"),
        ({"cuts": "<b>"}, "top-k must be whole numbers or all"),
        ({"cuts": "0"}, "top_k must be 1 to 100000, got 0"),
        ({"seeds": "0:2000"}, "runs must be 1 to 1024, got 2000"),
        ({"fields": {"length": 0}}, "length must be 1 to 510, got 0"),
        ({"fields": {"template": "a sea"}}, "must contain at least one"),
        ({"rules": "hope"}, "rules must be among quota.*, got 'hope'"),
        ({"rules": ""}, "rules must be among"),
        ({"rules": "threshold cosine"}, "the rule threshold reads threshold, got 'cosine'"),
        ({"rules": "quota 0.5"}, "the rule quota reads schedule, got '0.5'"),
        ({"rules": "threshold 2"}, "threshold must be"),
        ({"steps": "0"}, "steps must be 1 to 200, got 0"),
        ({"steps": "many"}, "steps must be numbers"),
        ({"steps": "2.5"}, "steps must be a whole number"),
    ],
)
def test_bad_input_is_named(typed, message):
    asked = {
        "fields": {"length": 4}, "heats": "1", "cuts": "5", "seeds": "0:2", "rules": "quota",
        "steps": "12",
    } | typed  # fmt: skip
    with pytest.raises(InvalidInput, match=message.replace("[", r"\[")):
        way_specs(*(asked[n] for n in ("fields", "heats", "cuts", "seeds", "rules", "steps")))


@pytest.mark.parametrize(
    ("held", "chosen"),
    [
        ([{0, 1, 2, 3}] * 3 + [{0, 1}], [0, 1, 2, 3]),  # the point of two is left out
        ([{0, 1, 2, 3}, {0, 1, 2}, {0, 1, 2}], [0, 1, 2]),
        ([{0, 1, 2}, {1, 2, 3}], [1, 2]),
        ([{0, 1}, set()], [0, 1]),
        ([], []),
    ],
)
def test_the_seeds_are_those_on_which_most_texts_are_compared(held, chosen):
    texts = {i: dict.fromkeys(seeds) for i, seeds in enumerate(held)}
    assert seeds_of(texts) == chosen
