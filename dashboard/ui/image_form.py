"""What the forms of image comparisons ask for, and the request they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

import streamlit as st

from cache.errors import InvalidInput, StepscopeError
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.stores import the_store
from engine.chain.axis_values import parse_values, shown
from engine.image.picture_cut import cut_lines
from engine.image.precisions import auto_precision
from engine.image.spec import (
    ImageSpec,
)
from engine.models.registry import available_models
from engine.models.scheduler_config import SamplerName
from engine.requests.demo import PROMPT
from engine.requests.lost_words import lost_lines
from engine.requests.plans import AnySpec
from engine.requests.sweeps import expand, parse_seeds

MOST_RUNS = 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form was given: the fields of a spec, and its axes as they were typed."""

    fields: Mapping[str, Any]
    axis: str
    seeds: str


def ask_image(
    name: str,
    *,
    axis: str,
    axis_label: str,
    values: Sequence[float],
    seeds: str,
    given: Mapping[str, Any],
) -> Asked:
    """The widgets that every comparison has; ``given`` are fields to start from."""
    prompt = st.text_area(
        "Prompt", given.get("prompt", PROMPT), key=f"{name}-prompt", height=68, max_chars=4000
    )
    left, right = st.columns(2)
    negative = left.text_input(
        "Negative prompt", given.get("negative_prompt", ""), key=f"{name}-negative", max_chars=4000
    )
    models = available_models("image")
    model = right.selectbox("Model", models, key=f"{name}-model", accept_new_options=True)
    first, second, third, fourth = st.columns(4)
    typed = first.text_input(
        axis_label, ", ".join(f"{value:g}" for value in values), key=f"{name}-{axis}"
    )
    typed_seeds = second.text_input(
        "Seeds", seeds, key=f"{name}-seeds", help="As in 0:8 (8 left out) or 1, 5, 9."
    )
    steps = third.number_input("Steps", value=given.get("steps", 25), key=f"{name}-steps")
    samplers = list(get_args(SamplerName))
    sampler = fourth.selectbox("Sampler", samplers, key=f"{name}-sampler")
    fields = {
        "prompt": prompt,
        "negative_prompt": negative,
        "model": model or "builtin-sd",
        "steps": steps,
        "sampler": cast(SamplerName, sampler),
        "precision": auto_precision(),
    }
    return Asked(fields, typed, typed_seeds)


def offer_comparison(
    name: str, asked: Asked, *, axis: str, fixed: Mapping[str, Any], title: str
) -> list[ImageSpec]:
    """The grid of specs that a form asks for, offered to be computed; [] when it cannot be."""
    try:
        values = dict.fromkeys(_numbers(asked.axis, axis))
        seeds = dict.fromkeys(parse_seeds(asked.seeds.replace(" ", "")))
        if not 1 <= len(values) * len(seeds) <= MOST_RUNS:
            raise InvalidInput(f"runs must be 1 to {MOST_RUNS}, got {len(values) * len(seeds)}")
        # a base that is valid by itself: the axis' own first value
        base = ImageSpec(**asked.fields, **fixed, **{axis: next(iter(values))})
        specs = list(expand(base, {axis: list(values), "seed": list(seeds)}))
        say_lost(specs)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return []
    offer_compute(specs, title=title, label=f"Compute these {len(specs)} runs", key=name)
    return specs


def _numbers(text: str, name: str) -> list[float]:
    values = parse_values(text.replace(" ", ""), name=name)
    if not all(type(value) in (int, float) for value in values):
        raise InvalidInput(f"{name} must be numbers as in 0.5, 0.75 or 1, 5, got {shown(text)}")
    return values


def say_lost(specs: Sequence[AnySpec]) -> None:
    """What of some specs their models will not hear, and what of a start picture is cut off."""
    try:
        lines = [*lost_lines(specs), *cut_lines(the_store(), _from_pictures(specs))]
    except StepscopeError:
        return  # the plan says what is wrong with the model
    for line in lines:
        st.text(line)


def _from_pictures(specs: Sequence[AnySpec]) -> list[ImageSpec]:
    """One spec of each model, start picture and size."""
    once: dict[tuple[object, ...], ImageSpec] = {}
    for spec in specs:
        if isinstance(spec, ImageSpec) and spec.init_image is not None:
            once[(spec.model, spec.init_image, spec.width, spec.height)] = spec
    return list(once.values())
