"""The queue that several people share: who waits for what, what is at work, what has ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.export import inert
from dashboard.data.job_table import ended_table, worker_table
from dashboard.ui.jobs import STATES, cancel_button, say_trouble, show_progress, the_cluster
from dashboard.ui.plain import escaped
from dashboard.ui.roles import must
from dashboard.ui.trouble import fragment
from engine.jobs.work import Job

TICK_S = 1.5
SHOWN = 100


def show_queue() -> None:
    """The jobs that wait or are at work; runs the page anew when one comes or goes."""
    queue = _active()
    st.subheader("At work and waiting")
    if not queue:
        st.info("No job waits or is at work. A job begins on the New run page.")
    fragment(_watch, run_every=TICK_S)([job.id for job in queue])


def show_ended() -> None:
    """The jobs that are over, with what can be done with the selected ones."""
    ended = [job for job in the_cluster().book.all() if not job.active][:SHOWN]
    if not ended:
        return
    st.subheader("Ended")
    ids = [job.id for job in ended]
    key, before = _selection(ids)
    picked = st.dataframe(
        inert(ended_table(ended)),
        hide_index=True,
        width="stretch",
        height=min(460, 38 + 35 * len(ended)),
        on_select="rerun",
        selection_mode="multi-row",
        key=key,
        selection_default={"selection": {"rows": before}} if before else None,
        column_config={
            "job": st.column_config.TextColumn("Job", width="medium"),
            "state": st.column_config.TextColumn("State", width="small"),
            "reason": st.column_config.TextColumn("Reason", width="large"),
            "by": st.column_config.TextColumn("By", width="small"),
            "ended": st.column_config.TextColumn("Ended", width="small"),
            "took": st.column_config.TextColumn("Took", width="small"),
            "runs": st.column_config.NumberColumn("Runs", width="small"),
            "steps": st.column_config.NumberColumn("Steps", width="small"),
            "model calls": st.column_config.NumberColumn("Model calls", width="small"),
        },
    )
    chosen = [ended[row] for row in picked.selection.rows if row < len(ended)]
    st.session_state["ended-chosen"] = [job.id for job in chosen]
    _offer(chosen)


def _selection(ids: Sequence[str]) -> tuple[str, list[int]]:
    """The table's key and the rows that are ticked: jobs, wherever the list has moved them.

    The browser knows rows only: where the list is another, it is another table.
    """
    state = st.session_state
    if state.setdefault("ended-ids", list(ids)) != list(ids):
        state["ended-ids"] = list(ids)
        state["ended-lists"] = state.get("ended-lists", 0) + 1
        chosen = set(state.get("ended-chosen", ()))
        state["ended-before"] = [row for row, job_id in enumerate(ids) if job_id in chosen]
    lists = state.get("ended-lists", 0)
    return f"ended-{lists}" if lists else "ended", state.get("ended-before", [])


def show_workers() -> None:
    """Which workers there are and where."""
    cluster = the_cluster()
    st.subheader("Workers")
    if cluster.scheduler is None:
        st.caption(
            "One worker beside this server; it starts with the first job. STEPSCOPE_SCHEDULER="
            "tcp://... sends jobs to the workers of a scheduler instead."
        )
    else:
        st.text(f"The workers of the scheduler at {cluster.scheduler} (STEPSCOPE_SCHEDULER)")
    table = worker_table(cluster.workers())
    if table.empty:
        st.text("No worker runs.")
    else:
        st.dataframe(inert(table), hide_index=True, width="stretch")


def ask_person() -> None:
    """The name that others see beside one's jobs; a login comes before it."""
    email = st.user.to_dict().get("email")
    if email:
        st.text(f"Your jobs are shown as submitted by {email}.")
        return
    st.columns([2, 3])[0].text_input(
        "Your name, for the others who share this queue",
        key="person",
        max_chars=60,
        persist_state="session",
    )


def _watch(shown: list[str]) -> None:
    queue = _active()
    if [job.id for job in queue] != shown:
        st.rerun()
    for job in queue:
        with st.container(border=True):
            show_progress(job)
            cancel, watch, _ = st.columns([1, 1, 6], vertical_alignment="center")
            with cancel:
                cancel_button(job, key=f"cancel-{job.id}")
            watch.page_link(
                "app_pages/new_run/page.py", label="Watch", query_params={"job": job.id}
            )


def _active() -> list[Job]:
    cluster = the_cluster()
    jobs = [cluster.find(job.id) for job in cluster.book.queue()]
    return [job for job in jobs if job is not None and job.active]


def _offer(chosen: Sequence[Job]) -> None:
    if not chosen:
        st.caption("Select one to resume it, to look at its runs or to forget it.")
        return
    for job in chosen[:4]:
        st.text(f"{job.title}: {STATES[job.state]}{f': {job.error}' if job.error else ''}")
    resume, look, forget, _ = st.columns([1, 1, 1, 4], vertical_alignment="center")
    unfinished = [job for job in chosen if job.state != "done"]
    if resume.button("Resume", disabled=not unfinished, key="resume", width="stretch"):
        _try(the_cluster().resume, unfinished, "The job was not taken.")
    look.page_link(
        "app_pages/new_run/page.py",
        label="Its runs",
        query_params={"job": chosen[0].id},
        disabled=len(chosen) != 1,
    )
    if forget.button("Forget", key="forget", width="stretch", help="The runs stay in the store"):
        _try(the_cluster().book.forget, chosen, "The job was not forgotten.")


def _try(what: Callable[[str], object], jobs: Sequence[Job], trouble: str) -> None:
    """Do something with every job, whichever of them refuses; what refused is told."""
    refused = []
    with st.spinner("Handing it to a worker"):
        for job in jobs:
            try:
                must("compute")
                what(job.id)
            except StepscopeError as error:
                refused.append(f"{job.title}: {error}")
    if refused:
        say_trouble(escaped(trouble), "\n".join(refused))
    else:
        st.rerun()
