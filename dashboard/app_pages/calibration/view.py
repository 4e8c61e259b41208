"""Infilling calibration on its page: the form, the offer, diagram, accuracy and table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isnan
from typing import cast, get_args

import pandas as pd
import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.calibration import data
from dashboard.app_pages.calibration.data import Asked, Infilled
from dashboard.app_pages.calibration.figures import accuracy_by_ratio, reliability_diagram
from dashboard.data.export import inert
from dashboard.ui.choices import put_in_link, take_text, url_choice
from dashboard.ui.export import show_figure
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.link import params, stop_page
from dashboard.ui.state import choices_from_url, mode, number_from_url
from dashboard.ui.stores import the_store
from engine.models.registry import available_models
from engine.text import stored as text_stored
from engine.text.spec import Order

ORDERS = get_args(Order)
USUAL_ORDERS = ("confidence", "random", "left-to-right")
USUAL_RATIOS = "0.25, 0.5, 0.75"
MOST_SEED = 999_999


def ask_calibration() -> tuple[list[Asked], list[float]]:
    """What is to be infilled, and the ratios; stops the page where that is wrong."""
    models = available_models("text")
    left, middle, right = st.columns([2, 2, 1])
    key = "calibration-model"
    take_text("model", key, models[0])  # also a folder: what is wrong with it is said below
    if st.session_state[key] not in models:
        models.append(st.session_state[key])
    model = left.selectbox(
        "Model",
        models,
        key=key,
        help="Also a folder on this machine, or a hub id whose files are in the local cache.",
        accept_new_options=True,
        on_change=put_in_link,
        args=("model", key),
    )
    ratios = middle.text_input(
        "Shares of the words to hide",
        params.get("ratios", USUAL_RATIOS),
        key="calibration-ratios",
        max_chars=100,
    )
    seed = right.number_input(
        "Seed",
        0,
        MOST_SEED,
        number_from_url("seed", 0, MOST_SEED) or 0,
        key="calibration-seed",
        help="Which words are hidden, and what the random order draws.",
    )
    orders = st.multiselect(
        "Order rules",
        ORDERS,
        choices_from_url("order", ORDERS) or USUAL_ORDERS,
        key="calibration-orders",
    )
    source = url_choice("Texts", "texts", (data.BY_HAND, data.OF_ITS_WORLD))
    with st.expander("Look at the texts, or write others"):
        typed = st.text_area(
            f"One a line, 2 to {data.MOST_TEXTS}",
            "\n".join(data.examples(source)),
            key=f"calibration-texts-{source}",
            height=260,
        )
        st.caption(
            "Those written by hand are held out from the training of the built-in model; those of "
            "its world are what it was made for, and some short ones it has seen. Only words that "
            "are one token of the model are hidden. Texts of your own are not part of the link."
        )
    params.from_dict(
        {"model": model, "ratios": ratios, "seed": str(seed), "order": list(orders)}
        | {"texts": source}
    )
    if not orders:
        st.info("Choose an order rule.")
        stop_page()
    try:
        shares = data.parse_ratios(ratios)
        texts = data.parse_texts(typed)
        chosen = [cast(Order, order) for order in orders]
        return data.ask(texts, shares, chosen, model=model, seed=int(seed)), shares
    except StepscopeError as error:
        say_trouble("This cannot be asked for.", str(error))
        stop_page()


def show_calibration(asked: Sequence[Asked], ratios: Sequence[float]) -> None:
    """The offer to compute what is missing, then what the finished runs tell."""
    specs = [hidden.spec for each in asked for hidden in each.hidden]
    offer_compute(
        specs,
        title="infilling calibration",
        label=f"Fill in these {len(specs)} texts",
        key="calibration",
    )
    try:
        infilled = [_load_infilled(each) for each in asked]
    except StepscopeError as error:
        say_trouble("These runs cannot be read.", str(error))
        return
    finished, total = sum(f.finished for f in infilled), sum(f.asked for f in infilled)
    if not finished:
        st.info("Nothing is filled in yet: compute it to see how sure and how right it is.")
        return
    summary = _summary(
        tuple(run for each in asked for run in each.runs), finished, infilled, ratios
    )
    model = asked[0].hidden[0].spec.model
    whole = summary[summary["ratio"] == data.ALL]
    st.text(
        f"{finished} of {total} infilled texts, {whole['commitments'].sum()} words, by {model}."
    )
    table = partial(data.reliability_table, infilled)
    show_figure(reliability_diagram(table(), mode=mode()), name="reliability", data=table)
    st.caption(
        "Confidence is the sampler's own for the word it committed to, at the step when it did, "
        "greedily; right is the very word that stood there. Another word may be as good: below the "
        "diagonal is not always wrong. Markers grow with the number of words."
    )
    by_ratio = accuracy_by_ratio(summary, mode=mode())
    show_figure(by_ratio, name="accuracy-by-ratio", data=lambda: summary)
    _show_table(whole)


def _show_table(whole: pd.DataFrame) -> None:
    def bounded(name: str) -> list[str]:
        columns = (whole[name + part] for part in ("", "_low", "_high"))
        return [
            f"{mean:.3f} (too few texts)" if isnan(low) else f"{mean:.3f} [{low:.3f}, {high:.3f}]"
            for mean, low, high in zip(*columns, strict=True)
        ]

    st.dataframe(
        inert(
            pd.DataFrame(
                {
                    "order": whole["order"].to_list(),
                    "words": whole["commitments"].to_list(),
                    "mean confidence": whole["mean_confidence"].round(3).to_list(),
                    "right": bounded("accuracy"),
                    "ECE": bounded("ece"),
                }
            )
        ),
        hide_index=True,
        width="stretch",
    )
    st.caption(
        "ECE: the mean gap between sure and right over ten bins, weighted by their words; few "
        "words make it larger than it is. Intervals are 95 % bootstrap over texts."
    )


def _load_infilled(asked: Asked) -> Infilled:
    there = the_store().present(asked.ends)
    return _loaded(str(the_store().folder), asked.runs, sum(there), asked, there)


@st.cache_resource(max_entries=20, show_spinner="Reading the infilled texts")
def _loaded(
    folder: str, runs: tuple[str, ...], finished: int, _asked: Asked, _there: Sequence[bool]
) -> Infilled:
    store = the_store()
    return data.infilled_of(_asked, _there, lambda run: text_stored.load_text_run(store, run))


@st.cache_data(max_entries=20, show_spinner="Measuring")
def _summary(
    runs: tuple[str, ...], finished: int, _infilled: Sequence[Infilled], ratios: Sequence[float]
) -> pd.DataFrame:
    return data.summary_table(_infilled, ratios)
