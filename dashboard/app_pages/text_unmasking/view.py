"""The parts of the unmasking page that move with the step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.app_pages.text_unmasking import figures
from dashboard.app_pages.text_unmasking.figures import MEASURES, Measure
from dashboard.data import text_runs
from dashboard.figures.sentence import sentence_figure
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.link import params
from dashboard.ui.next_steps import offer_next
from dashboard.ui.plain import escaped
from dashboard.ui.player import picture_first, step_player
from dashboard.ui.state import mode
from engine.text.records import TextRun

VIEWS = ("Confidence over steps", "Heatmap", "Unmask order", "Entropy", "Candidates")


def show_steps(runs: Sequence[TextRun]) -> None:
    """The player, the sentences, and one view of the steps, for one run or two side by side."""
    last = max(len(run.steps) - 1 for run in runs)
    step = step_player(last)
    for number, run in enumerate(runs):
        at = min(step, len(run.steps) - 1)
        st.caption(escaped(_step_line(run, at)))
        show_figure(
            sentence_figure(run, step=at, mode=mode()),
            name=f"sentence-{number}",
            data=partial(text_runs.step_table, run),
        )
    picture_first()
    offer_next(runs[0].manifest, min(step, len(runs[0].steps) - 1))
    view = url_choice("View", "view", VIEWS)
    measure: Measure = "confidence"
    if view in VIEWS[:2]:
        measure = url_choice("Measure", "measure", tuple(MEASURES), MEASURES.get)
    columns = st.columns(len(runs))
    for number, (column, run) in enumerate(zip(columns, runs, strict=True)):
        with column:
            _show_view(run, view, measure, min(step, len(run.steps) - 1), number)


def _show_view(run: TextRun, view: str, measure: Measure, step: int, number: int) -> None:
    table = partial(text_runs.step_table, run)
    shown = mode()
    if view == "Confidence over steps":
        figure = figures.measure_lines(run, measure=measure, step=step, mode=shown)
        show_figure(figure, name=f"{measure}-over-steps-{number}", data=table)
    elif view == "Heatmap":
        figure = figures.measure_heatmap(run, measure=measure, step=step, mode=shown)
        event = show_figure(figure, name=f"{measure}-heatmap-{number}", data=table, select=True)
        clicked = new_click(event, f"heatmap-{run.manifest.run[:8]}")
        if clicked:
            params[f"cell-{number}"] = f"{clicked[0]},{clicked[1]}"
        where = "a cell" if figures.every_cell(run) else "a dot, or a cell of the dotted step,"
        st.caption(f"Orange dots: revealed. Click {where} for its candidates.")
        cell = _chosen_cell(run, f"cell-{number}")
        if cell is not None:
            _show_candidates(run, *cell, number)
    elif view == "Unmask order":
        figure = figures.unmask_order(run, step=step, mode=shown)
        show_figure(figure, name=f"unmask-order-{number}", data=table)
    elif view == "Entropy":
        figure = figures.entropy_curve(run, step=step, mode=shown)
        show_figure(figure, name=f"entropy-{number}", data=table)
    else:
        _choose_candidates(run, step, number)


def _chosen_cell(run: TextRun, name: str) -> tuple[int, int] | None:
    """The (step, position) of the URL, which a click on the heatmap puts there."""
    wanted = params.get(name)
    if wanted is None:
        return None
    parts = wanted.split(",")
    if len(parts) == 2 and all(part.isdecimal() and len(part) < 5 for part in parts):
        step, position = (int(part) for part in parts)
        if 1 <= step < len(run.steps) and position < run.length:
            return step, position
    asked = escaped(f"{name} {wanted[:20]!r}")
    st.warning(f"The link asks for {asked}, which is no step and position of this run.")
    del params[name]
    return None


def _choose_candidates(run: TextRun, step: int, number: int) -> None:
    masked = run.steps[step].masked.tolist()
    if not masked:
        st.info("Nothing is masked before the first step's state; move to step 1 or later.")
        return
    most_open = text_runs.most_open_position(run, step=step)
    words = run.words(len(run.steps) - 1)
    position = st.selectbox(
        "Position (masked before this step)",
        masked,
        index=masked.index(most_open),
        format_func=lambda p: f"{p}: in the end {words[p]}",
        key=f"position-{number}-{step}",
    )
    _show_candidates(run, step, position, number)


def _show_candidates(run: TextRun, step: int, position: int, number: int) -> None:
    figure = figures.candidate_bars(run, step=step, position=position, mode=mode())
    if figure is None:
        st.info(f"Position {position:d} was not masked before step {step:d}.")
        return
    st.markdown(f"**The 16 best candidates for position {position:d} before step {step:d}**")
    show_figure(
        figure,
        name=f"candidates-{number}-{step}-{position}",
        data=partial(text_runs.candidate_table, run, step=step, position=position),
    )
    st.caption("Orange: the token the sampler held for this position at this step.")


def _step_line(run: TextRun, step: int) -> str:
    taken = run.steps[step]
    masked = int((taken.tokens == run.mask_id).sum())
    seed = run.manifest.spec.get("seed", 0)
    if step == 0:
        return f"Seed {seed}. Before the first step: {masked} positions are masked."
    words = [f"“{run.pieces[taken.tokens[p]]}” at {p}" for p in taken.revealed.tolist()]
    shown = ", ".join(words[:6]) + (f" and {len(words) - 6} more" if len(words) > 6 else "")
    left = f"{masked} still masked" if masked else "nothing is masked any more"
    return f"Seed {seed}. Step {taken.index} of {run.manifest.step_count} reveals {shown}; {left}."
