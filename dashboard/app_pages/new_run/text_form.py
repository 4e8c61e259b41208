"""What the form of a new text run asks, and that of a corruption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import streamlit as st

from dashboard.app_pages.new_run.data import bounds
from dashboard.app_pages.new_run.fields import (
    SEEDS_HELP,
    area,
    key_of,
    known,
    number,
    one_of,
    pick_model,
    row,
    tick,
    typed,
)
from dashboard.app_pages.new_run.steering import ask_steering, kernel_of
from dashboard.data.rules import LABELS, MOVES, SAID, UNIFORM_SAID, fields_of, reads_order
from engine.text.spec import ALWAYS_DRAWS, Coupling, Order, Remasking, Rule, ScheduleName

STARTS = ("nothing but masks", "a template")
MASK = "[MASK]"
NOISE = "nothing but noise"  # what the first is called of a kernel without masks
DRAWS = ("greedy", "top-k", "top-p", "both")
CHOICES = {"schedule": get_args(ScheduleName), "remasking": get_args(Remasking)}
TEXT_STEPS = "A step is one model call; it reveals what the rule says."


def ask_text() -> dict[str, Any]:
    """The values typed for a text."""
    kind = "text"
    where, seeds, steps = st.columns([3, 2, 1.5])
    values = {
        "model": pick_model(where, kind),
        "seed": typed(seeds, kind, "seed", "Seeds", SEEDS_HELP),
        "steps": number(steps, kind, "steps", "Steps", hint=TEXT_STEPS),
    }
    kernel = kernel_of(str(values["model"]))
    if kernel == "uniform":
        values |= _ask_uniform(kind)
    else:
        values |= _ask_rule(kind)
    choice, written = st.columns([3, 5])
    start = row(
        choice,
        key_of(kind, "start"),
        "Start from",
        STARTS,
        shown={STARTS[0]: NOISE} if kernel == "uniform" else {},
    )
    if start == STARTS[0]:
        facts = known(str(values["model"]))
        most = None if facts is None else facts.longest
        values["length"] = number(written.columns(3)[0], kind, "length", "Tokens", most=most)
    else:
        values["template"] = typed(
            written, kind, "template", "Template: [MASK] stands where a token is to be written"
        )
        masks = str(values["template"]).upper().count(MASK)
        if values.get("rule") == "quota" and 0 < masks < int(values["steps"]):
            st.caption(f"Its {masks:d} masks take {masks:d} steps: each reveals one at least.")
    choice, *others = st.columns([3, 1.65, 1.65, 1.7])
    places = iter(others)
    draw = row(choice, key_of(kind, "draw"), "Tokens are chosen", DRAWS, default=DRAWS[1])
    if draw == "greedy" and (kernel == "uniform" or values["rule"] in ALWAYS_DRAWS):
        what = "kernel" if kernel == "uniform" else "rule"
        choice.caption(f"This {what} draws: from the whole distribution.")
    if draw in ("top-k", "both"):
        values["top_k"] = number(next(places), kind, "top_k", "Top-k")
    if draw in ("top-p", "both"):
        values["top_p"] = number(next(places), kind, "top_p", "Top-p", step=0.05)
    values["temperature"] = number(next(places), kind, "temperature", "Temperature", step=0.1)
    values |= _ask_text_more(kind, values)
    return values


def _ask_text_more(kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    with st.expander("More settings"):
        values["suppress_special"] = not tick(
            kind, "special", "Let [UNK], [PAD], [CLS], [SEP] and [MASK] be written"
        )
        values["exact"] = tick(kind, "exact", "Exact: one seed at a time, the classic recipe")
        values |= ask_steering(kind, asked)
        if asked.get("kernel") == "uniform":
            return values
        values["block"] = st.number_input(
            f"Block: so many positions at a time, left to right ({bounds(kind, 'block')})",
            value=None,
            step=1,
            placeholder="no blocks: all of the text",
            key=key_of(kind, "block"),
            persist_state="session",
        )
        if asked["rule"] == "remask" and asked.get("remasking") != "conf":
            values |= _ask_loop(kind)
    return values


def _ask_loop(kind: str) -> dict[str, Any]:
    """ReMDM's loop phase: nothing where it is not wanted."""
    begins, ends, kept = st.columns(3)
    value = begins.number_input(
        f"Loop phase from time ({bounds(kind, 't_on')})",
        value=None,
        step=0.05,
        placeholder="none; 0.55 in the paper",
        help="Time runs from 1 to 0. In the loop as many stay masked as were when it began, and "
        "tokens are taken back and written anew; before and after it nothing is taken back.",
        key=key_of(kind, "t_on"),
        persist_state="session",
    )
    if value is None:
        return {}
    return {
        "t_on": value,
        "t_off": number(ends, kind, "t_off", "To time", step=0.05),
        "alpha_on": number(kept, kind, "alpha_on", "Share written", step=0.05),
    }


def _ask_uniform(kind: str) -> dict[str, Any]:
    """A kernel whose noise is words: its schedule, and its corrector."""
    schedule, corrector, _ = st.columns([2, 2, 3])
    values = {
        "kernel": "uniform",
        "schedule": one_of(schedule, kind, "schedule", "Schedule", get_args(ScheduleName)),
        "corrector": number(corrector, kind, "corrector", "Corrector", step=0.05),
    }
    st.caption(UNIFORM_SAID)
    return values


def _ask_rule(kind: str) -> dict[str, Any]:
    """What a step reveals and takes back: the rule, what it means, and the fields it reads."""
    names, *columns = st.columns([2, 2, 1.5, 1.5, 2])
    places = iter(columns)
    rule = cast(Rule, one_of(names, kind, "rule", "Rule of a step", get_args(Rule)))
    values: dict[str, Any] = {"rule": rule}
    if reads_order(rule):
        label = "Order of unmasking"
        values["order"] = one_of(next(places), kind, "order", label, get_args(Order))
    remasking = cast(Remasking, st.session_state[key_of(kind, "remasking")])
    for name in fields_of(rule):
        if name in CHOICES:
            chosen = one_of(next(places), kind, name, LABELS[name], CHOICES[name])
            values[name] = chosen
            remasking = cast(Remasking, chosen) if name == "remasking" else remasking
        elif name in fields_of(rule, remasking):
            values[name] = number(next(places), kind, name, LABELS[name], step=MOVES[name])
    st.caption(SAID[rule])
    return values


def ask_corruption() -> dict[str, Any]:
    """The values typed for a corruption."""
    kind = "corruption"
    text = area(kind, "text", "Text to corrupt")
    where, seeds, steps, schedule, coupling = st.columns([2.6, 1.8, 1.5, 1.5, 1.6])
    model = pick_model(where, kind, of="text")
    kernel = kernel_of(model)
    if kernel == "uniform":
        st.caption("This model's kernel is uniform: words are redrawn, not masked.")
    return {
        "kernel": kernel,
        "text": text,
        "model": model,
        "seed": typed(seeds, kind, "seed", "Seeds", SEEDS_HELP),
        "steps": number(steps, kind, "steps", "Steps"),
        "schedule": one_of(schedule, kind, "schedule", "Schedule", get_args(ScheduleName)),
        "coupling": one_of(coupling, kind, "coupling", "Coupling", get_args(Coupling)),
    }
