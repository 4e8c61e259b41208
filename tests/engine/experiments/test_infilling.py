import numpy as np
import pytest

from cache.errors import InvalidInput
from engine.experiments.infilling import commitments, hidden_texts
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.spec import MASK
from tests.conftest import WORDS

KNOWN = frozenset(WORDS)
TEXTS = ["The old boat sails over the sea.", "Moon, stars!", "zzz qqq"]


def hide(**more):
    options = {"order": "confidence", "model": "m"} | more
    return list(hidden_texts(TEXTS, [0.25, 1.0], KNOWN, **options))


def test_only_known_words_are_hidden_and_more_of_them_at_a_higher_ratio():
    found = hide()
    assert [(h.text, h.ratio) for h in found] == [
        (text, ratio) for text in TEXTS[:2] for ratio in (0.25, 1.0)
    ]
    few, all_of_them = found[0], found[1]
    assert len(few.words) == 2
    assert all_of_them.spec.template == " ".join([MASK] * 8)
    assert "stars" in found[3].spec.template
    assert all(h.spec.mask_count == len(h.words) for h in found)
    assert few.spec.template.replace(MASK, "_").count("_") == 2


def test_every_order_rule_hides_the_same_words():
    first, second = hide(), hide(order="random")
    assert [h.spec.template for h in first] == [h.spec.template for h in second]
    assert [h.words for h in hide(seed=1)] != [h.words for h in first]


def test_a_ratio_out_of_bounds_is_named():
    with pytest.raises(InvalidInput, match="ratio must be above 0 and at most 1, got 0"):
        list(hidden_texts(TEXTS, [0.0], KNOWN, order="random", model="m"))


def test_commitments_are_compared_with_what_stood_there(store, tiny_bert):
    found = list(hidden_texts(TEXTS[:1], [0.5], KNOWN, order="confidence", model=tiny_bert))
    computed = compute(store, [h.spec for h in found])
    runs = [text_stored.load_text_run(store, run) for run in computed.runs]
    measured = commitments(list(zip(found, runs, strict=True)))
    assert len(measured.right) == found[0].spec.mask_count
    assert set(measured.ratio) == {0.5}
    words = runs[0].words(-1)
    masked = np.flatnonzero(runs[0].steps[0].tokens == runs[0].mask_id)
    hits = sum(words[p] == word for p, word in zip(masked, found[0].words, strict=True))
    assert measured.right.sum() == hits
