"""Jobs on a page: what a request would cost, a button that submits it, and its progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import StepscopeError
from dashboard.data import plans
from dashboard.data.job_table import waiting_for
from dashboard.ui.roles import must
from dashboard.ui.stores import open_store, say_read_only, the_store
from dashboard.ui.trouble import fragment
from engine.jobs.cluster import CANCEL_S, JobCluster, cluster_of
from engine.jobs.endings import GONE
from engine.jobs.work import Job, job_id, seconds_left, steps_stored
from engine.requests.estimates import duration, estimate
from engine.requests.planner import Prediction, predict_plans
from engine.requests.plans import AnySpec

TICK_S = 0.7
NOTICE_S = 3.0  # how soon a page notices that somebody else took an ended job up again
STATES = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
}


def the_cluster() -> JobCluster:
    """The jobs of this server's store; its worker starts with the first job.

    A store that can only be read has none: the page says so and ends there.
    """
    store = the_store()
    if say_read_only():
        st.stop()
    return _cluster(str(store.folder))


def _cluster(_folder: str) -> JobCluster:
    # not in Streamlit's cache: whoever reaches the server may clear that, logged in or not
    return cluster_of(open_store())


def offer_compute(
    specs: Sequence[AnySpec], *, title: str, label: str = "Compute", key: str
) -> Job | None:
    """The plan of some specs in one line, a button that submits them, then their progress.

    The same specs are the same job, found again after a reload, and by everyone. Returns the job
    where there is one, at work or ended. Reruns the page once it is done.
    """
    try:
        asked = plans.request(specs)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return None
    if say_read_only():
        return None
    job = the_cluster().find(asked.job_id)
    if job is not None and job.active:
        watch_job(job, key=key)
        return job
    prediction = predict_plans(the_store(), asked.plans)
    if prediction.new == 0:
        st.caption(f"All of it is in the store: {plans.size_line(prediction)}.")
        return job
    if job is not None:
        say_ended(job)
    st.caption(f"{plans.plan_line(prediction)}. {calls_line(prediction)}{how_long(prediction)}")
    again = job is not None and job.state != "done"
    if st.button("Go on with it" if again else label, type="primary", key=f"compute-{key}"):
        st.session_state[f"begun-{key}"] = asked.job_id
        job = submit(specs, title=title) or job
    return job


def compute_box(label: str, *, key: str) -> DeltaGenerator:
    """Where more can be computed: collapsed, but open while a job begun there is at work.

    ``key`` is that of the ``offer_compute`` in it.
    """
    begun = st.session_state.get(f"begun-{key}")
    job = the_cluster().find(str(begun)) if begun else None
    if job is not None and job.active:
        return st.container(border=True)
    return st.expander(label)


def submit(specs: Sequence[AnySpec], *, title: str) -> Job | None:
    """Submit a job and show the page anew; says what is wrong when it is refused."""
    with st.spinner("Handing it to a worker"):
        try:
            must("compute")
            the_cluster().submit(specs, title=title, submitted_by=person())
        except StepscopeError as error:
            say_trouble("The job was not taken.", str(error))
            return None
    st.rerun()


def watch_job(job: Job, *, key: str, beside: Callable[[Job], None] | None = None) -> None:
    """A job's live progress with a Cancel button, until it has ended; then the page is run anew.

    ``beside`` shows more of the job at every tick.
    """

    def watched() -> None:
        now = the_cluster().find(job.id)
        if now is None or not now.active:
            st.rerun()
        show_progress(now)
        cancel_button(now, key=f"cancel-{key}")
        if beside is not None:
            beside(now)

    fragment(watched, run_every=TICK_S)()


def cancel_button(job: Job, *, key: str) -> None:
    """Cancels a job; the next thing that is drawn says that it is being cancelled."""
    asked = the_cluster().book.is_asked_to_stop(job.id)
    st.button("Cancel", key=key, disabled=asked, on_click=_cancel, args=(job.id,))
    if trouble := st.session_state.pop(f"trouble-{job.id}", ""):
        say_trouble("The job cannot be cancelled.", trouble)


def _cancel(job_id: str) -> None:
    try:
        must("compute")
        the_cluster().cancel(job_id)
    except StepscopeError as error:
        st.session_state[f"trouble-{job_id}"] = str(error)


def show_progress(job: Job) -> None:
    """A bar by steps, what is still to come, and whose job it is."""
    stored = min(steps_stored(the_store(), job), job.steps)
    share = stored / job.steps if job.steps else 0.0
    st.progress(share, text=f"{stored:d} of {job.steps:d} steps are in the store")
    st.text(f"{job.title}: {_state_line(job, stored)}")


def say_ended(job: Job) -> None:
    """How a job ended when it did not end well, with its reason."""
    if job.state == "failed":
        say_trouble("This was tried and failed.", job.error)
    elif job.state == "cancelled":
        st.info("This was cancelled; the steps it had made are kept.")
    elif job.state == "interrupted":
        st.info("This was interrupted; the steps it had made are kept.")
        st.text(f"Reason: {job.error or GONE}")
    _notice_others(job)


def _notice_others(job: Job) -> None:
    """Run the page anew when somebody takes an ended job up again, or forgets it."""

    def look() -> None:
        now = the_cluster().find(job.id)
        if now is None or (now.state, now.submitted_at) != (job.state, job.submitted_at):
            st.rerun()

    fragment(look, run_every=NOTICE_S)()


def say_trouble(what: str, reason: str) -> None:
    """An error with its reason; the reason may hold what somebody typed, so it is plain text."""
    with st.container(border=True):
        st.error(what)
        st.text(reason)


def calls_line(prediction: Prediction) -> str:
    """How many model calls it will take, as a sentence; '' for what is not made of steps."""
    if any(cell.planned.spec.kind not in ("text", "image") for cell in prediction.cells):
        return ""
    calls = prediction.calls_in_words
    return f"{calls[0].upper()}{calls[1:]}. "


def how_long(prediction: Prediction) -> str:
    """About how long the new steps take, or that nothing like them was ever timed."""
    job = job_id([cell.planned.chain.run for cell in prediction.cells])
    seconds = _estimate(prediction, str(the_store().folder), job, prediction.new)
    if seconds is None:
        return "How long is not known: no like step was ever timed here."
    load = "" if the_cluster().workers() else ", and some seconds to start a worker"
    about = "" if seconds < 1 else "about "
    return f"It takes {about}{duration(seconds)}{load}."


def person() -> str | None:
    """Who submits: the name one is logged in with, or that one gave; None: the server's user."""
    logged_in = st.user.to_dict().get("email")
    given = str(st.session_state.get("person", "")).strip()
    return str(logged_in) if logged_in else given[:60] or None


