"""The forms of a new run, one a kind; their values stay while other pages are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.app_pages.new_run.data import defaults
from dashboard.app_pages.new_run.fields import key_of
from dashboard.app_pages.new_run.image_form import ask_image
from dashboard.app_pages.new_run.text_form import DRAWS, STARTS, ask_corruption, ask_text


def ask(kind: str) -> dict[str, Any]:
    """The values typed for a kind; what a spec's own checks say of them is said elsewhere."""
    for name, value in defaults(kind).items():
        st.session_state.setdefault(key_of(kind, name), value)
    if kind == "text":
        return ask_text()
    return ask_image() if kind == "image" else ask_corruption()


def fill(kind: str, values: Mapping[str, Any]) -> None:
    """Put values into the form of a kind; call it before the form is shown."""
    for name, value in values.items():
        st.session_state[key_of(kind, name)] = value
    if kind == "text":
        template, k, p = (values.get(name) for name in ("template", "top_k", "top_p"))
        st.session_state[key_of(kind, "start")] = STARTS[template is not None]
        st.session_state[key_of(kind, "draw")] = DRAWS[(k is not None) + 2 * (p is not None)]
        st.session_state[key_of(kind, "special")] = not values.get("suppress_special", True)
