"""Left and right keys that move steps, counted in the browser: none is lost while a page is drawn.

Streamlit joins presses of one button that come while it is busy into one. Here the browser counts
them and tells the sum; what the sum has grown by is how far to go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

SEEN = "step-keys-seen"  # in the session: the sum that was heard last
# a constant of our own; fields that read arrow keys themselves keep them
COUNT = """export default function ({ setStateValue }) {
  const keys = (window.stepscopeKeys ??= { sum: 0 });
  keys.tell = setStateValue;
  if (keys.listening) return;
  keys.listening = true;
  window.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const taken = event.target.closest("input, textarea, [role=slider], [role=combobox]");
    if (!by || taken || event.ctrlKey || event.metaKey || event.altKey) return;
    keys.sum += by;
    keys.tell("sum", keys.sum);
    event.preventDefault();
    event.stopImmediatePropagation();  // the buttons' own shortcuts would go once more
  }, true);
}"""
_count = st.components.v2.component("step_keys", js=COUNT)


def hear_step_keys(move: Callable[[int], None]) -> None:
    """Call ``move`` with how many steps the keys went since it was called last."""

    def heard() -> None:
        state: Any = st.session_state.get("step-keys")
        total = int(getattr(state, "sum", None) or 0)
        by = total - st.session_state.get(SEEN, 0)
        st.session_state[SEEN] = total
        if by:
            move(by)

    with st.container(key="step-keys-place", height=1, border=False):
        _count(key="step-keys", on_sum_change=heard)