@st.cache_data(ttl=60, max_entries=64, show_spinner=False)
def _estimate(_prediction: Prediction, folder: str, job: str, new: int) -> float | None:
    return estimate(the_store(), ((cell.planned, cell.new) for cell in _prediction.cells))


def _state_line(job: Job, stored: int) -> str:
    by = f"submitted by {job.submitted_by}"
    if the_cluster().book.is_asked_to_stop(job.id):
        return f"cancelling: it stops after its step, or is given up in {CANCEL_S:.0f} s; {by}"
    if job.state == "queued":
        return f"{waiting_for(job, the_cluster().book.queue())}; {by}"
    again = " (its worker died once and was replaced)" if job.attempts > 1 else ""
    left = _seconds_left(job, stored)
    about = "about " if left is not None and left >= 1 else ""
    when = "" if left is None else f", {about}{duration(left)} left"
    if stored <= job.stored_before:
        when = ", the model is being loaded"
    return f"running{again}{when}; {by}"


def _seconds_left(job: Job, stored: int) -> float | None:
    seen: list[tuple[float, int]] = st.session_state.setdefault(f"pace-{job.id}-{job.attempts}", [])
    if not seen or stored > seen[-1][1]:
        seen.append((time.time(), stored))
        del seen[:-20]
    return seconds_left(job, seen)
