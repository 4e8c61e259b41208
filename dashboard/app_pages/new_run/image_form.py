"""What the form of a new image run asks."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import InvalidInput, StepscopeError
from dashboard.app_pages.new_run.data import bounds
from dashboard.app_pages.new_run.fields import (
    SEEDS_HELP,
    area,
    key_of,
    number,
    one_of,
    pick_model,
    tick,
    typed,
)
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain.axis_values import shown, whole_number
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.spec import Accelerator, Precision
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import find_model
from engine.models.scheduler_config import SamplerName

IMAGE_STEPS = (
    "A step takes away part of the noise. It is one model call, or two where guidance is above 1 "
    "or the sampler evaluates the model twice."
)


def ask_image() -> dict[str, Any]:
    """The values typed for a picture."""
    kind = "image"
    prompt = area(kind, "prompt", "Prompt")
    model, seeds, steps, where, guidance = st.columns([2.6, 1.8, 1.5, 1.5, 2])
    sampler = one_of(where, kind, "sampler", "Sampler", get_args(SamplerName))
    values = {
        "prompt": prompt,
        "model": pick_model(model, kind),
        "seed": typed(seeds, kind, "seed", "Seeds", SEEDS_HELP),
        "steps": number(steps, kind, "steps", "Steps", hint=IMAGE_STEPS),
        "sampler": sampler,
        "guidance": typed(
            guidance,
            kind,
            "guidance",
            "Guidance (1 to 50)",
            "One scale; several with commas between, a run each; or one for each step with "
            "spaces between. 1 is the prompt alone.",
        ),
    }
    with st.expander("More settings"):
        values |= _ask_image_more(sampler)
    values |= _ask_start(kind)
    return values


def _ask_image_more(sampler: str) -> dict[str, Any]:
    kind = "image"
    negative = st.text_input(
        "Negative prompt", key=key_of(kind, "negative_prompt"), persist_state="session"
    )
    width, height, eta, precision, accelerator = st.columns(5)
    own = _own_size(str(st.session_state[key_of(kind, "model")]))
    values: dict[str, str | int | float | None] = {
        "negative_prompt": negative,
        "width": _side(width, "width", own),
        "height": _side(height, "height", own),
        "precision": one_of(precision, kind, "precision", "Precision", get_args(Precision)),
        "accelerator": one_of(
            accelerator, kind, "accelerator", "Accelerator", get_args(Accelerator)
        ),
    }
    if sampler == "ddim":
        values["eta"] = number(eta, kind, "eta", "Eta", step=0.1)
    else:
        eta.text_input("Eta", "only with ddim", disabled=True)
    values["exact"] = tick(kind, "exact", "Exact: one run at a time, a pipeline's own bits")
    return values | _ask_interval(kind)


def _ask_interval(kind: str) -> dict[str, Any]:
    """The steps that guidance is kept to (Kynkäänniemi et al. 2024), typed as ``5:20``."""
    key = key_of(kind, "interval")
    given = st.session_state.pop(key_of(kind, "guidance_interval"), None)
    if given is not None:
        st.session_state[key] = f"{given[0]}:{given[1]}"
    typed = st.text_input(
        "Guide only these steps",
        key=key,
        placeholder="all of them; 5:20 for the 5th to the 20th",
        persist_state="session",
    )
    if not typed.strip():
        return {}
    steps = [whole_number(part) for part in typed.split(":")]
    if len(steps) != 2 or None in steps:
        raise InvalidInput(f"guidance_interval must be two steps as in 5:20, got {shown(typed)}")
    return {"guidance_interval": tuple(steps)}


def _ask_start(kind: str) -> dict[str, Any]:
    """The picture that a run was made from, carried over when its spec was."""
    init = st.session_state[key_of(kind, "init_image")]
    if init is None:
        return {}
    if not the_store().has(image_keys.picture_key(init)):
        st.warning("The picture that run was made from is not in this store: starting from noise.")
        st.session_state[key_of(kind, "init_image")] = None
        return {}
    shown, asked, dropped = st.columns([1, 2, 5], vertical_alignment="bottom")
    shown.image(image_stored.load_picture(the_store(), init), width=96)
    strength = number(asked, kind, "strength", "Strength", step=0.05)
    dropped.button("Start from noise instead", on_click=_forget_start, args=(kind,))
    return {"init_image": init, "strength": strength}


def _forget_start(kind: str) -> None:
    st.session_state[key_of(kind, "init_image")] = None


def _own_size(model: str) -> tuple[int, int] | None:
    try:
        facts = pipeline_facts(find_model(model))
    except StepscopeError:
        return None
    return facts.width, facts.height


def _side(where: DeltaGenerator, name: str, own: tuple[int, int] | None) -> int | None:
    size = "its own" if own is None else f"its own: {own[name == 'height']}"
    return where.number_input(
        f"{escaped(name.capitalize())} ({bounds('image', name)}, in 8s)",
        value=None,
        step=8,
        placeholder=size,
        key=key_of("image", name),
        persist_state="session",
    )
