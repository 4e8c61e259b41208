"""A run's picture in the corner of a figure while the pointer is over that run's place in it.

In the browser alone: no message goes to the server, and a picture is asked for when it is shown. A
figure takes part by the ``customdata`` of its points, which is the run's id or begins with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")
_pictures = st.components.v2.component("hover_pictures", js=SCRIPT)


def show_pictures_on_hover(addresses: Mapping[str, str]) -> None:
    """Called by a page whose figures have runs as points: the address of each run's picture."""
    with st.container(key="hover-pictures", height=1, border=False):
        _pictures(key="pictures-on-hover", data={"addresses": dict(addresses)})
