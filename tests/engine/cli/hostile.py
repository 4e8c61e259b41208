"""Values that nobody should send, for every parser of what people type and of what links say."""

import string

from hypothesis import strategies as st

PIECES = (
    "seed", "prompt", "prompt:sea", "guidance", "model", "temperature", "template", "=", ":", ",",
    "\"", "\"\"", "[", "]", "{", "}", "[{}]", "[[1]]", "[MASK]", "null", "none", "true", "True",
    "NaN", "nan", "inf", "-inf", "Infinity", "1e999", "1e3", "0", "-1", "1", "2", "1:", "0:3", "²",
    "³", "٣", "½", "1_0", "0x10", "9" * 21, "9" * 5000, "-" + "9" * 400, "\0", "\udce9", "é", "\n",
    "\r", "\t", " ", "~", "~nosuchuser/x", "/", "/dev/null", "/proc/x", "a" * 300, "a" * 5000,
    "[" * 3000, "[" * 3000 + "]" * 3000, '{"a":' * 400, "\\", "\\u0000", "%", "💥", "\u202e",
)  # fmt: skip

TRAPS = (
    "0:" + "9" * 20, "-" + "9" * 20 + ":" + "9" * 20, "0:4096,0:4096", "1:2:3:4", "0:5:0", "²:³",
    "3:³", "٣:٤", "seed=0:99999999999999999999", "guidance=[{}]", 'prompt=[{"a":1}]',
    "seed=" + "[" * 3000, 'prompt:sea="a', "prompt:=x", "prompt:sea=[1984]", "0,²", "5=x", "²=x",
    "9" * 5000 + "=x", "set=[[1]]", "guidance=[[[1]]]", "[[1],[2]]", "[{}]", "[null]", '["a"]',
    "[1e999]", "[NaN]", "[" + "9" * 5000 + "]", ",", ",,", "all,²", "kind=text", "changes=1",
)  # fmt: skip

words = st.text(string.printable + "²٣é\0\udce9💥", max_size=30)
typed = st.one_of(
    st.sampled_from(PIECES),
    words,
    st.lists(st.one_of(st.sampled_from(PIECES), words), max_size=8).map("".join),
    st.text(max_size=50),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from((10**30, -(10**30), 10**400, 10**4000, 2**63, 2**63 - 1, 0, 1, 8)),
    st.floats(),
    typed,
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    max_leaves=6,
)
