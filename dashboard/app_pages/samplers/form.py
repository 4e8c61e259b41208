"""The form that compares samplers on one prompt and seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.samplers.data import comparison_specs
from dashboard.ui.image_form import say_lost
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.seeds import ask_seed
from engine.image.spec import (
    Accelerator,
    ImageSpec,
)
from engine.models.registry import available_models
from engine.models.scheduler_config import SamplerName
from engine.requests.demo import PROMPT

SAMPLERS = ("ddim", "euler", "heun", "dpm++", "unipc")
CONVERGING = ("ddim", "heun", "euler", "dpm++", "dpm++-karras", "unipc", "pndm")
STEPS = "5, 10, 20, 50"
REFERENCE_STEPS = 100


def ask_samplers(given: Mapping[str, Any]) -> list[ImageSpec]:
    """Widgets for a comparison and the offer to compute it; its specs, [] when it cannot be.

    ``given`` are fields to start from.
    """
    fields = _ask_picture(given)
    left, right, third = st.columns([3, 2, 2])
    samplers = left.multiselect(
        "Samplers", get_args(SamplerName), default=SAMPLERS, key="samplers-chosen"
    )
    fast = [name for name in get_args(Accelerator) if name != "none"]
    accelerators = right.multiselect("Accelerators (on ddim)", fast, key="samplers-fast")
    steps = third.text_input("Steps (1 to 200)", STEPS, key="samplers-steps")
    first, second, last = st.columns([3, 2, 2], vertical_alignment="bottom")
    sampler = first.selectbox("Reference sampler", CONVERGING, key="samplers-reference")
    most = second.number_input(
        "Reference steps (1 to 200)", value=REFERENCE_STEPS, key="samplers-reference-steps"
    )
    alone = last.checkbox(
        "One run at a time",
        value=True,
        key="samplers-exact",
        help="Slower, but every run's time is its own. In a shared batch the runs divide the "
        "time of the batch among them.",
    )
    try:
        specs = comparison_specs(
            fields | {"exact": alone},
            samplers=samplers,
            accelerators=accelerators,
            steps=steps,
            reference=(sampler, most),
        )
        say_lost(specs)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return []
    offer_compute(
        specs,
        title=f"{len(specs)} runs to compare samplers",
        label=f"Compute these {len(specs)} runs",
        key="samplers",
    )
    return specs


def _ask_picture(given: Mapping[str, Any]) -> dict[str, Any]:
    prompt = st.text_input(
        "Prompt", given.get("prompt", PROMPT), key="samplers-prompt", max_chars=4000
    )
    first, second, third, fourth = st.columns([3, 3, 1, 1])
    negative = first.text_input(
        "Negative prompt", given.get("negative_prompt", ""), key="samplers-negative", max_chars=4000
    )
    models = available_models("image")
    model = second.selectbox("Model", models, key="samplers-model", accept_new_options=True)
    seed = ask_seed(third, "Seed", int(given.get("seed", 0)), key="samplers-seed")
    guidance = fourth.number_input(
        "Guidance (1 to 50)", value=float(given.get("guidance", 5.0)), key="samplers-guidance"
    )
    return {
        "prompt": prompt,
        "negative_prompt": negative,
        "model": model or "builtin-sd",
        "seed": seed,
        "guidance": guidance,
    }
