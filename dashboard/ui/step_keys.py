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
  const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  window.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const taken = event.target.closest("input, textarea, [role=slider], [role=combobox]");
    const slider = document.querySelector(".st-key-step input[type=range]");
    if (!by || taken || !slider || !document.querySelector(".st-key-step-keys-place")) return;
    slider.focus({ preventScroll: true });
    value.set.call(slider, Number(slider.value) + by);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    slider.dispatchEvent(new Event("change", { bubbles: true }));
    event.preventDefault();
    event.stopImmediatePropagation();  // the buttons' own shortcuts would go once more
  }, true);
}"""
_to_slider = st.components.v2.component("step_keys", js=TO_SLIDER)


def hear_step_keys() -> None:
    """From here on left and right move the page's slider of steps."""
    with st.container(key="step-keys-place", height=1, border=False):
        _to_slider(key="step-keys")
