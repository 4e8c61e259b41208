import enum
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.errors import InvalidInput
from cache.keys import MAX_DEPTH, canonical_json, digest, key, step_key

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
SMALL = st.recursive(  # few values, so that equal pairs and near misses come up often
    st.sampled_from([None, True, False, 0, 1, 0.0, 1.0, -0.0, 0.5, "", "0", "1", "null"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=3,
)


def same(a, b):
    """Equality of JSON values, where True is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if type(a) in (int, float) and type(b) in (int, float):
        return a == b
    return type(a) is type(b) and a == b


@given(SMALL, SMALL)
def test_two_facts_have_one_key_exactly_when_they_are_the_same(a, b):
    assert (key("x", a) == key("x", b)) == same(a, b)


@given(PLAIN, PLAIN)
def test_facts_that_differ_have_keys_that_differ(a, b):
    assert (key("x", a) == key("x", b)) == same(a, b)


@given(st.dictionaries(TEXT, NUMBERS | TEXT | st.lists(TEXT, max_size=2), max_size=5))
def test_the_order_of_names_does_not_matter(facts):
    assert key("x", facts) == key("x", dict(reversed(facts.items())))


@given(st.floats(allow_nan=False, allow_infinity=False).filter(float.is_integer))
def test_a_whole_float_is_its_integer(number):
    assert canonical_json(number) == canonical_json(int(number)) == str(int(number))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_to_the_bit(number):
    assert float(canonical_json(number)) == number


def test_negative_zero_is_zero_and_a_tuple_is_a_list():
    assert canonical_json(-0.0) == "0"
    assert canonical_json((1, (2,))) == canonical_json([1, [2]]) == "[1,[2]]"


def test_text_is_not_normalised():
    composed, decomposed = "\u00e9", "e\u0301"
    assert key("x", composed) != key("x", decomposed)
    assert canonical_json({"s": composed + "\U0001f30a"}) == '{"s":"\u00e9\U0001f30a"}'


def test_keys_of_an_older_release_stay_the_same():
    facts = {"b": [1, 2.5, None, True], "a": "sea", "c": {"z": -0.0, "y": 1e22, "x": 1e-7}}
    text = '{"a":"sea","b":[1,2.5,null,true],"c":{"x":1e-07,"y":10000000000000000000000,"z":0}}'
    assert canonical_json(facts) == text
    assert key("text", facts) == digest(b"stepscope 1\ntext\n" + text.encode())
    assert key("text", {}) == "91c30b11b4d47b11226f7e64ab32fb2e454f2a69187fac0e042a433f04241bc5"
    assert (
        step_key("0" * 64, {"temperature": 1.0})
        == "3a9614db68b6d828c7752a7af0e09eb4f3f76613118a79c4b2164f55a61c2b8a"
    )


def test_the_kind_and_the_previous_key_count():
    assert key("x", 1) != key("y", 1)
    assert step_key("a" * 64, 1) != step_key("b" * 64, 1)


@pytest.mark.parametrize("kind", ["", "Text", "te xt", "x\ny", "é", "a" * 33])
def test_a_kind_is_a_short_word(kind):
    with pytest.raises(InvalidInput, match="kind must be"):
        key(kind, 1)


@pytest.mark.parametrize("previous", ["", "a", "A" * 64, "g" * 64, "a" * 65, "a" * 64 + "\n"])
def test_a_step_follows_a_whole_key(previous):
    with pytest.raises(InvalidInput, match="previous must be"):
        step_key(previous, 1)


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    "bad",
    [
        math.nan,
        math.inf,
        -math.inf,
        {1: 2},
        {"a": {True: 3}},
        {"a": {None: 3}},
        b"bytes",
        {1, 2},
        pytest.param(object(), id="object()"),
        Colour.RED,
        np.float64(1.0),
        np.int64(1),
        np.zeros(2),
        1j,
        2**1024,
        "\ud800",
        {"\udfff": 1},
    ],
    ids=repr,
)
def test_what_has_no_stable_text_is_refused(bad):
    with pytest.raises(InvalidInput, match="facts must"):
        key("x", bad)
    with pytest.raises(InvalidInput, match="facts must"):
        key("x", {"deep": [bad]})


def test_nesting_is_bounded():
    deep: object = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    canonical_json(deep)
    with pytest.raises(InvalidInput, match="nested at most"):
        canonical_json([deep])
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InvalidInput, match="nested at most"):
        canonical_json(loop)
