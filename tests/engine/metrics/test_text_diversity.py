import math

import numpy as np
import pytest
from hypothesis import strategies as st

from engine.metrics.text_diversity import (
    distinct,
    distinct_scorer,
    ngram_similarity,
    self_bleu,
    self_bleu_scores,
)
from engine.metrics.vendi import vendi_score

WORDS = st.lists(st.sampled_from("abc"), max_size=8)


def test_distinct_by_hand():
    texts = [["a", "b", "a"], ["a", "b"]]
    assert distinct(texts, 1) == 2 / 5
    assert distinct(texts, 2) == 2 / 3
    assert math.isnan(distinct([["a"]], 2))


def test_self_bleu_ends():
    assert self_bleu(["the old boat sails home"] * 3) == pytest.approx(100)
    assert self_bleu(["one two three four", "five six seven eight"]) == pytest.approx(0, abs=1e-6)
    assert math.isnan(self_bleu(["alone"]))


def test_similarity_is_symmetric_with_ones_on_the_diagonal():
    k = ngram_similarity([["a", "b", "c"], ["a", "b", "d"], ["x"]])
    assert np.allclose(k, k.T)
    assert np.allclose(np.diag(k), 1)
    assert k[0, 1] > k[0, 2] == 0


def test_vendi_of_texts():
    assert vendi_score(ngram_similarity([["a", "b"]] * 4)) == pytest.approx(1)
    assert vendi_score(ngram_similarity([["a", "b"], ["c", "d"]])) == pytest.approx(2)


def test_distinct_of_a_subset_is_that_of_its_texts():
    texts = ["a b a".split(), "a c".split(), ["d"]]
    for n in (1, 2):
        score = distinct_scorer(texts, n)
        for places in ([0], [0, 1], [1, 2], [0, 1, 2]):
            assert score(np.array(places)) == distinct([texts[i] for i in places], n)
        assert np.isnan(distinct_scorer([["d"]], 2)(np.array([0])))


def test_self_bleu_is_the_mean_of_its_scores():
    texts = ["the sea is calm", "the sea is blue", "a boat sails by"]
    scores = self_bleu_scores(texts)
    assert len(scores) == 3
    assert scores[0] > scores[2]
    assert self_bleu(texts) == pytest.approx(np.mean(scores))
