"""Divergence on its page: likeness over steps, the matrix of a step, clusters of outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.divergence import data
from dashboard.app_pages.divergence.data import MOST_RUNS, Parting
from dashboard.app_pages.divergence.figures import likeness_curve, likeness_matrix, parting_bars
from dashboard.app_pages.divergence.paths_view import show_paths
from dashboard.data.export import inert
from dashboard.data.groups import Group
from dashboard.data.library import asked_words, described
from dashboard.figures.contact_sheet import contact_sheet
from dashboard.ui import sheets
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.finished import finished_pictures
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.link import RUN_PAGES, open_page, params, rerun_page
from dashboard.ui.linked import link_positions
from dashboard.ui.page_record import note_runs
from dashboard.ui.panels import finished_scene
from dashboard.ui.player import play
from dashboard.ui.samples import finished_samples
from dashboard.ui.state import mode, number_from_url, on_phone
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest, short_id
from engine.chain.wording import counted
from engine.models.replaced import model_of_run

ALIKE = {"text": 60, "image": 75}  # hundredths, from where on outcomes are called one
CAPTIONS = {
    "agreement": "A mask is a token like any other: at the start all are masked, and all agree.",
    "random words": "Each seed begins with random words of its own: at the start hardly any agree.",
    "predicted x0": "What the model believes the finished latents are, after each step. Early "
    "beliefs are blurred and alike; they part as steps commit to something. The start has none.",
    "cosine": "Latents are scaled as the model sees them. Independent noise has a cosine near 0.",
    "rms": "A difference: 0 is equal. Latents are scaled as the model sees them; independent noise "
    "is near 1.41 times its deviation apart.",
}
USUAL_SEEDS = 8
MOST_PLAYED = 16  # runs in the player
SHEET_COLUMNS = 8


def group_line(group: Group) -> str:
    """A group in a line."""
    spec = group.shared
    model = str(spec["model"]).rsplit("/", 1)[-1]
    settings = _with_usual(spec, described({**spec, "kind": group.runs[0].kind}, but=("seed",)))
    return f"{asked_words(spec)[:60]}  ({len(group.runs)} seeds; {settings}; {model})"


def _with_usual(spec: Mapping[str, Any], settings: str) -> str:
    """Settings in words, with the one that groups differ in most, also where it is the usual."""
    name = "temperature" if "temperature" in spec else "guidance"
    if name in settings or not isinstance(spec.get(name), int | float):
        return settings
    return f"{settings}, {name} {spec[name]:g}"


def show_divergence(group: Group, kind: str) -> None:
    """Everything of one group."""
    runs = data.finished(the_store(), group)
    note_runs(runs)
    st.text(f"{len(runs)} finished runs of {len(group.runs)} by {group.shared['model']}.")
    if len(group.runs) > MOST_RUNS:
        st.caption(f"The first {MOST_RUNS} seeds are shown.")
    if len(runs) < 2:
        st.info("It takes two finished seeds: the form below computes more.")
        return
    parting = _parting(str(the_store().folder), tuple(m.run for m in runs), runs)
    if parting is None:
        return
    shown = runs[:MOST_PLAYED]
    what = ",".join(m.run[:16] for m in shown)
    step = play(finished_scene(shown), what=what)
    if len(runs) > MOST_PLAYED:
        st.caption(f"The first {MOST_PLAYED} of {len(runs)} seeds are played; all are counted.")
    measure = url_choice("Measure", "measure", data.MEASURES[kind])
    redrawn = runs[0].spec.get("kernel") == "uniform"
    _show_curve(parting, "random words" if redrawn else measure, measure, step)
    alike = _ask_alike(kind)
    _show_partings(parting, alike, kind)
    show_paths(runs, kind, step)
    clusters = _show_clusters(parting, alike)
    _show_matrix(parting, measure, step, clusters, alike)
    _show_outcomes(runs, clusters, kind)


def offer_seeds(shared: Mapping[str, Any], fingerprint: str) -> None:
    """More seeds of a spec under its model: how many, the plan, the button."""
    count = int(
        st.number_input(
            f"Seeds, from 0 on (2 to {MOST_RUNS})", 2, MOST_RUNS, USUAL_SEEDS, key="seeds-wanted"
        )
    )
    try:
        model_of_run(str(shared["model"]), fingerprint)  # others would be no seeds of this spec
        specs = data.more_seeds(shared, count)
    except StepscopeError as error:
        say_trouble("These seeds cannot be computed.", str(error))
        return
    offer_compute(
        specs, title=f"{count} seeds", label=f"Compute these {count} seeds", key="more-seeds"
    )


def _parting(folder: str, runs: tuple[str, ...], manifests: Sequence[Manifest]) -> Parting | None:
    try:
        return _loaded(folder, runs, manifests)
    except StepscopeError as error:
        say_trouble("These runs cannot be compared.", str(error))
        return None


@st.cache_resource(max_entries=8, show_spinner="Comparing every pair at every step")
def _loaded(folder: str, runs: tuple[str, ...], _manifests: Sequence[Manifest]) -> Parting:
    return data.load_parting(the_store(), _manifests)


def _show_curve(parting: Parting, told: str, measure: str, step: int) -> None:
    table = data.curve(parting, measure)
    figure = likeness_curve(table, measure=measure, step=step, mode=mode())
    figure.update_layout(meta={"steps": True})
    link_positions()
    show_figure(figure, name="divergence", data=lambda: table)
    st.caption(CAPTIONS[told])


def _ask_alike(kind: str) -> float:
    """How alike two states must be to be called one, 0 to 1."""
    linked, key = number_from_url("alike", 0, 100), f"alike-{kind}"
    usual = ALIKE[kind] if linked is None else linked
    if kind == "text":
        label = "Alike are texts of which at least this share of tokens is equal"
        percent = int(st.slider(label, 0, 100, usual, format="%d %%", key=key))
    else:
        label = "Alike are pictures whose latents have at least this cosine"
        percent = round(100 * st.slider(label, 0.0, 1.0, usual / 100, 0.01, key=key))
    params["alike"] = str(percent)
    return percent / 100


def _show_partings(parting: Parting, alike: float, kind: str) -> None:
    what = "step at which two texts first differ (a mask is a token, too)"
    if kind == "image":
        what = f"step from which on the predicted x0 of two runs stay below a cosine of {alike:.2f}"
    counts = data.partings(parting, alike)
    bars = parting_bars(counts, steps=parting.last, what=what, mode=mode())
    show_figure(bars, name="first-divergence", data=lambda: counts)


def _show_clusters(parting: Parting, alike: float) -> list[tuple[int, ...]]:
    st.subheader("Clusters of outcomes")
    clusters = data.outcomes(parting, alike=alike)
    several = sum(len(cluster) > 1 for cluster in clusters)
    st.markdown(
        f"**{len(clusters)} outcome{'s' if len(clusters) > 1 else ''}** of {len(parting.runs)} "
        f"seeds, {several or 'none'} of more than one seed. Joined by average linkage of the "
        "finished results: runs are one outcome while on average they are alike."
    )
    return clusters


def _show_matrix(
    parting: Parting, measure: str, step: int, clusters: Sequence[Sequence[int]], alike: float
) -> None:
    order = [place for cluster in clusters for place in cluster]
    chosen = _pair(len(parting.runs))
    figure = likeness_matrix(
        parting.pairs[measure][step],
        parting.seeds,
        measure=measure,
        order=order,
        chosen=chosen,
        mode=mode(),
    )
    table = partial(data.pair_table, parting, measure, step, alike)
    st.markdown(f"**Every pair after step {step:d}**, ordered by cluster")
    event = show_figure(figure, name="divergence-matrix", data=table, select=True)
    clicked = new_click(event, "divergence-matrix")
    if clicked:
        params["pair"] = str(clicked)
        rerun_page()
    if chosen is None:
        st.caption("Click a cell to see where its two seeds part.")
        return
    one, other = chosen
    when = int(parting.parted(alike)[one, other])
    parts = "never part" if when < 0 else f"part at step {when}"
    st.text(f"Seeds {parting.seeds[one]} and {parting.seeds[other]} {parts}.")
    runs = [short_id(parting.runs[i]) for i in chosen]
    st.page_link(
        "app_pages/compare/page.py",
        label="Compare the two step by step",
        icon=":material/compare:",
        query_params={"runs": ",".join(runs), "step": str(step)},
    )


def _pair(count: int) -> tuple[int, int] | None:
    parts = params.get("pair", "").split(",")
    if len(parts) == 2 and all(part.isdecimal() and int(part[:4]) < count for part in parts):
        one, other = int(parts[0][:4]), int(parts[1][:4])
        return (one, other) if one != other else None
    params.pop("pair", None)
    return None


def _show_outcomes(runs: Sequence[Manifest], clusters: Sequence[Sequence[int]], kind: str) -> None:
    st.markdown("**The outcomes**, the most typical seed of each first")
    if kind == "text":
        texts = finished_samples(runs)
        table = pd.DataFrame(
            {
                "seeds": [len(cluster) for cluster in clusters],
                "most typical": [texts[runs[c[0]].run].text for c in clusters],
                "which": [", ".join(str(runs[i].spec["seed"]) for i in c) for c in clusters],
            }
        )
        if on_phone():  # a table cuts what a line breaks
            for each in table.to_dict("records"):
                seeds = counted(each["seeds"], "seed")
                st.text(f"{seeds} ({each['which']}): {each['most typical']}")
            return
        config = {"most typical": st.column_config.TextColumn(width="large")}
        st.dataframe(inert(table), hide_index=True, width="stretch", column_config=config)
        return
    pictures = finished_pictures(runs)
    rows = []
    for cluster in clusters:
        row = []
        for place in cluster[:SHEET_COLUMNS]:
            manifest = runs[place]
            thumb = pictures[manifest.run].thumb if manifest.run in pictures else ""
            row.append(sheets.cell_of(manifest, thumb, f"seed {manifest.spec['seed']}", None))
        rows.append(row)
    labels = [f"{len(cluster)} seed{'s' if len(cluster) > 1 else ''}" for cluster in clusters]
    aspect = float(runs[0].spec["width"]) / float(runs[0].spec["height"])
    figure = contact_sheet(rows, labels, [], mode=mode(), aspect=aspect, largest=120)
    event = show_figure(figure, name="outcomes", select=True)
    if any(len(cluster) > SHEET_COLUMNS for cluster in clusters):
        st.caption(f"The first {SHEET_COLUMNS} pictures of each.")
    clicked = new_click(event, "outcomes")
    if clicked:
        open_page(RUN_PAGES["image"], {"run": str(clicked)})
