"""Shift with the arrow keys, heard in the browser as counts: pages may be slower than hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

KEY, SEEN = "cell-moves", "cell-moves-seen"
MOST = 10_000  # moves that a browser may tell of
SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")
_keys = st.components.v2.component("cell_keys", js=SCRIPT)


def hear_moves(move: Callable[[int, int], None], *, cell: str) -> None:
    """Call ``move`` with the cells to go down and to the right whenever keys were pressed.

    It stands where a cell was opened, and another ``cell`` is scrolled into sight.
    """

    def heard() -> None:
        moved = (st.session_state.get(KEY) or {}).get("moved")
        if not (isinstance(moved, list) and len(moved) == 2):
            return
        down, right = (int(n) if isinstance(n, int) and abs(n) < MOST else 0 for n in moved)
        before = st.session_state.get(SEEN, (0, 0))
        st.session_state[SEEN] = (down, right)
        move(down - before[0], right - before[1])

    with st.container(key="cell-keys", height=1, border=False):
        _keys(key=KEY, on_moved_change=heard, data={"cell": cell})
