"""A sweep's plan, its cells as they fill in, and a metric over its axes."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import StepscopeError
from dashboard.app_pages.sweep import data as sweep_data
from dashboard.app_pages.sweep.data import METRICS, Sweep
from dashboard.app_pages.sweep.figures import axis_words, label, metric_heatmap
from dashboard.app_pages.sweep.opened import CELL, offer_best, show_opened
from dashboard.app_pages.sweep.pick_slice import choose_slice
from dashboard.app_pages.sweep.slices import Arranged, Slice, arranged, names_of, whole_names
from dashboard.app_pages.sweep.stars import Stars, link_of_sweep, stars_of
from dashboard.data import plans
from dashboard.data.export import inert
from dashboard.data.library import in_common_of
from dashboard.figures.contact_sheet import WIDTH, Cell, contact_sheet
from dashboard.frame_route import address_of
from dashboard.ui.choices import url_choice, url_slider
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.hover_pictures import show_pictures_on_hover
from dashboard.ui.image_form import say_lost
from dashboard.ui.jobs import say_ended, say_trouble, submit, the_cluster, watch_job
from dashboard.ui.link import params, rerun_page
from dashboard.ui.page_record import note_runs
from dashboard.ui.person import the_person
from dashboard.ui.plain import escaped
from dashboard.ui.plan_view import show_plan
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import fragment
from engine.chain import manifests
from engine.chain.records import short_id
from engine.image import stored as image_stored
from engine.image.keys import decode_key
from engine.jobs.work import Job
from engine.requests.planner import Prediction, predict_plans
from engine.reviews.records import MOST_RUNS

ABREAST, SHARED = 4, 218  # columns of sentences that are all seen at once, pixels of each
BESIDE = 520  # pixels of the pictures beside an open one
HEARD = "s-heard"  # the last cell of the table that was selected


def show_sweep(sweep: Sweep, above: DeltaGenerator) -> None:
    """The plan and a button, or live progress and the cells; what can be seen stands above."""
    try:
        asked = plans.request(sweep.specs)
        job = the_cluster().find(asked.job_id)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return
    say_lost(sweep.specs)
    if job is not None and job.active:
        with above:
            _say_what(sweep)
            shown = choose_slice(sweep)
            watch_job(job, key="sweep", beside=lambda _: _show_cells(sweep, shown, 1.0))
        return
    prediction = predict_plans(the_store(), asked.plans)
    if any(cell.standing != "new" for cell in prediction.cells):
        with above:
            _say_what(sweep)
            fragment(_show_results)(sweep, choose_slice(sweep))
            st.subheader("What is swept", divider="gray")
    if prediction.new:
        _offer(sweep, prediction, job)
    else:
        st.caption(f"All of it is in the store: {plans.plan_line(prediction)}.")


def _say_what(sweep: Sweep) -> None:
    """What all cells have in common: what was asked, of which model, with which settings."""
    specs = [spec.facts() for spec in sweep.specs]
    st.text(in_common_of(specs, sweep.kind, {spec.model for spec in sweep.specs}))


def _offer(sweep: Sweep, prediction: Prediction, job: Job | None) -> None:
    if job is not None:
        say_ended(job)
    again = job is not None and job.state != "done"
    text = "Go on with it" if again else f"Compute this sweep of {len(sweep.cells)} runs"
    settings = [", ".join(f"{k} {label(v)}" for k, v in cell.items()) for cell in sweep.cells]
    if show_plan(prediction, label=text, settings=settings):
        submit(sweep.specs, title=f"sweep over {', '.join(sweep.varying) or 'one run'}")


def _show_results(sweep: Sweep, shown: Slice) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        percent = url_slider(
            "How far along (all cells together)", "along", 0, 100, key="s-along", usual=100, step=2,
            shown="%d %%",
        )  # fmt: skip
        if sweep.kind == "image":
            url_slider(
                "Zoom (pixels a picture)", "zoom", 64, 400, key="s-zoom", usual=160, step=16,
                shown="%d",
            )  # fmt: skip
    _note_runs(sweep, shown)
    stars = stars_of(the_store(), link_of_sweep(params.to_dict()), the_person())
    cells, opened = st.container(), st.container()
    if sweep.kind == "text":  # a sentence takes little height: it stands above its table
        opened, cells = cells, opened
    elif CELL in params:
        cells, opened = st.columns([3, 2], gap="medium")
    with opened:
        show_opened(sweep, shown, stars)
    with cells:
        _show_cells(sweep, shown, percent / 100, stars)
    offer_best(sweep, stars)
    _show_metric(sweep, shown)


def _note_runs(sweep: Sweep, shown: Slice) -> None:
    """The runs of the cells that stand there, for what takes the page home."""
    store = the_store()
    places = [place for row in arranged(sweep, shown).places for place in row if place is not None]
    runs = [sweep.plans[place].chain.run for place in places[:MOST_RUNS]]
    there = store.present([f"run:{run}" for run in runs])
    note_runs(manifests.load(store, r) for r, is_there in zip(runs, there, strict=True) if is_there)


def _show_cells(sweep: Sweep, shown: Slice, share: float, stars: Stars | None = None) -> None:
    table = arranged(sweep, shown)
    if sweep.kind == "text":
        _show_sentences(sweep, shown, table, share)
    else:
        _show_pictures(sweep, shown, table, share, stars)


def _show_pictures(
    sweep: Sweep, shown: Slice, table: Arranged, share: float, stars: Stars | None
) -> None:
    store = the_store()
    preview = image_stored.find_preview(store, sweep.plans[0].model.fingerprint)
    previews = 0
    sheet: list[list[Cell]] = []
    for row in table.places:
        cells = []
        for place in row:
            if place is None:
                cells.append(Cell("", "left out"))
                continue
            planned = sweep.plans[place]
            step = min(sweep_data.step_at(planned, share), sweep_data.stored_count(store, planned))
            source, how = sweep_data.cell_picture(store, planned, step, preview)
            previews += how == "linear preview"
            hover = f"step {step} of {planned.chain.step_count}" if source else "not computed yet"
            run = planned.chain.run
            mean = None if stars is None else stars.mean.get(run)
            badge = "" if mean is None else f"★ {mean:.2g}"
            is_open = run.startswith(params.get(CELL, "-"))
            cells.append(Cell(source, hover, run if source else "", is_open, badge))
        sheet.append(cells)
    figure = contact_sheet(
        sheet,
        names_of(table.rows, shown.down),
        names_of(table.columns, shown.across),
        mode=mode(),
        row_title=axis_words(shown.rows or ""),
        column_title=axis_words(shown.columns or ""),
        largest=st.session_state.get("s-zoom", 160),
        width=BESIDE if CELL in params else WIDTH,
        row_groups=[line.group for line in table.rows],
        column_groups=[line.group for line in table.columns],
    )
    data = partial(sweep_data.metric_table, store, sweep, "contrast")
    clicked = new_click(show_figure(figure, name="sweep", data=data, select=True), "sweep")
    if clicked:
        params[CELL] = short_id(clicked)
        rerun_page()
    what = "the predicted x0 of the step" if share < 1 else "what has been reached"
    blurred = f"; {previews:d} of the pictures are linear previews of the latents" * bool(previews)
    st.caption(
        f"Shown is {what}{escaped(blurred)}. A click opens a cell beside them, with its steps; "
        "there the arrow keys with Shift go on to its neighbours."
    )


def _show_sentences(sweep: Sweep, shown: Slice, table: Arranged, share: float) -> None:
    names = whole_names(table.columns, shown.across, shown.columns)
    texts = {
        name: [_sentence(sweep, row[c], share) for row in table.places]
        for c, name in enumerate(names)
    }
    sentences = inert(pd.DataFrame(texts, index=whole_names(table.rows, shown.down, shown.rows)))
    few = len(names) <= ABREAST  # share the width; sentences take two lines
    picked = st.dataframe(
        sentences,
        width="stretch",
        row_height=72,  # a second line is written only in rows of this height
        on_select="rerun",
        selection_mode="single-cell",
        key="s-sentences",
        column_config={
            str(name): st.column_config.TextColumn(width=SHARED if few else "medium")
            for name in sentences
        },
    )
    chosen = picked.selection.cells
    if chosen and chosen != st.session_state.get(HEARD):
        st.session_state[HEARD] = chosen
        row, column = chosen[0][0], list(sentences.columns).index(chosen[0][1])
        place = table.places[row][column]
        if place is not None:
            params[CELL] = short_id(sweep.plans[place].chain.run)
            rerun_page()
    st.caption("_ is a masked position. Select a cell to open it above.")


def _sentence(sweep: Sweep, place: int | None, share: float) -> str | None:
    if place is None:
        return None
    store, planned = the_store(), sweep.plans[place]
    step = min(sweep_data.step_at(planned, share), sweep_data.stored_count(store, planned))
    return sweep_data.cell_text(store, planned, step)


def _show_metric(sweep: Sweep, shown: Slice) -> None:
    choices = METRICS[sweep.kind]
    name = url_choice("Metric", f"metric-{sweep.kind}", tuple(choices), str.capitalize)
    st.caption(
        f"{escaped(name.capitalize())}: {escaped(choices[name])}. Cells that are not finished are "
        "blank; a click opens the cell."
    )
    table = arranged(sweep, shown)
    values = [
        [
            float("nan") if p is None else sweep_data.metric_of(the_store(), sweep.plans[p], name)
            for p in row
        ]
        for row in table.places
    ]
    words = None
    if sweep.kind == "text":
        words = [[_sentence(sweep, place, 1.0) or "" for place in row] for row in table.places]
    runs = [["" if p is None else sweep.plans[p].chain.run for p in row] for row in table.places]
    figure = metric_heatmap(
        values,
        whole_names(table.rows, shown.down),
        whole_names(table.columns, shown.across),
        runs=runs,
        words=words,
        rows=shown.rows or "",
        columns=shown.columns or "",
        name=name,
        mode=mode(),
    )
    if sweep.kind == "image":
        show_pictures_on_hover(_results_of(sweep))
    data = partial(sweep_data.metric_table, the_store(), sweep, name)
    event = show_figure(figure, name=f"sweep-{name}", data=data, select=True)
    clicked = new_click(event, f"sweep-{name}")
    if clicked:
        params[CELL] = short_id(clicked)
        rerun_page()


def _results_of(sweep: Sweep) -> dict[str, str]:
    """Where the picture of each finished cell is found, by its run."""
    chains = [planned.chain for planned in sweep.plans]
    present = the_store().present([decode_key(chain.step_keys[-1], "latents") for chain in chains])
    return {
        chain.run: address_of(chain.run, chain.step_count, "latents", "decode")
        for chain, there in zip(chains, present, strict=True)
        if there
    }
