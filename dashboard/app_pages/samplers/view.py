"""Samplers on one prompt and seed: where they evaluate, how near they come, at what cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.samplers import data as samplers_data
from dashboard.app_pages.samplers.data import ENOUGH, Ended
from dashboard.app_pages.samplers.figures import COSTS, DISTANCES, distance_curves
from dashboard.app_pages.samplers.schedule_figures import evaluation_points
from dashboard.app_pages.samplers.schedules import own_betas
from dashboard.data.export import inert
from dashboard.data.finished import Finished
from dashboard.data.groups import Group
from dashboard.figures.contact_sheet import Cell, contact_sheet
from dashboard.ui import sheets
from dashboard.ui.choices import url_choice
from dashboard.ui.export import show_figure
from dashboard.ui.finished import finished_pictures
from dashboard.ui.link import params
from dashboard.ui.plain import escaped
from dashboard.ui.state import choice_from_url, mode
from dashboard.ui.stores import the_store
from engine.chain import manifests
from engine.chain.records import Manifest

SHORT_DISTANCES = {"latent_distance": "latents", "picture_distance": "pictures"}
NAMED = 5  # methods in a line
SHORT_COSTS = {"calls": "model calls", "seconds": "seconds"}


def group_line(group: Group) -> str:
    """A group in a line."""
    spec = group.shared
    methods = sorted({samplers_data.method_of(run.spec) for run in group.runs})
    more = f" and {len(methods) - NAMED} more" if len(methods) > NAMED else ""
    return (
        f"{spec['prompt'][:60]}  (seed {spec['seed']}, guidance {spec['guidance']:g}; "
        f"{', '.join(methods[:NAMED])}{more}; {str(spec['model']).rsplit('/', 1)[-1]})"
    )


def show_timesteps(group: Group) -> None:
    """Where the runs of one step count evaluate the model."""
    ended = _ended(group)
    counts = sorted({run.steps for run in ended})
    if not counts:
        st.info("No run of this comparison is finished: the form below resumes it.")
        return
    if st.session_state.get("steps") is None and "steps" not in params:
        usual = max(counts, key=lambda n: (sum(run.steps == n for run in ended), -n))
        st.session_state["steps"] = str(usual)
    shown = url_choice("Steps asked for", "steps", [str(count) for count in counts])
    levels = samplers_data.level_table(ended, steps=int(shown))
    own = own_betas(str(group.shared["model"]), group.fingerprint)
    figure = evaluation_points(levels, own, mode=mode())
    show_figure(figure, name="timesteps", data=lambda: levels)
    st.caption(
        "Each mark is one evaluation of the model, at the noise level that it was told: a row a "
        "sampler, and above them where on the curve they all fall. "
        + (
            "Heun evaluates twice a step, the second time where the step would arrive. "
            if "heun" in set(levels["method"])
            else ""
        )
        + "The first timestep says how much noise a run takes its start for."
        + ("" if own is not None else " The model's own curve is not known on this machine.")
    )


def show_convergence(group: Group) -> None:
    """The distance to the reference against cost, the runs' pictures, and the numbers."""
    ended = _ended(group)
    pictures = finished_pictures([run.manifest for run in ended])
    able = samplers_data.references(ended)
    if not able:
        st.info(
            "There is no reference: it takes a finished run that draws no fresh noise and is not "
            "accelerated, as ddim with 100 steps. The form below computes one."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        reference = _pick_reference(able)
        distance = url_choice("Distance of", "distance", tuple(DISTANCES), SHORT_DISTANCES.get)
        cost = url_choice("Against", "cost", tuple(COSTS), SHORT_COSTS.get)
    table = samplers_data.distance_table(ended, reference, pictures)
    if table.empty:
        st.info("Only the reference is finished: the form below computes more.")
        return
    own = samplers_data.own_error(table, reference)
    _say_reference(reference, own, most=max(run.steps for run in able))
    shown = table[table["alone"]] if cost == "seconds" else table
    alike = samplers_data.coinciding(shown, cost)
    runs = {run.manifest.run: run.manifest for run in ended}
    chosen = sheets.chosen_picture(runs)
    figure = distance_curves(
        shown,
        methods=list(dict.fromkeys(table["method"])),
        distance=distance,
        cost=cost,
        floor=None if own is None else float(own[distance]),
        chosen=chosen,
        mode=mode(),
        alike=alike,
    )
    event = show_figure(figure, name="convergence", data=lambda: table, select=True)
    _say_cost(table, shown, group, cost, alike)
    sheets.hear_picture(event, "convergence")
    _show_sheet(ended, reference, pictures, chosen)
    if chosen is not None:
        _show_opened(runs[chosen], reference, table)
    _show_numbers(table)


@st.cache_resource(max_entries=512, show_spinner=False)
def _one_ended(folder: str, run: str) -> Ended | None:
    store = the_store()
    return samplers_data.load_ended(store, manifests.load(store, run))


def _ended(group: Group) -> list[Ended]:
    """The finished runs of a group; damaged ones are told of."""
    store = the_store()
    present = store.present([manifest.step_keys[-1] for manifest in group.runs])
    finished: list[Ended] = []
    damaged: list[Manifest] = []
    for manifest, there in zip(group.runs, present, strict=True):
        try:
            ended = _one_ended(str(store.folder), manifest.run) if there else None
        except StepscopeError:
            damaged.append(manifest)
            continue
        if ended is not None:
            finished.append(ended)
    if damaged:
        first = damaged[0].short
        st.warning(f"{len(damaged)} runs are damaged and left out, the first is {escaped(first)}.")
    return samplers_data.compared(finished)


def _pick_reference(able: Sequence[Ended]) -> Ended:
    names = {f"{run.method}, {run.steps} steps": run for run in able}
    linked = choice_from_url("reference", list(names))
    name = st.selectbox(
        "Reference",
        list(names),
        index=list(names).index(linked) if linked else 0,
        key="picked-reference",
        width=260,
    )
    if name == next(iter(names)):
        params.pop("reference", None)
    else:
        params["reference"] = name
    return names[name]


def _say_reference(reference: Ended, own: pd.Series | None, *, most: int) -> None:
    finer = "only a finer one" if reference.steps == most else f"and others here have {most} steps"
    itself = (
        f" Its latents are {own['latent_distance']:.3g} from its own run with {own['steps']} "
        "steps: distances much below that say nothing."
        if own is not None
        else " There is no second run of it with fewer steps, so its own error is not known."
    )
    st.text(
        f"The reference is {reference.method} with {reference.steps} steps, {reference.calls} "
        f"model calls: an approximation too, {finer}.{itself} Other samplers begin and "
        "end at slightly different noise levels: a line that levels off has another limit and has "
        "not failed."
    )
    if reference.steps < ENOUGH:
        st.warning(
            f"The reference has {reference.steps:d} steps; with fewer than {ENOUGH} it may not "
            "have converged."
        )


def _say_cost(
    table: pd.DataFrame,
    shown: pd.DataFrame,
    group: Group,
    cost: str,
    alike: Sequence[Sequence[str]],
) -> None:
    doubled = (
        "Guidance above 1 evaluates the model twice a step, with the prompt and without, so calls "
        "are double. "
        if group.shared["guidance"] > 1
        else "Guidance is 1: one call an evaluation. "
    )
    if cost == "seconds":
        left = len(table) - len(shown)
        st.caption(
            "Seconds are the median evaluation times how many there were, in the U-Net alone: no "
            "decoding, no loading. "
            + (
                f"Left out, because they shared batches and their times do not compare: {left:d}. "
                if left
                else ""
            )
            + "Other work on the machine slows all of them."
        )
    methods = set(table["method"])
    st.caption(
        doubled
        + (
            "Dotted lines draw fresh noise at every step: they sample another picture of the same "
            "prompt and do not converge to the reference. "
            if table["random"].any()
            else ""
        )
        + (
            "DeepCache evaluates the whole U-Net only every third time, which calls do not show "
            "and seconds do. "
            if any("deepcache" in method for method in methods)
            else ""
        )
        + ("lcm is made for models distilled for it. " if "lcm" in methods else "")
        + escaped(_on_one_another(alike))
        + "Click a point to see its picture."
    )


def _on_one_another(alike: Sequence[Sequence[str]]) -> str:
    """Which methods' lines lie on one another, as a sentence; none."""
    return "".join(f"The lines of {' and '.join(group)} lie on one another. " for group in alike)


def _show_sheet(
    ended: Sequence[Ended],
    reference: Ended,
    pictures: Mapping[str, Finished],
    chosen: str | None,
) -> None:
    counts = sorted({run.steps for run in ended})
    methods = list(dict.fromkeys(run.method for run in ended))
    by_cell = {(run.method, run.steps): run.manifest for run in ended}

    def cell(method: str, steps: int) -> Cell:
        manifest = by_cell.get((method, steps))
        picture = pictures.get(manifest.run) if manifest is not None else None
        hover = f"{method}, {steps} steps"
        if manifest is not None and manifest.run == reference.manifest.run:
            hover += "\nthe reference"
        return sheets.cell_of(manifest, picture.thumb if picture else "", hover, chosen)

    figure = contact_sheet(
        [[cell(method, steps) for steps in counts] for method in methods],
        methods,
        [str(steps) for steps in counts],
        mode=mode(),
        column_title="steps",
        largest=120,
    )
    data = partial(_sheet_table, ended)
    event = show_figure(figure, name="samplers-sheet", data=data, select=True)
    sheets.hear_picture(event, "samplers-sheet")


def _show_opened(manifest: Manifest, reference: Ended, table: pd.DataFrame) -> None:
    """A run in the player: how far it is from the reference, and the way to see both."""
    row = table[table["run"] == manifest.run]
    if row.empty:
        sheets.show_picture(manifest, said="This is the reference.")
        return
    pixels = float(row["picture_distance"].iloc[0])
    said = f"{row['method'].iloc[0]}, {row['steps'].iloc[0]} steps. "
    said += f"Its latents are {float(row['latent_distance'].iloc[0]):.3g} from the reference"
    said += "." if math.isnan(pixels) else f", its picture {pixels:.3g}."
    beside = [reference.manifest, manifest]
    sheets.show_picture(manifest, beside, label="Compare it with the reference", said=said)


def _sheet_table(ended: Sequence[Ended]) -> pd.DataFrame:
    return pd.DataFrame(
        [(run.method, run.steps, run.manifest.run) for run in ended],
        columns=["method", "steps", "run"],
    )


def _show_numbers(table: pd.DataFrame) -> None:
    shown = table.drop(columns=["run", "alone"]).assign(
        random=table["random"].map({True: "fresh noise", False: ""})
    )
    timed = ""
    if shown["measured"].nunique() == 1:  # said once in place of in every row
        timed = f"All were timed on {escaped(str(shown['measured'].iloc[0]))}. "
        shown = shown.drop(columns="measured")
    if not table["random"].any():
        shown = shown.drop(columns="random")
    if (table["whole"] == table["evaluations"]).all():
        shown = shown.drop(columns="whole")
    if (table["evaluations"] == table["steps"]).all():
        shown = shown.drop(columns="evaluations")
    st.dataframe(
        inert(shown),
        hide_index=True,
        width="stretch",
        column_config={  # of the columns that are there
            "method": st.column_config.TextColumn(pinned=True),
            "whole": st.column_config.NumberColumn("whole passes"),
            "latent_distance": st.column_config.NumberColumn("latents apart", format="%.4f"),
            "picture_distance": st.column_config.NumberColumn("pictures apart", format="%.4f"),
            "seconds": st.column_config.NumberColumn("seconds", format="%.3f"),
            "recorded_seconds": st.column_config.NumberColumn("seconds, as summed", format="%.3f"),
            "random": "noise",
            "measured": "how it was timed",
        },
    )
    st.caption(
        timed + "Seconds are what the steps recorded of their U-Net calls: the median times their "
        "number, and their plain sum, whose first step may hold the prompt's encoding. In a shared "
        "batch each run is charged an equal part, so those times are not comparable with others. "
        "Pictures are compared on copies of at most 128 pixels."
    )
