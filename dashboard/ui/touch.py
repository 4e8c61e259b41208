"""A finger on a figure scrolls the page, and a tap is a click on what lies under it.

Plotly takes every touch for a drag, and clicks what the tap before it had pointed at. Where it does
not see the touch, the browser scrolls, and sends the mouse of a tap, which Plotly reads rightly.
"""

from __future__ import annotations

import streamlit as st

from dashboard.ui.state import on_phone

SCRIPT = """export default function () {
  if (window.stepscopeTouch) return;
  window.stepscopeTouch = true;
  const untouched = (event) => {
    if (event.target.closest?.(".js-plotly-plot")) event.stopPropagation();
  };
  for (const name of ["touchstart", "touchmove", "touchend"]) {
    window.addEventListener(name, untouched, { capture: true, passive: true });
  }
}"""
STYLE = (
    "<style>.js-plotly-plot, .js-plotly-plot * { touch-action: manipulation !important; }</style>"
)
_touch = st.components.v2.component("touch", js=SCRIPT)


def leave_touches_to_the_page() -> None:
    """Called once for a page, before its figures."""
    if not on_phone():
        return
    st.html(STYLE)
    with st.container(key="touch", height=1, border=False):
        _touch(key="touches")
