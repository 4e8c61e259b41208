"""Sliders for what steers a text, over one stored step."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from dashboard.app_pages.text_unmasking import what_if
from dashboard.data.export import inert
from dashboard.ui.export import show_figure
from dashboard.ui.state import mode
from engine.text.records import TextRun
from engine.text.spec import TextSpec
from engine.text.steering import MOST_GUIDANCE

MOST_STRENGTH = 30.0


def show_what_if(run: TextRun, step: int, number: int) -> None:
    """The words that a step would hold at other scales, beside what it held."""
    taken = run.steps[step]
    if step == 0 or not len(taken.choices):
        st.info(
            "What if guidance or control were stronger? Needs a step of a run with one of them: "
            "New run asks for them under More settings."
        )
        return
    spec = TextSpec.parse(run.manifest.spec).at_step(step)
    guidance, strength = spec.guidance_at(step), spec.control_strength
    one, two = st.columns(2)
    if what_if.guided(taken):
        guidance = one.slider(
            f"Guidance (this step's own: {guidance:g})", 0.0, MOST_GUIDANCE, guidance, 0.25,
            key=f"if-guidance-{number}-{step}",
        )  # fmt: skip
    if what_if.controlled(taken):
        strength = two.slider(
            f"Control strength (this step's own: {strength:g})",
            0.0,
            max(MOST_STRENGTH, strength),
            strength,
            0.25,
            key=f"if-strength-{number}-{step}",
        )
    scales = {"guidance": guidance, "strength": strength}
    table = partial(what_if.what_if_table, run, step, **scales)
    show_figure(
        what_if.what_if_sentence(run, step, **scales, mode=mode()),
        name=f"what-if-{number}",
        data=table,
    )
    st.caption(
        "Grey: words that stand. Colour: the likeliest word at these scales and its share of the "
        "stored choices; framed: another than at the step's own scales (what it held was drawn). "
        "From this step's stored predictions, without a model call; what would have followed is "
        "not known."
    )
    st.dataframe(inert(table()), hide_index=True, width="stretch")
    _say_controls(run, spec, step)


def _say_controls(run: TextRun, spec: TextSpec, step: int) -> None:
    met = run.steps[step].satisfied
    for control, value in zip(spec.controls, met.tolist(), strict=False):
        said = "no measure" if np.isnan(value) else f"{value:.2f} of 1"
        st.text(f"{control}: {said} after this step")
