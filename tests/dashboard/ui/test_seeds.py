"""A seed of any size is kept to the last digit."""

import pytest
from streamlit.testing.v1 import AppTest

BIG = 2**63 - 1


def page():
    import streamlit as st

    from dashboard.ui.seeds import ask_seed

    st.text(str(ask_seed(st, "Seed", int(st.session_state["given"]), key="seed")))


def opened(seed: int) -> AppTest:
    at = AppTest.from_function(page, default_timeout=30)
    at.session_state["given"] = str(seed)
    return at.run()


@pytest.mark.parametrize("seed", [0, 2**53 - 1, 2**53, BIG])
def test_a_seed_of_any_size_is_shown_and_kept(seed):
    at = opened(seed)
    assert not at.exception
    assert at.text[0].value == str(seed)


@pytest.mark.parametrize("typed", ["-1", "x", str(2**63), "9" * 200, "¹"])
def test_what_is_no_seed_is_named(typed):
    at = opened(BIG)
    at.text_input[0].set_value(typed).run()
    assert not at.exception
    assert f"seed must be 0 to {BIG}" in at.warning[0].value
    assert at.text[0].value == str(BIG)
