"""The parts of the unmasking page that move with the step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from dashboard.app_pages.text_unmasking import data, figures
from dashboard.app_pages.text_unmasking.change_figures import held_heatmap
from dashboard.app_pages.text_unmasking.figures import MEASURES, Measure
from dashboard.app_pages.text_unmasking.line_figures import measure_lines
from dashboard.app_pages.text_unmasking.what_if_view import show_what_if
from dashboard.data import text_runs
from dashboard.data.export import inert
from dashboard.data.library import called
from dashboard.figures.sentence import sentence_figure
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.export import keep_figure, show_figure
from dashboard.ui.link import params
from dashboard.ui.linked import link_positions
from dashboard.ui.next_steps import offer_next
from dashboard.ui.panels import scene_of, shown_runs
from dashboard.ui.plain import escaped
from dashboard.ui.player import choose_word, chosen_word, play
from dashboard.ui.playing import offer_playing
from dashboard.ui.state import mode, on_phone
from dashboard.ui.step_clicks import show_over_steps
from engine.metrics.changes_of_mind import changes_of_mind
from engine.text.records import TextRun

HINT = "Choose a cell: what was likeliest there stands in this line, and all of it below the cells."
FEW = 6  # candidates on a phone; a download has all
VIEWS = (
    "Confidence over steps",
    "Heatmap",
    "Changes of mind",
    "Unmask order",
    "Entropy",
    "Candidates",
    "What if",
)


def show_steps(runs: Sequence[TextRun]) -> None:
    """The player, the sentences, and one view of the steps, for one run or two side by side."""
    link_positions()
    scene = scene_of(runs)
    step = play(scene, what=shown_runs(runs))
    places = [min(step, len(run.steps) - 1) for run in runs]
    word = chosen_word()
    if params.get("view") == "Candidates":
        word = None  # that view shows the word itself
    if word is not None and on_phone():  # in sight of the finger
        _show_word(runs, places, word)
    offer_next(runs[0].manifest, places[0])
    with st.container(horizontal=True):
        offer_playing(scene, [run.manifest for run in runs], title="Unmasking", step=step)
        for number, (run, at) in enumerate(zip(runs, places, strict=True)):
            keep_figure(
                partial(sentence_figure, run, step=at, mode=mode()),
                name=f"sentence-{number}",
                label=f"Download sentence {number + 1:d}" if len(runs) > 1 else "Download sentence",
                data=partial(text_runs.step_table, run),
            )
    if word is not None and not on_phone():
        _show_word(runs, places, word)
    steered = any(len(each.choices) for run in runs for each in run.steps)
    views = VIEWS if steered else VIEWS[:-1]  # the last asks what guidance or control would do
    measure: Measure = "confidence"
    with st.container(horizontal=True, gap="medium"):
        # twelve lines are too many for a phone's width; rows of cells are not
        view = url_choice("View", "view", views, usual=VIEWS[1] if on_phone() else None)
        if view in VIEWS[:2]:
            measure = url_choice("Measure", "measure", tuple(MEASURES), MEASURES.get)
    columns = st.columns(len(runs))
    names = called([run.manifest for run in runs])
    for number, (column, run) in enumerate(zip(columns, runs, strict=True)):
        with column:
            if len(runs) > 1:
                st.text(names[number])
            _show_view(run, view, measure, min(step, len(run.steps) - 1), number)
    if view == "Unmask order":
        _show_orders(runs)


def _show_orders(runs: Sequence[TextRun]) -> None:
    """How left-to-right the orders of the runs are, and how alike."""
    table = data.order_table(runs, called([run.manifest for run in runs]))
    shares = st.column_config.NumberColumn(format="%.2f")
    numbers = {name: shares for name in table.columns if "@" in name or name.startswith("tau")}
    st.dataframe(inert(table), hide_index=True, width="stretch", column_config=numbers)
    st.caption(
        "Left-to-rightness, 0 to 1, of what each run has revealed so far ([Gong et al. 2025, "
        "DiffuCoder](https://arxiv.org/abs/2506.20639)). Local @k: how often a reveal and the k "
        "before it are neighbours in ascending order. Global @k: how often it was among the k "
        "leftmost masked positions. Positions of one step are read from left to right: where a "
        "step revealed several, these are the most that its order can be."
    )
    if len(runs) > 1:
        st.caption(
            "Tau-b is Kendall's, 1 for the same order and -1 for the reverse, with the positions "
            "of one step as ties."
        )


def _show_view(run: TextRun, view: str, measure: Measure, step: int, number: int) -> None:
    table = partial(text_runs.step_table, run)
    shown = mode()
    if view == "Confidence over steps":
        figure = measure_lines(run, measure=measure, step=step, mode=shown)
        name = f"{measure}-over-steps-{number}"
        show_over_steps(figure, name=name, data=table, last=len(run.steps) - 1)
    elif view == "Heatmap":
        cell = _chosen_cell(run, f"cell-{number}")
        # always there: a line that came with a click would move the cells under the hand
        st.text(HINT if cell is None else data.cell_line(run, *cell))
        figure = figures.measure_heatmap(run, measure=measure, step=step, mode=shown, chosen=cell)
        event = show_figure(figure, name=f"{measure}-heatmap-{number}", data=table, select=True)
        clicked = new_click(event, f"heatmap-{run.manifest.run[:8]}")
        if clicked:
            params[f"cell-{number}"] = f"{clicked[0]},{clicked[1]}"
            st.rerun(scope="fragment")
        where = "a cell" if figures.every_cell(run) else "a dot, or a cell of the dotted step,"
        crosses = " Crosses: taken back." if run.takings_back() else ""
        dots = "revealed" if run.masked_kernel else "changed"
        st.caption(f"Orange dots: {dots}.{crosses} Click {where} for its candidates.")
        if cell is not None:
            _show_candidates(run, *cell, number)
    elif view == "Changes of mind":
        _show_changes(run, step, number)
    elif view == "Unmask order":
        figure = figures.unmask_order(run, step=step, mode=shown)
        show_figure(figure, name=f"unmask-order-{number}", data=table)
    elif view == "Entropy":
        figure = figures.entropy_curve(run, step=step, mode=shown)
        show_over_steps(figure, name=f"entropy-{number}", data=table, last=len(run.steps) - 1)
    elif view == "What if":
        show_what_if(run, step, number)
    else:
        _choose_candidates(run, step, number)


def _show_changes(run: TextRun, step: int, number: int) -> None:
    if len(run.steps) < 2:
        st.info("No step of this run is stored yet.")
        return
    found = changes_of_mind(run)
    st.text(data.change_line(run, found))
    show_figure(
        held_heatmap(run, found, step=step, mode=mode()),
        name=f"changes-of-mind-{number}",
        data=partial(data.change_table, run, found),
    )
    st.caption(
        "The sentence as it would read: at every step the sampler holds a token for each open "
        "position, and would write it if all were revealed at once; of a kernel without masks it "
        "is the sentence itself. Framed: the token that the position ends in. Blank: the step did "
        "not judge the position, and its word stood. What a fork wrote is no change of mind."
    )
    if found.stood.any():
        st.caption(
            "Rings: the rule edit asked about a word that stands and drew another one, of which it "
            "was not sure enough; how sure it was of the word that stood is not kept."
        )


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


def _show_word(runs: Sequence[TextRun], places: Sequence[int], position: int) -> None:
    """What else was likely for the chosen word: at the step that revealed it, or at this one."""
    for number, (column, run, at) in enumerate(
        zip(st.columns(len(runs)), runs, places, strict=True)
    ):
        with column:
            if position >= run.length:
                st.info(f"This text has no position {position:d}.")
                continue
            if not run.matrix("confidence").shape[0] or _never_asked(run, position):
                st.info(f"Position {position:d} is the template's own: the model never judged it.")
                continue
            step = _judged(run, position, at) if run.masked_kernel else max(1, at)
            _show_and_force(run, step, position, number)


def _show_and_force(run: TextRun, step: int, position: int, number: int) -> None:
    """A word's candidates, and the way to put another one in its place."""
    _show_candidates(run, step, position, number)
    query = _forced(run, step, position)
    st.page_link(
        "app_pages/fork/page.py",
        label=f"Force another token at position {position:d} after step {int(query['at']):d}",
        icon=":material/fork_right:",
        query_params=query,
        help="Fork there, with the second candidate in its place. Where this step wrote the last "
        "masks, the fork begins earlier: it has to have something left to do.",
    )


