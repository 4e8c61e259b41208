import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.strict_json import JsonRefused, strict_json

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_are_read_as_they_are(value):
    assert strict_json(json.dumps(value).encode(), most_bytes=10**6) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"NaN", "finite"),
        (b"-Infinity", "finite"),
        (b"-1e999", "finite"),
        (b"[1, " + b"1" * 21 + b"]", "at most 20 digits, got 21"),
        (b"[" * 34 + b"]" * 34, "at most 32 deep"),
        (b"[" * 200_000, "at most 32 deep"),
        (b'{"a": 1, "a": 2}', "each name once"),
        (b'{"a": {"b": 1, "b": 1}}', "each name once"),
        (b"\xff", "is no JSON"),
        (b"", "is no JSON"),
        (b"1 2", "is no JSON"),
        (b" " * 101, "must be at most 100 bytes, got 101"),
    ],
)
def test_what_no_careful_writer_writes_is_refused(text, told):
    bound = 100 if text.isspace() else 10**6
    with pytest.raises(JsonRefused, match=told):
        strict_json(text, most_bytes=bound)


def test_the_deepest_that_is_read():
    assert strict_json(b"[" * 32 + b"]" * 32, most_bytes=100)
