"""The form that makes a grid of texts over rules, steps, temperature and top-k."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.text_ways import way_specs
from dashboard.ui.jobs import offer_compute, say_trouble
from engine.chain.axis_values import whole_number
from engine.models.registry import available_models
from engine.text.spec import Order, TextSpec

TEMPERATURES = "0.5, 0.8, 1, 1.3, 1.8"
CUTS = "5, 50, all"
SEEDS = "0:8"
LENGTH = "12"


def ask_diversity(given: Mapping[str, Any]) -> list[TextSpec]:
    """Widgets for a grid and the offer to compute it; its specs, [] when it cannot be.

    ``given`` are fields to start from.
    """
    start, model = st.columns([3, 1])
    typed = start.text_input(
        "Tokens to write, or a template with [MASK]s",
        given.get("template") or str(given.get("length") or LENGTH),
        max_chars=4000,
        key="diversity-start",
    )
    models = available_models("text")
    named = model.selectbox("Model", models, key="diversity-model", accept_new_options=True)
    ways, most, third = st.columns([4, 2, 2])
    rules = ways.text_input(
        "Rules", _rule_of(given), key="diversity-rules",
        help="With commas between, each with what it reads: quota, quota cosine, threshold 0.8, "
        "factor 1, entropy-bound 0.1, ancestral, remask, remask rescale 0.2.",
    )  # fmt: skip
    steps = most.text_input(
        "Steps (1 to 200)", str(given.get("steps", 12)), key="diversity-steps",
        help="The most model calls a text, as in 4, 8, 16.",
    )  # fmt: skip
    orders = list(get_args(Order))
    order = third.selectbox("Order", orders, key="diversity-order")
    first, second, fourth = st.columns([4, 4, 3])
    heats = first.text_input("Temperatures (0.01 to 10)", TEMPERATURES, key="diversity-heats")
    cuts = second.text_input(
        "Top-k (all: every token)",
        CUTS,
        key="diversity-cuts",
        help="How many of the likeliest tokens may be drawn; all draws from the whole "
        "distribution (top-p 1).",
    )
    seeds = fourth.text_input(
        "Seeds", SEEDS, key="diversity-seeds", help="As in 0:8 (8 left out) or 1, 5, 9."
    )
    fields: dict[str, Any] = {"model": named or "builtin-bert", "order": cast(Order, order)}
    length = whole_number(typed)
    fields |= {"template": typed} if length is None else {"length": length}
    try:
        specs = way_specs(fields, heats, cuts, seeds, rules, steps)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return []
    offer_compute(
        specs,
        title=f"texts over {len(specs)} rules, steps, temperatures, top-ks and seeds",
        label=f"Compute these {len(specs)} texts",
        key="diversity",
    )
    return specs


def _rule_of(given: Mapping[str, Any]) -> str:
    """The rule to start from: that of the group that is shown, where it has one."""
    return str(given.get("rule", "quota"))
