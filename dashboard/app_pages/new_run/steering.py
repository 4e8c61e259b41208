"""What steers a text, as a form has it: guidance and controls as they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.new_run.data import bounds
from engine.models.diffusion_file import noise_words
from engine.models.registry import find_model
from engine.models.text_folder import text_facts
from engine.text.spec import KernelName

CONTROLS_HELP = (
    "One a line: must:sea, avoid:sea, words:9, ends:ing, rhyme:light, fluency:0.5, or topic: with "
    "example sentences and | between."
)


def kernel_of(model: str) -> KernelName:
    """The kernel that a model was trained for; the first one where the model cannot be found."""
    try:
        found = find_model(model)
        return "absorbing" if noise_words(found, text_facts(found).rows) is None else "uniform"
    except StepscopeError:
        return "absorbing"


def ask_steering(kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Guidance, where there is a template, and controls; values as they are typed."""
    values: dict[str, Any] = {}
    if "template" in asked and asked.get("kernel") != "uniform":
        scale, steps = st.columns(2)
        values["guidance"] = scale.text_input(
            "Guidance by the template's words (0 to 20)",
            key=f"new-{kind}-guidance",
            help="One scale, or one for each step with spaces between; 0 is without. Each guided "
            "step asks the model once more, with the template's words masked.",
            persist_state="session",
        )
        values["guidance_interval"] = steps.text_input(
            "Guide only these steps",
            key=f"new-{kind}-guidance_interval",
            placeholder="all of them; 2:6 for the 2nd to the 6th",
            persist_state="session",
        )
    listed, strength = st.columns([3, 1])
    values["controls"] = listed.text_area(
        "Controls", key=f"new-{kind}-controls", height=68, help=CONTROLS_HELP,
        persist_state="session",
    )  # fmt: skip
    if str(values["controls"]).strip():
        values["control_strength"] = strength.number_input(
            f"Strength ({bounds(kind, 'control_strength')})",
            step=0.5,
            key=f"new-{kind}-control_strength",
            persist_state="session",
        )
    return values