def _never_asked(run: TextRun, position: int) -> bool:
    """Whether a position was the template's own at every step."""
    return all(position not in step.masked and position not in step.written for step in run.steps)


def _judged(run: TextRun, position: int, at: int) -> int:
    """The step up to ``at`` that revealed a position last, while it stands; else ``at``."""
    when = 0
    for step in run.steps[1 : at + 1]:
        if position in step.revealed:
            when = step.index
        if position in step.taken_back:
            when = 0
    return when or max(1, at)


def _forced(run: TextRun, step: int, position: int) -> dict[str, str]:
    """A link to Fork that puts the second candidate in a position's place.

    Where that was the last mask, it begins earlier: a fork has to have something left to do.
    """
    table = text_runs.candidate_table(run, step=step, position=position)
    at = step - 1
    while at > 0 and run.masked_kernel and not _left_besides(run, at, position):
        at -= 1
    query = {"run": run.manifest.short, "at": str(at)}
    if len(table) > 1:
        held = run.pieces[run.steps[step].proposed[run.steps[step].row(position) or 0]]
        others = [token for token in table["token"] if token != held]
        query["set"] = f"@{position}={others[0]}"
    return query


def _left_besides(run: TextRun, at: int, position: int) -> bool:
    """Whether after a step another position than this is still masked."""
    masked = np.flatnonzero(run.steps[at].tokens == run.mask_id)
    return bool((masked != position).any())


