import contextlib
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cache.errors import InvalidInput, PayloadError, PayloadTooLarge
from cache.payload import DTYPES, MAX_HEADER_BYTES, Payload, from_bytes, to_bytes

ANY_ARRAY = arrays.arrays(
    dtype=st.sampled_from(sorted(DTYPES)).map(np.dtype),
    shape=arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(-(2**128), 2**128) | st.floats(allow_nan=False, allow_infinity=False)
META = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | NUMBERS | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)


@given(st.dictionaries(TEXT.filter(bool), ANY_ARRAY, max_size=3), META)
def test_round_trip_keeps_bits_dtypes_shapes_and_meta(named, meta):
    back = from_bytes(to_bytes(Payload(arrays=named, meta=meta)))
    assert back.meta == meta
    assert back.arrays.keys() == named.keys()
    for name, array in named.items():
        assert back.arrays[name].dtype == array.dtype
        assert back.arrays[name].shape == array.shape
        assert back.arrays[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("dtype", sorted(DTYPES))
def test_scalars_and_empty_arrays_keep_their_shape(dtype):
    named = {"scalar": np.ones((), dtype), "empty": np.zeros((3, 0, 2), dtype)}
    back = from_bytes(to_bytes(Payload(arrays=named))).arrays
    assert back["scalar"].shape == ()
    assert back["scalar"] == 1
    assert back["empty"].shape == (3, 0, 2)
    assert back["empty"].dtype == dtype


def test_a_view_is_stored_as_it_looks():
    grid = np.arange(12, dtype=np.int32).reshape(3, 4)
    named = {"t": grid.T, "s": grid[:, ::2], "b": grid.astype(">i4"), "f": np.asfortranarray(grid)}
    back = from_bytes(to_bytes(Payload(arrays=named))).arrays
    for name, array in named.items():
        assert np.array_equal(back[name], array)


def test_tuples_come_back_as_lists():
    meta = {"step_keys": ("a", ("b",))}
    assert from_bytes(to_bytes(Payload(meta=meta))).meta == {"step_keys": ["a", ["b"]]}


def test_what_comes_back_cannot_be_written_to():
    back = from_bytes(to_bytes(Payload(arrays={"x": np.zeros(3)})))
    with pytest.raises(ValueError, match="read-only"):
        back.arrays["x"][0] = 1


@pytest.mark.parametrize("dtype", [object, "U3", "S3", "datetime64[s]", "complex64", "i4,f4"])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(InvalidInput, match=r"array 'a' must be bool"):
        to_bytes(Payload(arrays={"a": np.zeros(1, dtype=dtype)}))


@pytest.mark.parametrize("value", [[1, 2], 3.0, None, np.float32(1)])
def test_only_arrays_are_arrays(value):
    with pytest.raises(InvalidInput, match=r"array 'a' must be bool"):
        to_bytes(Payload(arrays={"a": value}))


@pytest.mark.parametrize("name", ["", "__metadata__", 3, b"a"])
def test_names_are_text(name):
    with pytest.raises(InvalidInput, match="name must be text"):
        to_bytes(Payload(arrays={name: np.zeros(1)}))


@pytest.mark.parametrize(
    "meta",
    [
        {"a": math.nan},
        {"a": [math.inf]},
        {"a": b"x"},
        {"a": {1, 2}},
        {"a": {1: 2}},
        {1: 2},
        {"a": np.float32(1)},
        {"a": "\ud800"},
        ["a"],
    ],
    ids=repr,
)
def test_meta_must_be_json(meta):
    with pytest.raises(InvalidInput, match="meta must"):
        to_bytes(Payload(meta=meta))


def test_meta_is_not_nested_without_end():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InvalidInput, match="nested at most"):
        to_bytes(Payload(meta={"a": loop}))


def test_a_huge_header_is_refused_both_ways():
    with pytest.raises(PayloadTooLarge, match="names and meta"):
        to_bytes(Payload(meta={"a": "x" * MAX_HEADER_BYTES}))
    to_bytes(Payload(meta={"a": "x" * (MAX_HEADER_BYTES - 1000)}))
    with pytest.raises(PayloadTooLarge, match="names and meta"):
        from_bytes((MAX_HEADER_BYTES + 1).to_bytes(8, "little") + b" " * (MAX_HEADER_BYTES + 1))


def with_header(header, body=b""):
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


OURS = {"__metadata__": {"stepscope": "{}"}}
WHOLE = to_bytes(Payload(arrays={"x": np.arange(4)}, meta={"i": 1}))


def entry(dtype, shape, end):
    return OURS | {"a": {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        b"\x00" * 8,
        WHOLE[:-1],
        WHOLE + b"x",
        with_header({}),
        with_header([1]),
        with_header({"__metadata__": {"other": "{}"}}),
        with_header({"__metadata__": {"stepscope": "[]"}}),
        with_header({"__metadata__": {"stepscope": "{"}}),
        with_header({"__metadata__": {"stepscope": '{"a": NaN}'}}),
        with_header({"__metadata__": {"stepscope": '{"a": %s}' % ("9" * 5000)}}),
        with_header({"__metadata__": {"stepscope": '{"a": %s}' % ("[" * 100_000)}}),
        with_header(entry("F32", [9], 36)),
        with_header(entry("F32", [-1], 4), b"1234"),
        with_header(entry("F32", [2**62], 4), b"1234"),
        with_header(entry("BF16", [1], 2), b"12"),
        with_header(entry("C64", [1], 8), b"12345678"),
        with_header(entry("BOOL", [2], 2), b"\x01\x02"),
        with_header(entry("O", [1], 1), b"1"),
    ],
    ids=range(20),
)
def test_bytes_that_are_no_payload_are_refused(data):
    with pytest.raises(PayloadError, match="not a payload"):
        from_bytes(data)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_changed_bytes_raise_nothing_but_payload_error(at, change):
    data = bytearray(WHOLE)
    data[at] ^= change
    with contextlib.suppress(PayloadError):  # the frame around it tells what this cannot
        from_bytes(bytes(data))
