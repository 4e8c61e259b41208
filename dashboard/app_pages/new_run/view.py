"""From a form to a run: the plan, the job while it is at work, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from cache.errors import ModelReplaced, StepscopeError
from dashboard.app_pages.new_run.data import START, same_runs, specs_of, values_of
from dashboard.app_pages.new_run.emerging import show_emerging, show_results
from dashboard.app_pages.new_run.form import fill
from dashboard.data import plans
from dashboard.ui.image_form import say_lost
from dashboard.ui.jobs import say_ended, say_trouble, submit, the_cluster, watch_job
from dashboard.ui.link import params
from dashboard.ui.plain import escaped
from dashboard.ui.plan_view import show_plan
from dashboard.ui.state import choice_from_url
from dashboard.ui.stores import the_store
from engine.chain import manifests
from engine.jobs.work import Job
from engine.models.replaced import model_of_run
from engine.requests.planner import predict_plans
from engine.requests.plans import AnySpec, parse_spec

TAKEN = "new-taken"  # which link the form was filled from last
KIND = "new-kind"


def take_link() -> Job | None:
    """Fill the form from the URL's ``job`` or ``from``, once; the job, when no form asks for it."""
    job_id, run = params.get("job"), params.get("from")
    if job_id:
        return _take_job(job_id)
    if run and st.session_state.get(TAKEN) != run:
        st.session_state[TAKEN] = run
        _take_run(run)
    return None


def pick_kind() -> str:
    """The kind of run to make; its state is the URL's ``kind``."""
    kinds, state = list(START), st.session_state
    linked = params.get("kind")
    if state.get(KIND) not in kinds or (linked and linked != state.get(f"{KIND}-url")):
        state[KIND] = choice_from_url("kind", kinds) or state.get(KIND) or kinds[0]
    picked = st.segmented_control(
        "Kind",
        kinds,
        key=KIND,
        format_func=str.capitalize,
        required=True,
        persist_state="session",
    )
    params["kind"] = state[f"{KIND}-url"] = str(picked)
    return str(picked)


def offer_run(specs: Sequence[AnySpec]) -> None:
    """The plan of some specs and a button; or their progress; or what they have come to."""
    try:
        asked = plans.request(specs)
        job = the_cluster().find(asked.job_id)
    except StepscopeError as error:
        say_trouble("This cannot be computed.", str(error))
        return
    say_lost(specs)
    if job is not None:
        params["job"] = st.session_state[TAKEN] = job.id
    else:
        params.pop("job", None)
    if job is not None and job.active:
        params.pop("step", None)  # of what was shown before it
        watch_job(job, key="new", beside=show_emerging)
        return
    prediction = predict_plans(the_store(), asked.plans)
    if prediction.new == 0:
        st.success(f"All of it is in the store: {plans.size_line(prediction)}.")
        show_results([planned.chain.run for planned in asked.plans])
        return
    if job is not None:
        say_ended(job)
    again = job is not None and job.state != "done"
    if show_plan(prediction, label="Go on with it" if again else "Run"):
        submit(specs, title=title_of(specs))


def title_of(specs: Sequence[AnySpec]) -> str:
    """What a job is called in the queue."""
    first: dict[str, Any] = specs[0].facts()
    words = first.get("prompt") or first.get("template") or first.get("text")
    said = f"“{str(words)[:60]}”" if words else f"{first.get('length')} tokens"
    kind = {"image": "picture", "text": "text", "corruption": "corruption"}.get(
        first["kind"], "run"
    )
    many = f"{len(specs)} {kind}s" if len(specs) > 1 and kind != "corruption" else kind
    return f"{many}: {said}"


def show_job(job: Job) -> None:
    """A job that no form here asks for, by its link."""
    st.text(job.title)
    if job.active:
        watch_job(job, key="linked", beside=show_emerging)
        return
    if job.state == "done":
        st.success("This job is done.")
    say_ended(job)
    show_results(job.runs)


def _take_job(job_id: str) -> Job | None:
    try:
        job = the_cluster().find(job_id)
    except StepscopeError:
        job = None
    if job is None:
        st.warning("The job of this link is not in this store; below is a new run.")
        del params["job"]
        return None
    try:
        filled = values_of(job.specs)
        # of a model that was replaced since, the form would ask for other runs than the job's
        known = filled is not None and same_runs(specs_of(*filled), job.specs) and _same(job)
    except StepscopeError:
        known = False
    if filled is None or not known:
        return job
    if st.session_state.get(TAKEN) != job.id:
        st.session_state[TAKEN] = job.id
        _fill(*filled)
    return None


def _same(job: Job) -> bool:
    """Whether a job's specs are still the runs that they were when it was submitted."""
    return plans.request([parse_spec(fields) for fields in job.specs]).job_id == job.id


def _take_run(run: str) -> None:
    store = the_store()
    try:
        manifest = manifests.load(store, manifests.resolve(store, run))
    except StepscopeError:
        st.warning("The run to take over is not in this store; the form starts afresh.")
        del params["from"]
        return
    filled = values_of([manifest.spec])
    if filled is None or filled[0] not in START:
        st.warning(f"A run of kind {escaped(manifest.kind)} has no form here.")
        return
    _fill(*filled)
    st.toast("The form is filled from the run.")
    try:
        model_of_run(manifest.model, manifest.fingerprint)
    except ModelReplaced as error:
        st.warning(escaped(f"{error}. This form asks the installed one, for another run."))
    except StepscopeError:
        pass  # the plan says it
    if manifest.spec.get("changes"):
        st.info("That run is a fork: the form has the settings that it began with.")


def _fill(kind: str, values: Mapping[str, Any]) -> None:
    fill(kind, values)
    st.session_state[KIND] = st.session_state[f"{KIND}-url"] = kind
    params["kind"] = kind