def _choose_candidates(run: TextRun, step: int, number: int) -> None:
    masked: list[int] = run.steps[step].masked.tolist()
    chosen = chosen_word()
    if chosen is not None and (chosen >= run.length or _never_asked(run, chosen)):
        chosen = None
    if not masked and (chosen is None or step == 0):
        if step == 0:
            st.info("Nothing is judged before the first step; move to step 1 or later.")
        else:
            st.info(f"The model was asked about nothing at step {step:d}.")
        return
    offered = sorted({*masked, *(() if chosen is None else (chosen,))})
    usual = text_runs.most_open_position(run, step=step) if chosen is None else chosen
    words = run.words(len(run.steps) - 1)
    key = f"position-{number}-{step}-{usual}"
    position = st.selectbox(
        "Position (of those that this step judged)",
        offered,
        index=offered.index(usual),
        format_func=lambda p: f"{p}: in the end {words[p]}",
        key=key,
        on_change=lambda: choose_word(st.session_state[key]),
    )
    judged = step if position in masked else _judged(run, position, step)
    if judged != step:
        st.caption(
            f"Step {step:d} did not judge position {position:d}: shown is what step {judged:d} saw."
        )
    _show_and_force(run, judged, position, number)


def _show_candidates(run: TextRun, step: int, position: int, number: int) -> None:
    most = FEW if on_phone() else figures.CANDIDATES
    figure = figures.candidate_bars(run, step=step, position=position, mode=mode(), most=most)
    if figure is None:
        st.info(f"Position {position:d} was not judged by step {step:d}.")
        return
    said = f"The {most:d} best candidates for position {position:d} before step {step:d}"
    st.markdown(f"**{escaped(said)}**")
    show_figure(
        figure,
        name=f"candidates-{number}-{step}-{position}",
        data=partial(text_runs.candidate_table, run, step=step, position=position),
    )
    edits = run.manifest.spec.get("rule") == "edit"
    stood = "Where it was not sure enough, the word that was there has stood." if edits else ""
    st.caption(f"Orange: the token that this step drew for this position. {escaped(stood)}")
