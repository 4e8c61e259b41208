"""What a hand points at is marked in the sentence and in every figure of positions at once.

In the browser alone: no message goes to the server. A figure takes part by what its layout says:
``meta={"positions": "lines"}`` with ``meta={"position": n}`` in each trace, or "rows" or "columns"
where an axis is the positions. A click on a figure with ``meta={"steps": True}`` sends the player
to the step of its x.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")
_linked = st.components.v2.component("linked", js=SCRIPT)


def link_positions() -> None:
    """Called by a page whose figures and sentence shall mark one another."""
    with st.container(key="linked-positions", height=1, border=False):
        _linked(key="linked")
