"""An axis chosen from menus: the setting, its values, and a line of the axes is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.ui.link import params
from dashboard.ui.plain import escaped
from engine.chain.specs import Spec
from engine.image.spec import ImageSpec
from engine.text.spec import TextSpec

WORD = "a word of the prompt"
USUAL = {  # a setting that can be an axis, and values that show something
    "text": {
        "seed": "0:4", "temperature": "0.7,1,1.4,2", "top_k": "none,5,20", "top_p": "none,0.9",
        "steps": "4,8,16", "order": "", "rule": "", "schedule": "", "threshold": "0.7,0.9,0.97",
        "factor": "0.5,1,2", "entropy_bound": "0.05,0.1,0.5", "remasking": "",
        "eta": "0.05,0.1,0.3", "block": "none,4", "length": "8,16",
    },
    "image": {
        "seed": "0:4", "guidance": "1,4,7.5", WORD: "", "sampler": "", "steps": "10,25,50",
        "negative_prompt": "", "eta": "0,0.5,1", "guidance_interval": "", "accelerator": "",
    },
}  # fmt: skip
INTERVAL = "none,[0,13],[12,25]"
SPECS: dict[str, type[Spec]] = {"text": TextSpec, "image": ImageSpec}


def offer_axis(kind: str, key: str, prompt: str) -> None:
    """A popover that adds a line to the axes under ``key`` in the session."""
    with st.popover("Add an axis", icon=":material/add:", key=f"axis-menu-{kind}"):
        there = {line.split("=", 1)[0].strip() for line in _axes(key).splitlines()}
        names = sorted(USUAL[kind], key=lambda each: each in there)  # what is no axis yet first
        name = st.selectbox("Setting", names, format_func=_in_words, key=f"axis-name-{kind}")
        word = None
        if name == WORD:
            words = list(dict.fromkeys(w.strip(".,;:!?\"'") for w in prompt.split()))
            word = st.selectbox("Word", [w for w in words if w] or ["?"], key="axis-word")
        values = _ask_values(kind, name)
        axis = f"prompt:{word}" if word else name
        if axis in there:
            st.caption("This is an axis already: its values are replaced.")
        st.button(
            "Replace" if axis in there else "Add", type="primary", key=f"axis-add-{kind}",
            disabled=not values.strip(), on_click=_adder(key, axis, values),
        )  # fmt: skip


def choices_of(kind: str, name: str) -> list[str]:
    """The values of a setting that has a closed set of them; else none."""
    listed = _schema(kind, name).get("enum", ())
    return [str(value) for value in listed]


def bounds_of(kind: str, name: str) -> str:
    """What a number may be, as ``0.01 to 10``; '' where its schema says nothing."""
    schema = _schema(kind, name)
    parts = [schema, *schema.get("anyOf", ())]
    for part in parts:
        low = part.get("minimum", part.get("exclusiveMinimum"))
        if low is not None and "maximum" in part:
            over = "more than " if "exclusiveMinimum" in part else ""
            return f"{over}{low:g} to {part['maximum']:g}"
    return ""


def with_axis(axes: str, name: str, values: str) -> str:
    """The axes with a line for a setting; one that was there is replaced in its place."""
    line, lines = f"{name}={values.strip()}", axes.splitlines()
    at = [i for i, each in enumerate(lines) if each.split("=", 1)[0].strip() == name]
    if at:
        lines[at[0]] = line
    else:
        lines = [each for each in lines if each.strip()] + [line]
    return "\n".join(lines)


def _ask_values(kind: str, name: str) -> str:
    choices = choices_of(kind, name)
    if choices:
        chosen = st.pills(
            "Values", choices, selection_mode="multi", default=choices[:2], key=f"axis-of-{name}"
        )
        return ",".join(chosen)
    usual = INTERVAL if name == "guidance_interval" else USUAL[kind][name]
    typed = st.text_input(
        "Values", value=usual, key=f"axis-values-{kind}-{name}",
        help="Values between commas; 0:8 are the whole numbers from 0 to 7; none where it may be "
        "left unset; words that hold a comma in quotes.",
    )  # fmt: skip
    bounds = bounds_of(kind, name)
    if bounds and name != "seed":
        st.caption(escaped(bounds))
    return str(typed)


def _adder(key: str, name: str, values: str) -> Callable[[], None]:
    def add() -> None:
        st.session_state[key] = with_axis(_axes(key), name, values)
        params["axes"] = st.session_state[key]

    return add


def _axes(key: str) -> str:
    return str(st.session_state.get(key, ""))


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _schema(kind: str, name: str) -> dict[str, Any]:
    properties = SPECS[kind].model_json_schema()["properties"]
    found: dict[str, Any] = properties.get(name, {})
    return found
