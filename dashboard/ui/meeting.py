"""Meeting mode: large type, nothing but the page, keys instead of menus. Kept in the URL."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.figures.printed import for_phone, on_dark
from dashboard.figures.template import enlarged
from dashboard.ui.link import params
from dashboard.ui.state import mode, on_phone

NAME = "meeting"  # in the session and in the URL
LEAVE = "leave-meeting"
# one constant of our own, nothing of anybody's: hides what is no page, and scales what is one
STYLE = f"""<style>
html {{ font-size: 20px !important; }}
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stToolbar"] {{
    display: none;
}}
[data-testid="stMainBlockContainer"] {{ padding: 1rem 2rem 3rem; max-width: none; }}
[data-testid="stHeading"] h1 {{ font-size: 1.8rem; padding: 0 0 0.5rem; }}
.st-key-{LEAVE} {{ position: fixed; right: 2rem; top: 0.8rem; width: auto; z-index: 99; }}
.st-key-{LEAVE} button {{ opacity: 0.55; min-height: 0; padding: 0 0.6rem; }}
</style>"""


def in_meeting() -> bool:
    """Whether the page is shown to a room."""
    return bool(st.session_state.get(NAME))


def begin_meeting() -> bool:
    """Called before the page: the mode of this session, at first that of the URL, and its style."""
    if NAME not in st.session_state:
        st.session_state[NAME] = params.get(NAME) == "1"
    if not in_meeting():
        params.pop(NAME, None)
        return False
    params[NAME] = "1"
    st.html(STYLE)
    return True


def offer_meeting() -> None:
    """In the sidebar the way in; in a meeting the way out."""
    if in_meeting():
        st.button("Leave", key=LEAVE, shortcut="Esc", on_click=_switch, args=(False,))
        return
    st.sidebar.button(
        "Meeting mode",
        key="enter-meeting",
        on_click=_switch,
        args=(True,),
        width="stretch",
        help="Large type and no menus. Left and right step, space plays, Escape leaves.",
    )


def as_shown(figure: go.Figure) -> go.Figure | dict[str, Any]:
    """A figure for where it is shown: a meeting's type is larger, a phone's panels are stacked."""
    shown: go.Figure | dict[str, Any] = figure
    if in_meeting():
        shown = enlarged(figure)
    elif on_phone():
        shown = for_phone(figure)
    return on_dark(shown) if mode() == "dark" else shown


def _switch(on: bool) -> None:
    st.session_state[NAME] = on
