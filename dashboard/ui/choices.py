"""Choices whose state is in the URL: a link sets the widget, and the widget sets the link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from dashboard.ui.link import params
from dashboard.ui.meeting_link import unless_late
from dashboard.ui.state import choice_from_url, number_from_url

Choice = TypeVar("Choice", bound=str)


def url_choice(
    label: str,
    name: str,
    choices: Sequence[Choice],
    shown: Callable[[Choice], str | None] = str,
    *,
    key: str | None = None,
    alone: bool = False,
    usual: Choice | None = None,
    folded: bool = False,
) -> Choice:
    """A row of choices whose state is the URL's ``name``; ``usual`` or the first one at the start.

    With a ``key`` of its own the choice outlives a visit to another page. ``alone``: another
    choice makes everything else that the URL says void. ``folded``: its label is for screen readers
    alone.
    """
    kept, key = key is not None, key or name
    start = usual or choices[0]
    _take(key, choice_from_url(name, choices), choices, start)
    picked = st.segmented_control(
        label,
        choices,
        key=key,
        format_func=lambda c: shown(c) or c,
        label_visibility="collapsed" if folded else "visible",
        required=True,
        on_change=_put_alone if alone else put_in_link,
        args=(name, key),
        persist_state="session" if kept else None,
    )
    choice = start if picked is None else picked
    params[name] = choice
    return choice


def url_select(
    place: Any,
    label: str,
    name: str,
    choices: Sequence[str],
    *,
    key: str,
    usual: str,
    shown: Callable[[str], str] = str,
    folded: bool = False,
) -> str:
    """A box of choices whose state is the URL's ``name``, kept over a visit to another page.

    ``folded``: its label is for screen readers alone.
    """
    _take(key, choice_from_url(name, choices), choices, usual)
    picked = place.selectbox(
        label,
        choices,
        format_func=shown,
        label_visibility="collapsed" if folded else "visible",
        key=key,
        on_change=put_in_link,
        args=(name, key),
        persist_state="session",
    )
    params[name] = picked
    return str(picked)


def url_slider(
    label: str, name: str, low: int, high: int, *, key: str, usual: int, step: int, shown: str
) -> int:
    """A slider whose state is the URL's ``name``, kept over a visit to another page."""
    linked = number_from_url(name, low, high)
    if linked is not None:
        st.session_state[key] = linked
    st.session_state.setdefault(key, usual)
    picked = st.slider(
        label, low, high, step=step, format=shown, key=key, on_change=put_in_link,
        args=(name, key), persist_state="session",
    )  # fmt: skip
    params[name] = str(picked)
    return int(picked)


def url_toggle(label: str, name: str, *, key: str, hint: str | None = None) -> bool:
    """A switch that is on where the URL's ``name`` is 1, kept over a visit to another page."""
    if name in params:
        st.session_state[key] = choice_from_url(name, ("1",)) is not None
    st.session_state.setdefault(key, False)
    on = st.toggle(
        label, key=key, help=hint, on_change=_put_toggle, args=(name, key), persist_state="session"
    )
    _put_toggle(name, key)
    return bool(on)


@unless_late
def _put_toggle(name: str, key: str) -> None:
    if st.session_state[key]:
        params[name] = "1"
    else:
        params.pop(name, None)


def take_text(name: str, key: str, usual: str) -> None:
    """Put the URL's text, else what stood there, else the usual one into a text field's state."""
    if name in params:
        st.session_state[key] = params[name]
    st.session_state.setdefault(key, usual)


@unless_late
def put_in_link(name: str, key: str) -> None:
    """What a widget holds now, in the URL; for its ``on_change``."""
    params[name] = str(st.session_state[key])


@unless_late
def _put_alone(name: str, key: str) -> None:
    params.from_dict({name: str(st.session_state[key])})


def _take(key: str, linked: str | None, choices: Sequence[str], usual: str) -> None:
    if linked is not None:
        st.session_state[key] = linked
    elif st.session_state.get(key) not in choices:
        st.session_state[key] = usual
