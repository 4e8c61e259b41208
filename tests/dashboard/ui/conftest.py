"""The files that an AppTest's download buttons would give."""

from __future__ import annotations

import pytest
import streamlit as st


class Downloads(dict[str, bytes]):
    """What each download button of the last runs gives, by its key; made when it is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.made: list[str] = []

    def __getitem__(self, key: str) -> bytes:
        self.made.append(key)
        return super().__getitem__(key)()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Downloads:
    """Every download button that is drawn from here on."""
    buttons, draw = Downloads(), st.download_button

    def drawn(label, data, file_name, mime, *, key, **how):
        assert callable(data)  # no file is made before a click
        dict.__setitem__(buttons, key, data)
        buttons.names[key] = file_name
        return draw(label, data, file_name, mime, key=key, **how)

    monkeypatch.setattr(st, "download_button", drawn)
    return buttons
