"""What a sweep is made of: a base, axes and rules to skip; all of it in the URL."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.data.sweeps import METRICS
from dashboard.ui.choices import url_choice
from dashboard.ui.link import params
from engine.demo import PROMPT
from engine.models.registry import listed_models

AXES = {
    "text": "seed=0:4\ntemperature=0.7,1.2,2.0\ntop_k=none,5",
    "image": "seed=0:4\nguidance=1,4,7.5\nprompt:ocean=ocean,desert",
}
BASE = {"text": "12", "image": PROMPT}
HELP = (
    "One axis a line: name=values, as in seed=0:8, guidance=1,4,7.5 or sampler=ddim,euler. "
    "prompt:ocean=lake,desert puts other words in the place of one. Any setting of a run can be "
    "an axis; one value alone just sets it, as in steps=10."
)


def ask_sweep() -> tuple[str, dict[str, Any], str, str]:
    """(kind, fields of the base, axes, skip rules) as they were typed."""
    kind = url_choice("Kind", "kind", tuple(METRICS), str.capitalize)
    start, model = st.columns([3, 1])
    said = "Prompt" if kind == "image" else "Tokens to write, or a template with [MASK]s"
    typed = start.text_input(said, _linked("base", kind, BASE), key=f"sweep-base-{kind}")
    models = [m.name for m in listed_models() if m.kind == kind and m.available]
    linked = params.get("model")
    index = models.index(linked) if linked in models else 0
    chosen = model.selectbox("Model", models, index=index, key=f"sweep-model-{kind}")
    left, right = st.columns([3, 2])
    axes = left.text_area(
        "Axes", _linked("axes", kind, AXES), key=f"sweep-axes-{kind}", height=120, help=HELP
    )
    skip = right.text_area(
        "Leave out",
        _linked("skip", kind, {}),
        key=f"sweep-skip-{kind}",
        height=120,
        placeholder="guidance=1 sampler=euler",
        help="One rule a line: cells that match all of a line are left out.",
    )
    params.from_dict(
        params.to_dict()
        | {"kind": kind, "base": typed, "axes": axes, "skip": skip, "model": chosen or ""}
    )
    fields: dict[str, Any] = {"model": chosen}
    if kind == "image":
        fields["prompt"] = typed
    elif typed.strip().isdecimal():
        fields["length"] = int(typed)
    else:
        fields["template"] = typed
    return kind, fields, axes, skip


def _linked(name: str, kind: str, usual: dict[str, str]) -> str:
    """The URL's value where it is of this kind's form, else the usual one."""
    if params.get("kind") == kind and name in params:
        return str(params[name])
    return usual.get(kind, "")
