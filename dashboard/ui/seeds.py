"""A field for one seed of any size."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.ui.plain import escaped

MOST_SEED = 2**63 - 1
MOST_EXACT = 2**53 - 1  # what a browser's numbers hold exactly


def ask_seed(place: Any, label: str, value: int, *, key: str, hint: str | None = None) -> int:
    """The seed that was given; a text field where a browser's numbers would change it."""
    if abs(value) <= MOST_EXACT:
        return int(place.number_input(label, value=value, key=key, help=hint))
    typed = str(place.text_input(label, str(value), key=f"{key}-typed", help=hint)).strip()
    if typed.isascii() and typed.isdecimal() and int(typed[:30]) <= MOST_SEED:
        return int(typed)
    st.warning(
        f"seed must be 0 to {MOST_SEED:d}, got {escaped(repr(typed[:30]))}; it stays as it was."
    )
    return value
