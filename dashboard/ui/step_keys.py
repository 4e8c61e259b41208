"""Left and right keys that move steps: the browser hands them to the slider, which loses none.

Streamlit joins presses of one button that come while it is busy into one. A slider is moved in the
browser, and what is sent is where it stands.
"""

from __future__ import annotations

import streamlit as st

# a constant of our own; fields that read arrow keys themselves keep them
TO_SLIDER = """export default function () {
  if (window.stepscopeKeys) return;
  window.stepscopeKeys = true;
  window.addEventListener("keydown", (event) => {
    const arrow = ["ArrowLeft", "ArrowRight"].includes(event.key);
    const taken = event.target.closest("input, textarea, [role=slider], [role=combobox]");
    const slider = document.querySelector(".st-key-step input[type=range]");
    if (!arrow || taken || !slider || !document.querySelector(".st-key-step-keys-place")) return;
    const key = { key: event.key, bubbles: true, cancelable: true };
    slider.dispatchEvent(new KeyboardEvent("keydown", key));
    event.preventDefault();
    event.stopImmediatePropagation();  // the buttons' own shortcuts would go once more
  }, true);
}"""
_to_slider = st.components.v2.component("step_keys", js=TO_SLIDER)


def hear_step_keys() -> None:
    """From here on left and right move the page's slider of steps."""
    with st.container(key="step-keys-place", height=1, border=False):
        _to_slider(key="step-keys")
