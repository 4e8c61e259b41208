"""The player of steps: all frames of the shown runs are in the browser, the URL follows.

What a hand moves moves in the browser at once, without a message. When it has rested for a quarter
of a second Python hears of the step: the URL is set, and the figures below follow.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.data.scenes import Scene
from dashboard.figures.template import GRID, PAPER, SCALE
from dashboard.ui.link import params
from dashboard.ui.state import mode, number_from_url

KEY, SENT, WORD, LOOK = "player", "player-sent", "word", "look"
# rows, mode, first and second picture, amount, gain, guesses: see player.js
LOOKS = re.compile(r"(both|latents|predicted_x0|story|)~[a-z]{0,12}(~\d{0,3}){4}~[01]")
SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")
_player = st.components.v2.component("player", js=SCRIPT)


def play(
    scene: Scene,
    *,
    what: str,
    plays: bool = False,
    arrives: bool = False,
    first: int | None = None,
    strip: tuple[int, int] | None = None,
) -> int:
    """Show the player; the position of its slider, 0 to ``scene.last``, that the page is to show.

    ``what`` names what is shown, as the runs' ids: for others the browser stands where the page
    says and not where a hand has left it. ``plays``: it begins by itself, where people have not
    asked for less motion and no link says where to stand. ``arrives``: a click has opened it, and
    it comes into view. ``first``: where it stands when nobody has said, else at the end.
    ``strip``: the first and last step of its strip, else all. Call it inside a fragment.
    """
    sent = st.session_state.get(SENT)
    step = _step(scene.last, what, sent, scene.last if first is None else first)
    # where a hand has moved meanwhile stands unless the page itself has gone elsewhere
    if sent is None or sent["what"] != what or sent["heard"] != step:
        turn = 0 if sent is None else sent["turn"] + 1
        sent = {
            "what": what, "turn": turn, "step": step, "plays": plays and "step" not in params
        }  # fmt: skip
    sent |= {"heard": step, "linked": str(step), "last": scene.last}
    st.session_state[SENT], st.session_state["step"] = sent, step
    shown = mode()
    _player(
        key=KEY,
        data={
            "scene": f"{scene.digest()}-{shown}",
            "placed": f"{what}-{sent['turn']}",
            "step": sent["step"],
            "view": looked_at(),
            "word": chosen_word(),
            "last": scene.last,
            "strip": strip,
            "plays": sent["plays"],
            "arrives": arrives,
            "labels": scene.labels,
            "panels": scene.panels,
            "abreast": scene.abreast,
            "scale": SCALE[shown],
            "paper": PAPER[shown],
            "fixed": GRID[shown],
        },
        on_step_change=_hear_step,
        on_word_change=_hear_word,
        on_view_change=_hear_view,
    )
    params["step"] = str(step)
    return step


def chosen_word() -> int | None:
    """The position of the word that was chosen in the player; kept in the URL."""
    wanted = params.get(WORD, "")
    return int(wanted) if wanted.isdecimal() and len(wanted) < 5 else None


def looked_at() -> str:
    """How the player's pictures are looked at, as its script says it; kept in the URL."""
    look = params.get(LOOK, "")
    return look if LOOKS.fullmatch(look) else ""


def choose_word(position: int) -> None:
    """Choose a word for the player to mark."""
    params[WORD] = str(position)


def _step(last: int, what: str, sent: dict[str, Any] | None, usual: int) -> int:
    """Where to stand: as a new link says, else where a hand was, else as is usual.

    Whoever stood at the end of other runs, longer or shorter ones, stands at the end.
    """
    linked = params.get("step")
    if linked is not None and (sent is None or linked != sent["linked"]):
        asked = number_from_url("step", 0, last)
        return usual if asked is None else asked
    if sent is None or (linked is None and sent["what"] != what):
        return usual
    stood = int(st.session_state["step"])
    if sent["what"] != what and stood == sent["last"]:
        return last
    return max(0, min(last, stood))


def _heard(name: str) -> Any:
    return (st.session_state.get(KEY) or {}).get(name)


def _hear_step() -> None:
    step = _heard("step")
    if isinstance(step, int) and not isinstance(step, bool):
        st.session_state["step"] = step
        if st.session_state.get(SENT):
            st.session_state[SENT]["heard"] = step


def _hear_word() -> None:
    position = _heard("word")
    params.pop(WORD, None)
    if isinstance(position, int) and 0 <= position < 10_000:
        params[WORD] = str(position)


def _hear_view() -> None:
    view = _heard("view")
    if isinstance(view, str) and LOOKS.fullmatch(view):
        params[LOOK] = view
