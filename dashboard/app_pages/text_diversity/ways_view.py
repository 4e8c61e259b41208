"""Quality against calls: rules, steps and temperatures as points, and the sentences behind one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.text_diversity.ways_figures import (
    COSTS,
    MEASURES,
    quality_figure,
    symbols_of,
)
from dashboard.data import text_ways
from dashboard.data.export import inert
from dashboard.data.groups import Group
from dashboard.data.library import asked_words
from dashboard.data.measure_tables import wide
from dashboard.data.text_diversity import FEW
from dashboard.data.text_ways import Texts
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.jobs import compute_box, offer_compute, say_trouble
from dashboard.ui.link import RUN_PAGES, open_page, params, rerun_page
from dashboard.ui.plain import escaped
from dashboard.ui.state import choice_from_url, mode
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest
from engine.experiments.text_quality import Written
from engine.judge.records import Judgement
from engine.judge.spec import MOST_TEXTS, JudgeSpec
from engine.judge.stored import judgements
from engine.models.registry import available_models, find_model

VIEWS = ("Quality against calls", "Numbers")
SHORT = {
    "calls": "calls",
    "tokens_per_call": "tokens a call",
    "seconds": "seconds",
    "perplexity": "perplexity",
    "entropy": "entropy",
    "repetition": "repetition",
    "distinct_2": "distinct-2",
    "log_probability": "own log-p",
    "agreement": "agreement",
}


def ways_line(group: Group) -> str:
    """A group in a line."""
    spec, points = group.shared, text_ways.points_of(group)
    start = asked_words(spec)
    rules = dict.fromkeys(point.way.rule for point in points)
    steps = sorted({point.way.steps for point in points})
    return (
        f"{start[:60]}  ({'; '.join(rules)}; {', '.join(map(str, steps))} steps; "
        f"{len(points)} points, {len(group.values('seed'))} seeds; "
        f"{str(spec['model']).rsplit('/', 1)[-1]})"
    )


def show_ways(group: Group) -> None:
    """Everything of one group of several ways of writing."""
    texts = text_ways.texts_of(group, _finished(group.runs))
    texts = {point: by_seed for point, by_seed in texts.items() if by_seed}
    seeds = text_ways.seeds_of(texts)
    if len(seeds) < 2:
        st.info(
            "Measures need two seeds that every way has finished: the form below computes more."
        )
        return
    shown, asked = st.container(), st.container()
    with asked:
        judged = _judged(texts)
    table = text_ways.quality_table(texts, seeds=seeds, judged=judged or None)
    chosen = _chosen(texts)
    with shown:
        with st.container(horizontal=True, gap="medium"):
            view = url_choice("View", "view", VIEWS)
            measure, cost = _pick_measure(table) if view == VIEWS[0] else ("", "")
        _say_covered(group, texts, seeds)
        if view == "Numbers":
            by = ("rule", "steps", "temperature", "cut", "seeds")
            st.dataframe(inert(wide(table, SHORT, by=by)), hide_index=True, width="stretch")
        else:
            _show_points(table, measure, cost, chosen)
        _show_sentences(texts, judged, chosen)
        _say_how_measured(judged)


def _pick_measure(table: pd.DataFrame) -> tuple[str, str]:
    """What is drawn up, and what along."""
    there = set(table["measure"])
    measure = url_choice("Quality", "quality", [n for n in MEASURES if n in there], SHORT.get)
    return measure, url_choice("Cost", "cost", tuple(COSTS), SHORT.get)


def _show_points(table: pd.DataFrame, measure: str, cost: str, chosen: str | None) -> None:
    best = text_ways.front(table, measure, cost=cost)
    symbols = (f"{s} temperature {t:g}, {cut}" for (t, cut), s in symbols_of(table).items())
    st.text(f"Symbols: {'; '.join(symbols)}. What costs the same stands side by side.")
    figure = quality_figure(table, measure, cost=cost, front=best, chosen=chosen, mode=mode())
    event = show_figure(figure, name="quality-calls", data=lambda: table, select=True)
    clicked = new_click(event, "quality-calls")
    if clicked is not None:
        params["point"] = str(clicked)
        rerun_page()
    if best:
        st.text("Best at its cost: " + "; ".join(best) + ".")


def _judged(texts: Texts) -> dict[str, Judgement]:
    """What the chosen judge thinks of the texts, and the offer to ask it."""
    written = list(dict.fromkeys(t.text for by_seed in texts.values() for t in by_seed.values()))
    with compute_box("A judge: perplexity under another model", key="judge"):
        st.session_state.setdefault("judge-model", params.get("judge") or "builtin-bert")
        name = st.selectbox(
            "Judge",
            available_models("text"),
            key="judge-model",
            accept_new_options=True,
            help="A masked language model judges each token given all others, a causal one each "
            "given those before it: a folder on this machine, or a hub id in the local cache.",
        )
        if not name:
            return {}
        params["judge"] = str(name)
        try:
            found = judgements(the_store(), find_model(str(name)).fingerprint, written)
        except StepscopeError as error:
            say_trouble("This judge cannot be asked.", str(error))
            return {}
        if len(found) < len(written):
            asked = tuple(text for text in written if text not in found)[:MOST_TEXTS]
            offer_compute(
                [JudgeSpec(model=str(name), texts=asked)],
                title=f"a judge's opinion of {len(asked)} texts",
                label=f"Judge these {len(asked)} texts",
                key="judge",
            )
    return found


def _show_sentences(texts: Texts, judged: Mapping[str, Judgement], chosen: str | None) -> None:
    labels = {point.label: point for point in texts}
    if st.session_state.get("point") not in labels or chosen != st.session_state["point"]:
        st.session_state["point"] = chosen
    picked = st.selectbox(
        "Texts of one point", list(labels), index=None, key="point", placeholder="choose a point",
        on_change=_keep_point,
    )  # fmt: skip
    if picked is None:
        return
    by_seed = texts[labels[picked]]
    event = st.dataframe(
        inert(text_ways.sentence_table(by_seed, judged)),
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        key=f"point-{picked}",
        column_config={
            "text": st.column_config.TextColumn(width="large"),
            "own": st.column_config.NumberColumn("own nats a token", format="%.2f"),
            "judge": st.column_config.NumberColumn("judge's nats a token", format="%.2f"),
        },
    )
    rows = event.selection.rows
    if not rows:
        st.caption("Choose a row to open its steps.")
    elif st.button("Open every step of it", key="open-text"):
        open_page(RUN_PAGES["text"], {"run": list(by_seed.values())[rows[0]].run})


def _keep_point() -> None:
    if st.session_state["point"] is None:
        params.pop("point", None)
    else:
        params["point"] = str(st.session_state["point"])


def _chosen(texts: Texts) -> str | None:
    return choice_from_url("point", [point.label for point in texts])


def _say_covered(group: Group, texts: Texts, seeds: Sequence[int]) -> None:
    every = len(text_ways.points_of(group))
    few = (
        f" With fewer than {FEW} the intervals are wide: differences may be chance."
        if len(seeds) < FEW
        else ""
    )
    asked = len(group.values("seed"))
    common = (
        f" (of {asked} seeds those on which most can be compared)" if len(seeds) < asked else ""
    )
    out = [point.label for point, by_seed in texts.items() if not set(seeds) <= set(by_seed)]
    left = f" Left out for want of these seeds: {', '.join(out)}." if out else ""
    st.text(
        f"{len(texts) - len(out)} of {every} points, {len(seeds)} texts each{common}, by "
        f"{group.shared['model']}.{left}{few}"
    )


def _say_how_measured(judged: Mapping[str, Judgement]) -> None:
    judge = f" The judge is {escaped(params.get('judge', ''))}." if judged else ""
    st.caption(
        "Intervals are 95 % bootstrap over seeds (half-samples for distinct-2). Calls are the "
        "steps that asked the model; seconds are each text's share of the batches it was computed "
        "in, and a forward that was remembered took none. Perplexity alone misleads: one word over "
        "and over is very likely, so the entropy of the tokens stands below it "
        f"([Zheng et al. 2024](https://arxiv.org/abs/2409.02908)).{judge}"
    )


@st.cache_resource(max_entries=4096, show_spinner=False)
def _written(folder: str, run: str, _manifest: Manifest) -> Written | None:
    return text_ways.load_written(the_store(), _manifest)


def _finished(runs: Iterable[Manifest]) -> dict[str, Written]:
    store, listed = the_store(), list(runs)
    present = store.present([manifest.step_keys[-1] for manifest in listed])
    found, damaged = {}, []
    for manifest, there in zip(listed, present, strict=True):
        if not there:
            continue
        try:
            written = _written(str(store.folder), manifest.run, manifest)
        except StepscopeError:
            damaged.append(manifest.short)
            continue
        if written is not None:
            found[manifest.run] = written
    if damaged:
        st.warning(
            f"{len(damaged)} texts are damaged and left out, the first of run "
            f"{escaped(damaged[0])}."
        )
    return found
