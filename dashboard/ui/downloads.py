"""A file to take home, made when it is asked for and not before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from cache.errors import StepscopeError
from dashboard.ui.jobs import say_trouble

TROUBLES = "download-troubles"  # in the session: why a file could not be made, by its button's key


def offer_file(
    label: str,
    make: Callable[[], bytes],
    *,
    file_name: str,
    mime: str,
    key: str,
    hint: str | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """A button that makes a file on a click, in a thread of its own, and downloads it.

    The page goes on meanwhile. A file that could not be made is told of under the button the next
    time the page is drawn; the browser only says that it failed.
    """
    troubles: dict[str, str] = st.session_state.setdefault(TROUBLES, {})

    def made() -> bytes:
        troubles.pop(key, None)
        try:
            return make()
        except StepscopeError as error:
            troubles[key] = str(error)
            raise

    st.download_button(
        label, made, file_name, mime, key=key, help=hint, on_click="ignore", width=width
    )
    if key in troubles:
        say_trouble("This file could not be made.", troubles.pop(key))
