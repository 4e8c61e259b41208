"""Why a step was computed, and the same step computed again."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.why import data
from dashboard.app_pages.why.figures import step_strip
from dashboard.data.export import inert
from dashboard.data.library import may_be_done_sooner
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import params, rerun_page
from dashboard.ui.state import mode, number_from_url
from dashboard.ui.stores import the_shelf, the_store
from engine.chain import manifests
from engine.chain.records import Manifest, short_id
from engine.experiments.reasons import makers, nearest, reason, reason_sentence
from engine.text.stored import count_used


def show_steps(manifest: Manifest) -> int:
    """The strip of all steps and the chosen one of them, kept in the URL."""
    last, key = manifest.step_count, f"why-{manifest.run[:8]}"
    linked = number_from_url("step", 0, last)
    if linked is not None or key not in st.session_state:
        st.session_state[key] = last if linked is None else linked
    stored = manifests.stored_steps(the_store(), manifest)
    table = data.steps_table(
        _makers(str(the_store().folder), manifest.run, stored, manifest), manifest.run
    )
    place = st.container()  # above the slider that marks its step
    step = int(st.slider("Step", 0, last, key=key, on_change=_keep, args=(key,)))
    params["step"] = str(step)
    with place:
        figure = step_strip(table, step=step, mode=mode())
        event = show_figure(figure, name="steps", data=lambda: table, select=True)
    clicked = new_click(event, "why-steps")
    if clicked is not None and int(clicked) != step:
        params["step"] = str(clicked)
        rerun_page()
    there = int((table["was"] == "there already").sum())
    st.text(f"{there} of {len(table)} steps, the start included, were computed for other runs.")
    _say_used(manifest, stored)
    return step


def _say_used(manifest: Manifest, stored: int) -> None:
    """How many of the steps that were asked for a text's rule used."""
    if stored < manifest.step_count or not may_be_done_sooner(manifest.spec):
        return
    used = count_used(the_store(), manifest)
    if used < manifest.step_count:
        st.text(
            f"The rule was done after step {used} of the {manifest.step_count} steps asked for: "
            "in the others nothing happened, and no model was asked."
        )


def _keep(key: str) -> None:
    params["step"] = str(st.session_state[key])


def show_reason(manifest: Manifest, step: int) -> None:
    """One step's reason in a sentence, the facts that differ, and ways to the nearest run."""
    best = the_shelf().derived(
        the_store(),
        f"nearest {manifest.run}",
        lambda cards: nearest(manifest, [c.manifest for c in cards if c.kind == manifest.kind]),
    )
    why = reason(the_store(), manifest, step, among=[] if best is None else [best])
    st.text(reason_sentence(why))
    if why.differences:
        st.dataframe(inert(data.difference_table(why)), hide_index=True, width="stretch")
        where = "the start" if why.shared < 0 else f"step {why.shared + 1:d}"
        st.caption(f"What the key of {where} holds otherwise; every later key holds that one.")
    if why.nearest is not None and the_store().has(manifests.run_key(why.nearest)):
        st.page_link(
            "app_pages/compare/page.py",
            label="Compare the two step by step",
            icon=":material/compare:",
            query_params={"runs": f"{manifest.short},{short_id(why.nearest)}", "step": str(step)},
        )


def offer_replay(manifest: Manifest, step: int) -> None:
    """A button that computes a step again from the stored one before it, and compares."""
    st.subheader("Replay")
    st.caption(
        "Computes this one step again, alone, from the stored step before it: nothing is recalled, "
        "and nothing is written to the store. Another batch layout, device or version may change "
        "the last bits; that is what the tolerance is for."
    )
    memory = f"replayed-{manifest.run}-{step}"
    if step == 0:
        st.info("The start is not a step of the sampler: choose a later one.")
        return
    if step > manifests.stored_steps(the_store(), manifest):
        st.info("This step is not in the store yet.")
        return
    if st.button("Replay this step", key="replay"):
        try:
            with st.spinner("Loading the model and computing the step", show_time=True):
                replay = data.replayed(the_store().folder, manifest.run, step)
            st.session_state[memory] = replay
        except StepscopeError as error:
            say_trouble("This step could not be replayed.", str(error))
    if memory in st.session_state:
        _show_replayed(st.session_state[memory])


def _show_replayed(replay: dict[str, Any]) -> None:
    if replay["same_bits"]:
        st.success("The same bits.")
    elif replay["within"]:
        st.success(f"Within the tolerance of {replay['tolerance']:g}: the last bits differ.")
    else:
        st.error(
            f"Not what is stored: further apart than the tolerance of {replay['tolerance']:g}."
        )
    st.dataframe(
        inert(data.array_table(replay)),
        hide_index=True,
        width="stretch",
        column_config={"largest difference": st.column_config.NumberColumn(format="%.2g")},
    )
    st.text(f"stored: {replay['stored_layout']}\nnow:    {replay['layout']}")


@st.cache_data(max_entries=16, show_spinner=False)
def _makers(folder: str, run: str, stored: int, _manifest: Manifest) -> list[str | None]:
    return makers(the_store(), _manifest)
