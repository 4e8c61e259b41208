"""The form that makes a comparison of control strengths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.text_control.data import control_specs
from dashboard.ui.jobs import offer_compute, say_trouble
from engine.chain.axis_values import whole_number
from engine.models.registry import available_models
from engine.text.spec import MODEL_OF, TextSpec

CONTROLS = "must:sea\nrhyme:light"
STRENGTHS = "0, 2, 4, 8, 12"
SEEDS = "0:8"
LENGTH = "10"
TOP_K = 20


def ask_control(given: Mapping[str, Any]) -> list[TextSpec]:
    """Widgets for a comparison and the offer to compute it; its specs, [] when it cannot be.

    ``given`` are fields to start from.
    """
    start, model = st.columns([3, 1])
    typed = start.text_input(
        "Tokens to write, or a template with [MASK]s",
        given.get("template") or str(given.get("length") or LENGTH),
        max_chars=4000,
        key="control-start",
    )
    models = [name for name in available_models("text") if name != MODEL_OF["uniform"]]
    named = model.selectbox("Model", models, key="control-model", accept_new_options=True)
    words, strengths, seeds = st.columns([4, 3, 2])
    controls = words.text_area(
        "Controls, one a line",
        "\n".join(given.get("controls", ())) or CONTROLS,
        height=96,
        key="control-controls",
        help="must:WORD, avoid:WORD, words:N, ends:LETTERS, rhyme:WORD, fluency:WEIGHT, or "
        "topic:SENTENCES with | between.",
    )
    scales = strengths.text_input("Strengths (0 to 100)", STRENGTHS, key="control-strengths")
    drawn = seeds.text_input("Seeds", SEEDS, key="control-seeds", help="As in 0:8 or 1, 5, 9.")
    length = whole_number(typed)
    fields: dict[str, Any] = {"template": typed} if length is None else {"length": length}
    fields |= {
        "model": named or MODEL_OF["absorbing"],
        "steps": given.get("steps", 12),
        "top_k": given.get("top_k", TOP_K),
        "controls": tuple(line.strip() for line in controls.splitlines() if line.strip()),
    }
    try:
        specs = control_specs(fields, scales, drawn)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return []
    offer_compute(
        specs,
        title=f"texts over {len(specs)} strengths and seeds",
        label=f"Compute these {len(specs)} texts",
        key="control",
    )
    return specs
