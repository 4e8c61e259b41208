"""What a sweep is made of: a base, axes and rules to skip; all of it in the URL."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app_pages.sweep.axis_menu import offer_axis
from dashboard.app_pages.sweep.data import METRICS
from dashboard.ui.choices import put_in_link, take_text, url_choice, url_select
from dashboard.ui.link import params
from engine.chain.axis_values import whole_number
from engine.models.registry import available_models
from engine.requests.demo import PROMPT

AXES = {
    "text": "seed=0:4\ntemperature=0.7,1.2,2.0\ntop_k=5",
    "image": "seed=0:4\nguidance=1,4,7.5\nprompt:ocean=ocean,desert",
}
BASE = {"text": "12", "image": PROMPT}
HELP = (
    "One axis a line: name=values, as in seed=0:8, guidance=1,4,7.5 or sampler=ddim,euler; for "
    "texts also rule=quota,threshold,remask. prompt:ocean=lake,desert puts other words in the "
    "place of one. Any setting of a run can be an axis; one value alone just sets it, as in "
    "steps=10."
)


def ask_sweep() -> tuple[str, dict[str, Any], str, str]:
    """(kind, fields of the base, axes, skip rules) as they were typed."""
    kind = url_choice("Kind", "kind", tuple(METRICS), str.capitalize, key="sweep-kind", alone=True)
    start, model = st.columns([3, 1])
    said = "Prompt" if kind == "image" else "Tokens to write, or a template with [MASK]s"
    typed = _text(start.text_input, said, "base", kind, BASE[kind])
    models = available_models(kind)
    chosen = url_select(model, "Model", "model", models, key=f"sweep-model-{kind}", usual=models[0])
    left, right = st.columns([3, 2])
    with left:
        axes = _text(st.text_area, "Axes", "axes", kind, AXES[kind], height=120, help=HELP)
        offer_axis(kind, f"sweep-axes-{kind}", typed)
    skip = _text(
        right.text_area,
        "Leave out",
        "skip",
        kind,
        "",
        height=120,
        placeholder="guidance=1 sampler=euler",
        help="One rule a line: cells that match all of a line are left out.",
    )
    fields: dict[str, Any] = {"model": chosen}
    if kind == "image":
        fields["prompt"] = typed
    elif (length := whole_number(typed)) is not None:
        fields["length"] = length
    else:
        fields["template"] = typed
    return kind, fields, axes, skip


def _text(widget: Any, label: str, name: str, kind: str, usual: str, **more: Any) -> str:
    """A field of text, in the URL, and there again when one comes back from another page."""
    key = f"sweep-{name}-{kind}"
    take_text(name, key, usual)
    typed = widget(
        label, key=key, on_change=put_in_link, args=(name, key), persist_state="session", **more
    )
    params[name] = typed
    return str(typed)
