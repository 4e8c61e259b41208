"""Choices whose state is in the URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.ui.link import params
from dashboard.ui.state import choice_from_url


def url_choice(
    label: str,
    name: str,
    choices: Sequence[str],
    shown: Callable[[str], str | None] = str,
) -> str:
    """A row of choices whose state is the URL's ``name``; the first one at the start."""
    if st.session_state.get(name) not in choices:
        st.session_state[name] = choice_from_url(name, choices) or choices[0]
    found = st.segmented_control(
        label, choices, key=name, format_func=lambda c: shown(c) or c, required=True
    )
    params[name] = found
    return found
