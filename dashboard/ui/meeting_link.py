"""The number in the links of a meeting: what comes with an older one is late.

A browser asks for looks by itself, and a slow one asks with the link that it had before this
server sent it on. So in a meeting every page that is drawn, and every move to another place, gives
the link a number (``meet=<board>.<number>``): what comes with an older one is no move of anybody.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from typing import ParamSpec

import streamlit as st

from dashboard.ui.link import Value, open_page, params

P = ParamSpec("P")
NAME = "meet"  # in the URL: 16 digits of the board's id, and the number
SENT = "meet-sent"  # in the session: the number that was sent to the browser last
LAST = "meet-last"  # where this session was sent last: (page, query, when)
LATE_S = 6.0  # how long an older link of who moves by themselves is taken for late, not for Back


def number() -> int | None:
    """The number in the link; None where it has none, as in one that somebody sends."""
    digits = params.get(NAME, "").partition(".")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def is_late() -> bool:
    """Whether the browser asks with a link that it had before the last one it was sent."""
    own = number()
    return own is not None and own < _sent()


def unless_late(hear: Callable[P, None]) -> Callable[P, None]:
    """For the ``on_change`` of a widget that the server moves, too: a late state is no choice.

    A browser that has not heard of the move yet says what its widget held before.
    """

    @functools.wraps(hear)
    def heard(*args: P.args, **kwargs: P.kwargs) -> None:
        if not is_late():
            hear(*args, **kwargs)

    return heard


def give_number(board: str) -> None:
    """Called before a page is drawn: the link that it will have."""
    params[NAME] = f"{board[:16]}.{_sent() + 1}"


def keep_number() -> None:
    """Called when a page is drawn and its link is sent."""
    st.session_state[SENT] = number() or _sent()


def numbered(page: str, query: Mapping[str, Value]) -> dict[str, Value]:
    """A query to go to, in a meeting with a number of its own, and remembered; else as it is."""
    board = params.get(NAME, "").partition(".")[0]
    if not board:
        return dict(query)
    st.session_state[SENT] = _sent() + 1
    there: dict[str, Value] = {**query, NAME: f"{board}.{_sent()}"}
    st.session_state[LAST] = (page, there, time.monotonic())
    return there


def go_back_to_last(page: str) -> None:
    """Where somebody went a moment ago and their browser has not come to yet, go there again."""
    where, query, when = st.session_state.get(LAST) or ("", {}, 0.0)
    if not where or time.monotonic() - when > LATE_S:
        return
    if where == page:
        params.send_now(query)
    else:
        open_page(f"app_pages/{where}/page.py", query)


def _sent() -> int:
    return int(st.session_state.get(SENT, 0))
