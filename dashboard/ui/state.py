"""What the URL says, checked before any widget reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from dashboard.figures.template import Mode
from dashboard.ui.link import params
from dashboard.ui.plain import escaped


def mode() -> Mode:
    """Light or dark, as the page is shown."""
    theme: Literal["light", "dark"] | None = st.context.theme.type
    return "dark" if theme == "dark" else "light"


def on_phone() -> bool:
    """Whether the browser says that it is a phone's; a narrow window of another is none."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def choice_from_url(name: str, choices: Sequence[str]) -> str | None:
    """A URL value that is one of some choices; says so when it is not."""
    value = params.get(name)
    if value is None or value in choices:
        return value
    st.warning(
        f"The link asks for {escaped(f'{name} {value!r}')}, which is not here; showing the default."
    )
    del params[name]
    return None


def choices_from_url(name: str, choices: Sequence[str]) -> list[str]:
    """A URL's values that are among some choices; says which are not."""
    wanted = list(dict.fromkeys(params.get_all(name)))
    lost = [value for value in wanted if value not in choices]
    if lost:
        st.warning(
            f"The link asks for {escaped(name)} {escaped(', '.join(map(repr, lost)))}, "
            "which is not here."
        )
    return [value for value in wanted if value in choices]


def number_from_url(name: str, low: int, high: int) -> int | None:
    """A URL value that is a whole number within bounds; says so when it is not."""
    value = params.get(name)
    if value is None:
        return None
    if value.isdecimal() and len(value) < 7 and low <= int(value) <= high:
        return int(value)
    asked = escaped(f"{name} {value!r}")
    st.warning(f"The link asks for {asked}; it must be {low:d} to {high:d}.")
    del params[name]
    return None
