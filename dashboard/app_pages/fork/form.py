"""What a fork changes: widgets that start with what is in force at the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app_pages.fork import url
from dashboard.data.rules import LABELS, MOVES, SAID, UNIFORM_SAID, fields_of
from dashboard.ui.plain import escaped
from dashboard.ui.player import chosen_word
from dashboard.ui.seeds import MOST_SEED, ask_seed
from engine.image.spec import (
    ImageSpec,
)
from engine.models.scheduler_config import SamplerName
from engine.text.records import TextRun
from engine.text.spec import MASK, Order, Remasking, Rule, ScheduleName, TextSpec
from engine.text.steering import MOST_GUIDANCE

WRITES = 3
RULE_CHOICES: dict[str, tuple[str, ...]] = {
    "schedule": get_args(ScheduleName),
    "remasking": get_args(Remasking),
}
RULE_BOUNDS = {
    "threshold": (0.01, 1.0),
    "factor": (0.01, 100.0),
    "entropy_bound": (0.0, 100.0),
    "eta": (0.0, 1.0),
    "edit_threshold": (0.01, 1.0),
}
NOWHERE = "nowhere"
HEARD = "fork-chosen"  # in the session: the run and the word that was chosen last
MOST_K = 1_000_000
TAKING_OVER = tuple(name for name in get_args(SamplerName) if name not in ("pndm", "lcm"))


def ask_text(run: TextRun, spec: TextSpec, at: int) -> tuple[dict[str, Any], dict[int, str]]:
    """(fields, words by position) of a text fork after step ``at``; ``spec`` is in force there."""
    key = f"{run.manifest.run[:8]}-{at}"
    link = url.linked()
    heat = url.number(link, "temperature", spec.temperature, 0.01, 10)
    top_k = url.number(link, "top_k", spec.top_k or 0, 0, MOST_K)
    order = url.choice(link, "order", spec.order, get_args(Order))
    seed = url.number(link, "seed", spec.seed, 0, MOST_SEED)
    steps = url.number(link, "steps", spec.steps, 1, 200)
    one, two, three, four, five = st.columns(5)
    fields = {
        "temperature": one.number_input(
            "Temperature (0.01 to 10)", value=heat, step=0.1, key=f"f-temp-{key}"
        ),
        "top_k": two.number_input("Top-k (0: greedy)", value=top_k, min_value=0, key=f"f-k-{key}")
        or None,
        "seed": ask_seed(four, "Seed from here on", seed, key=f"f-seed-{key}"),
        "steps": int(five.number_input("Steps in all", value=steps, key=f"f-steps-{key}")),
    }
    if spec.kernel == "uniform":
        fields |= _ask_uniform(three, spec, link, key)
    else:
        fields["order"] = three.selectbox(
            "Order", get_args(Order), index=get_args(Order).index(order), key=f"f-order-{key}"
        )
        fields |= _ask_rule(spec, link, key)
    fields |= _ask_steering(spec, link, key)
    back = "put a mask back" if run.masked_kernel else "give a place back to the noise by [MASK]"
    st.markdown(f"**Force tokens**: write a word here, or {back}.")
    words, writes = run.words(at), {}
    linked = url.written(link, run.length)
    _take_chosen(run, [place for place, _ in linked], key)
    for number, (where, what) in enumerate(_pairs()):
        place, token = linked[number] if number < len(linked) else (None, None)
        position = where.selectbox(
            "Position",
            [NOWHERE, *range(run.length)],
            index=0
            if place is None or f"f-place-{number}-{key}" in st.session_state
            else place + 1,
            format_func=lambda p: p if p == NOWHERE else f"{p}: {words[p]}",
            key=f"f-place-{number}-{key}",
        )
        if position == NOWHERE:
            continue
        suggested = _suggested(run, at, int(position))
        if position == place and token is not None and token not in suggested:
            suggested = [token, *suggested]
        word = what.selectbox(
            "Token",
            suggested,
            index=suggested.index(token) if position == place and token is not None else 0,
            accept_new_options=True,
            key=f"f-word-{number}-{position}-{key}",
            help="What the model thought of comes first; any token of its vocabulary may be typed.",
        )
        writes[int(position)] = str(word)
    return fields, writes


def _ask_uniform(
    where: DeltaGenerator, spec: TextSpec, link: Mapping[str, str], key: str
) -> dict[str, Any]:
    """What a kernel without masks has in place of rules."""
    corrector = url.number(link, "corrector", spec.corrector, 0.0, 1.0)
    st.caption(UNIFORM_SAID)
    return {
        "corrector": where.number_input(
            "Corrector (0 to 1)", value=corrector, step=0.05, key=f"f-corrector-{key}"
        )
    }


def _ask_steering(spec: TextSpec, link: Mapping[str, str], key: str) -> dict[str, Any]:
    """How strongly what steers the run steers it from here on; what it has not is not asked."""
    fields: dict[str, Any] = {}
    places = iter(st.columns(5))
    may = spec.template is not None and spec.kernel == "absorbing"
    if may and isinstance(spec.guidance, float):
        value = url.number(link, "guidance", spec.guidance, 0.0, MOST_GUIDANCE)
        fields["guidance"] = next(places).number_input(
            f"Guidance (0 to {MOST_GUIDANCE:g})", value=value, step=0.5, key=f"f-guide-{key}"
        )
    if spec.controls:
        value = url.number(link, "control_strength", spec.control_strength, 0.0, 100.0)
        fields["control_strength"] = next(places).number_input(
            "Control strength (0 to 100)", value=value, step=0.5, key=f"f-strength-{key}"
        )
    return fields


def _ask_rule(spec: TextSpec, link: Mapping[str, str], key: str) -> dict[str, Any]:
    """The rule from here on, and the fields that it reads."""
    names, *columns = st.columns(5)
    places = iter(columns)
    fields: dict[str, Any] = {}
    for name in ("rule", *RULE_CHOICES):
        if name != "rule" and name not in fields_of(fields["rule"]):
            continue
        choices = RULE_CHOICES.get(name, get_args(Rule))
        chosen = url.choice(link, name, getattr(spec, name), choices)
        where = names if name == "rule" else next(places)
        fields[name] = where.selectbox(
            escaped(LABELS.get(name, "Rule of a step")),
            choices,
            index=choices.index(chosen),
            key=f"f-{name}-{key}",
        )
    remasking = fields.get("remasking", spec.remasking)
    for name in (n for n in fields_of(fields["rule"], remasking) if n in MOVES):
        low, high = RULE_BOUNDS[name]
        fields[name] = next(places).number_input(
            f"{LABELS[name]} ({low:g} to {high:g})",
            value=url.number(link, name, float(getattr(spec, name)), low, high),
            step=MOVES[name],
            key=f"f-{name}-{key}",
        )
    block = url.number(link, "block", spec.block or 0, 0, 510)
    fields["block"] = (
        next(places).number_input(
            "Block (1 to 510; 0: none)", value=block, min_value=0, key=f"f-block-{key}"
        )
        or None
    )
    st.caption(SAID[fields["rule"]])
    return fields


def ask_image(run: str, spec: ImageSpec, at: int) -> dict[str, Any]:
    """The fields of an image fork after step ``at``; ``spec`` is in force there."""
    key = f"{run[:8]}-{at}"
    link = url.linked()
    prompt = st.text_area(
        "Prompt", link.get("prompt", spec.prompt), height=68, max_chars=4000, key=f"f-prompt-{key}"
    )
    negative = st.text_input(
        "Negative prompt",
        link.get("negative_prompt", spec.negative_prompt),
        key=f"f-negative-{key}",
    )
    one, two, three, four = st.columns(4)
    fields: dict[str, Any] = {"prompt": prompt, "negative_prompt": negative}
    if isinstance(spec.guidance, tuple):
        one.caption("The run has a guidance of its own for every step; it stays.")
    else:
        fields["guidance"] = one.number_input(
            "Guidance (1 to 50)",
            value=url.number(link, "guidance", float(spec.guidance), 1, 50),
            step=0.5,
            key=f"f-guidance-{key}",
        )
    known = list(dict.fromkeys([spec.sampler, *TAKING_OVER]))
    sampler = url.choice(link, "sampler", spec.sampler, tuple(known))
    fields["sampler"] = two.selectbox(
        "Sampler", known, index=known.index(sampler), key=f"f-sampler-{key}"
    )
    if fields["sampler"] == "ddim":
        fields["eta"] = three.number_input(
            "Eta (0 to 1)",
            value=url.number(link, "eta", spec.eta, 0, 1),
            step=0.1,
            key=f"f-eta-{key}",
        )
    else:
        fields["eta"] = 0.0
    fields["seed"] = ask_seed(
        four,
        "Seed of the noise from here on",
        url.number(link, "seed", spec.seed, 0, MOST_SEED),
        key=f"f-seed-{key}",
        hint="Only samplers that draw noise use it: DDIM with eta above 0, DDPM, Euler a.",
    )
    return fields


def _pairs() -> list[tuple[Any, Any]]:
    columns = st.columns(2 * WRITES)
    return list(zip(columns[::2], columns[1::2], strict=True))


def _take_chosen(run: TextRun, linked: Sequence[int], key: str) -> None:
    """A word that a hand has just chosen in the player goes into the first place that is free."""
    chosen = chosen_word()
    if chosen is None or chosen >= run.length:
        return
    if st.session_state.get(HEARD) == (run.manifest.run, chosen):
        return
    st.session_state[HEARD] = run.manifest.run, chosen
    usual = [*linked, *[NOWHERE] * WRITES][:WRITES]
    places = [st.session_state.get(f"f-place-{n}-{key}", usual[n]) for n in range(WRITES)]
    if chosen not in places and NOWHERE in places:
        st.session_state[f"f-place-{places.index(NOWHERE)}-{key}"] = chosen


def _suggested(run: TextRun, at: int, position: int) -> list[str]:
    """What may stand at a position: the next step's candidates there, or a mask."""
    following = run.steps[at + 1] if at + 1 < len(run.steps) else None
    row = following.row(position) if following is not None else None
    if following is None or row is None:
        earlier = [step for step in run.steps[1:] if step.row(position) is not None]
        if not earlier:
            return [MASK]
        last = earlier[-1]
        ids = last.candidates[last.row(position)]
        return [MASK, *(run.pieces[i] for i in np.asarray(ids))]
    return [run.pieces[i] for i in following.candidates[row]]
