"""Texts of a way, what they cost, their measures and the front of the best."""

import math

import pytest

from engine.experiments.text_quality import (
    MEASURES,
    Way,
    Written,
    measured,
    pareto,
    way_of,
    written_of,
)
from engine.judge.records import Judgement, perplexity
from engine.metrics.bootstrap import bootstrap_ratio
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.spec import TextSpec


def text(seed: int, words: str, calls: int = 2, nats: float = -1.0) -> Written:
    tokens = tuple(ord(c) for c in words)
    return Written(f"r{seed}", seed, tokens, words, calls, len(words) / calls, 0.5, nats)


def test_a_way_is_named_by_its_rule_and_what_that_reads():
    cases = {
        "quota": {},
        "quota cosine margin": {"schedule": "cosine", "order": "margin"},
        "threshold 0.8": {"rule": "threshold", "threshold": 0.8},
        "remask conf": {"rule": "remask"},
        "remask cosine rescale 0.2": {
            "rule": "remask", "schedule": "cosine", "remasking": "rescale", "eta": 0.2,
        },
        "ancestral blocks of 4": {"rule": "ancestral", "block": 4},
        "entropy-bound 0.1 entropy": {"rule": "entropy-bound", "order": "entropy"},
    }  # fmt: skip
    for rule, fields in cases.items():
        spec = TextSpec(length=8, steps=6, **fields)
        assert way_of(spec.facts()) == Way(rule, 6)
    assert Way("quota", 4).label == "quota, 4 steps"


def test_what_is_measured_of_a_run(store, tiny_bert):
    base = TextSpec(model=tiny_bert, length=6, steps=3, top_k=5)
    specs = [base, base.but(rule="threshold", threshold=0.01)]
    counted, sure = (
        written_of(text_stored.load_text_run(store, run)) for run in compute(store, specs).runs
    )
    assert (counted.calls, counted.tokens_per_call) == (3, 2.0)
    assert (sure.calls, sure.tokens_per_call) == (1, 6.0)
    assert len(counted.tokens) == 6
    assert counted.log_probability < 0
    assert counted.seconds > 0


def test_measures_are_those_of_the_texts():
    texts = [text(0, "abcd"), text(1, "aabb", calls=4), text(2, "aaaa", nats=-3.0)]
    judged = {t.text: Judgement(-float(i + 1), 4) for i, t in enumerate(texts)}
    full = {t.seed: text(t.seed, "abbb", calls=4) for t in texts}
    found = measured(texts, judged=judged, full=full)
    assert list(found) == list(MEASURES)
    assert found["calls"].mean == pytest.approx(8 / 3)
    assert found["perplexity"].mean == pytest.approx(perplexity(judged.values()))
    assert found["perplexity"].low < found["perplexity"].mean < found["perplexity"].high
    assert found["entropy"].mean == pytest.approx((math.log(4) + math.log(2)) / 3)
    assert found["repetition"].mean == pytest.approx((0 + 0 + 2 / 3) / 3)
    assert found["agreement"].mean == pytest.approx((2 + 3 + 1) / 12)
    assert found["log_probability"].mean == pytest.approx(-5 / 3)


def test_what_is_not_known_of_all_is_left_out():
    texts = [text(0, "abcd"), text(1, "aabb")]
    found = measured(texts, judged={"abcd": Judgement(-1.0, 4)}, full={0: texts[0]})
    assert "perplexity" not in found
    assert "agreement" not in found
    assert "perplexity" not in measured(texts)


def test_the_front_is_what_nothing_betters():
    points = [(4, 10.0), (8, 3.0), (8, 5.0), (16, 4.0), (32, 2.0), (5, float("nan"))]
    assert pareto(points, larger_is_better=False) == [0, 1, 4]
    assert pareto(points, larger_is_better=True) == [0]
    assert pareto([], larger_is_better=True) == []


def test_a_ratio_is_drawn_with_both_of_its_values():
    ratio = bootstrap_ratio([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (ratio.mean, ratio.low, ratio.high) == (1, 1, 1)
    assert bootstrap_ratio([1.0, 9.0], [1.0, 1.0]).mean == 5
    assert math.isnan(bootstrap_ratio([1.0], [2.0]).low)
    assert math.isnan(bootstrap_ratio([], []).mean)
