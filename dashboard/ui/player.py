"""A step slider with play, back and forward; its state is the URL's ``step``."""

from __future__ import annotations

import time

import streamlit as st

from dashboard.ui.link import params, rerun_page
from dashboard.ui.meeting import in_meeting
from dashboard.ui.state import number_from_url
from dashboard.ui.step_keys import hear_step_keys

TICK_S = 0.7
PAINT_S = 0.05
KEYS = {"back": "Left", "play": "Space", "forward": "Right"}  # in a meeting


def playing() -> bool:
    """Whether the player runs by itself."""
    return bool(st.session_state.get("playing"))


def step_player(last: int) -> int:
    """The step that is shown, 0 to ``last``; call it inside a fragment that reruns every tick."""
    # a click reruns only the fragment; whether it ticks is decided by the page around it
    if st.session_state.pop("started-or-stopped", False):
        rerun_page()
    if "step" not in st.session_state:
        linked = number_from_url("step", 0, last)
        st.session_state["step"] = last if linked is None else linked
    # only then: what is assigned here overrides where a hand has moved the slider meanwhile
    if st.session_state["step"] > last:  # noqa: PLR1730
        st.session_state["step"] = last
    if playing():
        _tick(last)
    if in_meeting():
        hear_step_keys()
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    at_end = st.session_state["step"] >= last
    keys = KEYS if in_meeting() else {}
    bar.button(
        "◀",
        on_click=_move,
        args=(-1, last),
        key="back",
        help="One step back",
        shortcut=keys.get("back"),
    )
    bar.button(
        "Pause" if playing() else "Play",
        on_click=_toggle,
        args=(at_end,),
        key="play",
        help="Play the steps" if not playing() else "Pause",
        shortcut=keys.get("play"),
    )
    bar.button(
        "▶",
        on_click=_move,
        args=(1, last),
        key="forward",
        help="One step on",
        shortcut=keys.get("forward"),
    )
    step = bar.slider("Step", 0, max(1, last), key="step")
    params["step"] = str(step)
    return min(step, last)


def picture_first() -> None:
    """Let the browser paint what it was sent before it gets what takes longer to draw.

    Sent together, the sentence or the picture waits for every chart below it.
    """
    if st.session_state.get("painted-step") != st.session_state.get("step"):
        st.session_state["painted-step"] = st.session_state.get("step")
        time.sleep(PAINT_S)


def _tick(last: int) -> None:
    if st.session_state["step"] < last:
        st.session_state["step"] += 1
    else:
        st.session_state["playing"] = False
        rerun_page()


def _move(by: int, last: int) -> None:
    st.session_state["started-or-stopped"] = playing()
    st.session_state["playing"] = False
    st.session_state["step"] = min(last, max(0, st.session_state["step"] + by))


def _toggle(at_end: bool) -> None:
    st.session_state["started-or-stopped"] = True
    st.session_state["playing"] = not playing()
    if at_end:
        st.session_state["step"] = 0
