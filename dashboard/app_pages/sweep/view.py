"""A sweep's plan, its cells as they fill in, and a metric over its axes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.sweep import data as sweep_data
from dashboard.app_pages.sweep.data import METRICS, Sweep
from dashboard.app_pages.sweep.figures import label, metric_heatmap
from dashboard.app_pages.sweep.opened import CELL, show_opened
from dashboard.data import plans
from dashboard.data.export import inert
from dashboard.figures.contact_sheet import Cell, contact_sheet
from dashboard.ui.choices import url_choice, url_select, url_slider
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.image_form import say_lost
from dashboard.ui.jobs import say_ended, say_trouble, submit, the_cluster, watch_job
from dashboard.ui.link import params, rerun_page
from dashboard.ui.plain import escaped
from dashboard.ui.plan_view import show_plan
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import fragment
from engine.chain.records import short_id
from engine.image import stored as image_stored
from engine.jobs.work import Job
from engine.requests.planner import Prediction, predict_plans

NO_AXIS = "nothing"
HEARD = "s-heard"  # the last cell of the table that was selected
AT = "at-"  # in the URL, before the axis whose value it is
ABREAST = 4  # axes on a line


def show_sweep(sweep: Sweep) -> None:
    """The plan and a button, or live progress; below it the cells."""
    try:
        asked = plans.request(sweep.specs)
        job = the_cluster().find(asked.job_id)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return
    say_lost(sweep.specs)
    shown = _choose_slice(sweep)
    if job is not None and job.active:
        watch_job(job, key="sweep", beside=lambda _: _show_cells(sweep, shown, 1.0))
        return
    prediction = predict_plans(the_store(), asked.plans)
    if prediction.new:
        _offer(sweep, prediction, job)
    else:
        st.caption(f"All of it is in the store: {plans.plan_line(prediction)}.")
    if any(cell.standing != "new" for cell in prediction.cells):
        fragment(_show_results)(sweep, shown)


def _offer(sweep: Sweep, prediction: Prediction, job: Job | None) -> None:
    if job is not None:
        say_ended(job)
    again = job is not None and job.state != "done"
    text = "Go on with it" if again else f"Compute this sweep of {len(sweep.cells)} runs"
    settings = [", ".join(f"{k} {label(v)}" for k, v in cell.items()) for cell in sweep.cells]
    if show_plan(prediction, label=text, settings=settings):
        submit(sweep.specs, title=f"sweep over {', '.join(sweep.varying) or 'one run'}")


def _choose_slice(sweep: Sweep) -> tuple[str | None, str | None, dict[str, Any]]:
    """(rows, columns, the values of the other axes)."""
    names = sweep.varying
    if not names:
        return None, None, {}
    abreast = max(2, min(ABREAST, len(names)))
    lines = -(-len(names) // abreast)
    first, second, *rest = [place for _ in range(lines) for place in st.columns(abreast)]
    usual = names[1] if len(names) > 1 else None
    rows = url_select(first, "Rows", "rows", names, key="s-rows", usual=usual or names[0])
    others = [name for name in names if name != rows] or [NO_AXIS]
    columns = url_select(second, "Columns", "columns", others, key="s-columns", usual=others[0])
    fixed: dict[str, Any] = {}
    left = [name for name in others if name not in (columns, NO_AXIS)]
    for name in [each for each in params if each.startswith(AT)]:
        if name.removeprefix(AT) not in left:  # of other axes
            del params[name]
    for where, name in zip(rest, left, strict=False):
        values = {label(value): value for value in sweep.axes[name]}
        at = f"{AT}{name}"
        usual = label(sweep_data.first_stored(the_store(), sweep, name))
        picked = url_select(where, escaped(name), at, list(values), key=f"s-{at}", usual=usual)
        fixed[name] = values[picked]
    return rows, None if columns == NO_AXIS else columns, fixed


def _show_results(sweep: Sweep, shown: tuple[str | None, str | None, dict[str, Any]]) -> None:
    percent = url_slider(
        "How far along (all cells together)", "along", 0, 100, key="s-along", usual=100, step=2,
        shown="%d %%",
    )  # fmt: skip
    share = percent / 100
    show_opened(sweep, shown)
    _show_cells(sweep, shown, share)
    _show_metric(sweep, shown)


def _show_cells(
    sweep: Sweep, shown: tuple[str | None, str | None, dict[str, Any]], share: float
) -> None:
    rows, columns, fixed = shown
    row_values, column_values, places = sweep_data.arranged(sweep, rows, columns, fixed)
    if sweep.kind == "text":
        _show_sentences(sweep, row_values, column_values, places, share)
        return
    store = the_store()
    preview = image_stored.find_preview(store, sweep.plans[0].model.fingerprint)
    previews = 0
    table: list[list[Cell]] = []
    for row in places:
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
            cells.append(Cell(source, hover, planned.chain.run if source else ""))
        table.append(cells)
    figure = contact_sheet(
        table,
        [label(value) for value in row_values],
        [label(value) for value in column_values],
        mode=mode(),
        row_title=rows or "",
        column_title=columns or "",
        largest=st.session_state.get("s-zoom", 160),
    )
    data = partial(sweep_data.metric_table, store, sweep, "contrast")
    clicked = new_click(show_figure(figure, name="sweep", data=data, select=True), "sweep")
    if clicked:
        params[CELL] = short_id(clicked)
        rerun_page()
    url_slider(
        "Zoom (pixels a picture)", "zoom", 64, 400, key="s-zoom", usual=160, step=16, shown="%d"
    )
    what = "the predicted x0 of the step" if share < 1 else "what has been reached"
    st.caption(
        f"Shown is {what}; {previews:d} of the pictures are linear previews of the latents. "
        "A click opens a cell above."
    )


def _show_sentences(
    sweep: Sweep,
    row_values: Sequence[Any],
    column_values: Sequence[Any],
    places: Sequence[Sequence[int | None]],
    share: float,
) -> None:
    texts = {
        label(column): [_sentence(sweep, row[c], share) for row in places]
        for c, column in enumerate(column_values)
    }
    table = inert(pd.DataFrame(texts, index=[label(value) for value in row_values]))
    picked = st.dataframe(
        table,
        width="stretch",
        row_height=58,
        on_select="rerun",
        selection_mode="single-cell",
        key="s-sentences",
        column_config={str(name): st.column_config.TextColumn(width="large") for name in table},
    )
    chosen = picked.selection.cells
    if chosen and chosen != st.session_state.get(HEARD):
        st.session_state[HEARD] = chosen
        row, column = chosen[0][0], list(table.columns).index(chosen[0][1])
        place = places[row][column]
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


def _show_metric(sweep: Sweep, shown: tuple[str | None, str | None, dict[str, Any]]) -> None:
    choices = METRICS[sweep.kind]
    name = url_choice("Metric", f"metric-{sweep.kind}", tuple(choices), str.capitalize)
    st.caption(
        f"{escaped(name.capitalize())}: {escaped(choices[name])}. Cells that are not finished are "
        "blank."
    )
    rows, columns, fixed = shown
    row_values, column_values, places = sweep_data.arranged(sweep, rows, columns, fixed)
    values = [
        [
            float("nan") if p is None else sweep_data.metric_of(the_store(), sweep.plans[p], name)
            for p in row
        ]
        for row in places
    ]
    figure = metric_heatmap(
        values,
        row_values,
        column_values,
        rows=rows or "",
        columns=columns or "",
        name=name,
        mode=mode(),
    )
    data = partial(sweep_data.metric_table, the_store(), sweep, name)
    show_figure(figure, name=f"sweep-{name}", data=data)
