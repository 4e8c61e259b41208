"""The form that makes a grid of texts over temperature and top-k."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.text_diversity import grid_specs
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
    first, second, third, fourth, fifth = st.columns([4, 4, 3, 2, 3])
    heats = first.text_input("Temperatures (0.01 to 10)", TEMPERATURES, key="diversity-heats")
    cuts = second.text_input(
        "Top-k (all: every token)",
        CUTS,
        key="diversity-cuts",
        help="How many of the likeliest tokens may be drawn; all draws from the whole "
        "distribution (top-p 1).",
    )
    seeds = third.text_input(
        "Seeds", SEEDS, key="diversity-seeds", help="As in 0:8 (8 left out) or 1, 5, 9."
    )
    steps = fourth.number_input("Steps (1 to 200)", value=given.get("steps", 12), key="d-steps")
    orders = list(get_args(Order))
    order = fifth.selectbox("Order", orders, key="diversity-order")
    fields = {"model": named or "builtin-bert", "steps": steps, "order": cast(Order, order)}
    length = whole_number(typed)
    fields |= {"template": typed} if length is None else {"length": length}
    try:
        specs = grid_specs(fields, heats, cuts, seeds)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return []
    offer_compute(
        specs,
        title=f"texts over {len(specs)} temperatures, top-ks and seeds",
        label=f"Compute these {len(specs)} texts",
        key="diversity",
    )
    return specs
