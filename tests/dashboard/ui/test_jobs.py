"""What every page uses to let people compute: the plan, the button, the progress, the end."""

import re
import time

import pytest
from streamlit.testing.v1 import AppTest

from cache.errors import JobError
from cache.payload import Payload
from engine.requests.plans import keep_manifest, plan
from engine.text.spec import TextSpec


def script():
    import streamlit as st

    from dashboard.ui.jobs import offer_compute
    from engine.text.spec import TextSpec

    count = st.session_state.get("count", 2)
    base = TextSpec(length=6, steps=6, top_k=5, model=st.session_state.get("model", "builtin-bert"))
    job = offer_compute(
        [base.but(seed=seed) for seed in range(count)],
        title="two <b>seeds</b>",
        label="Compute these 2 runs",
        key="here",
    )
    st.session_state["job"] = job


SPECS = [TextSpec(length=6, steps=6, top_k=5, seed=seed) for seed in range(2)]


def shown(**state):
    at = AppTest.from_function(script, default_timeout=60)
    for name, value in state.items():
        at.session_state[name] = value
    return at.run()


def keep(store, count):
    """Store the first steps of both runs."""
    for spec in SPECS:
        planned = plan(spec)
        keep_manifest(store, planned)
        for key in planned.chain.step_keys[: count + 1]:
            store.put(key, Payload())


def texts(at):
    return [element.value for element in at.text]


def test_the_plan_is_told_and_a_click_submits(cluster):
    at = shown()
    assert at.caption[0].value.startswith(
        "2 runs: 0 steps cached, 0 shared with other runs, 12 new. At most 11 model calls. "
        "How long is not known"
    )
    at.button(key="compute-here").click().run()
    assert not at.exception
    (job,) = cluster.book.all()
    assert job.title == "two <b>seeds</b>"
    assert at.session_state["job"].id == job.id
    assert re.search(
        "two <b>seeds</b>: next in the queue, for .*: it waits for a worker", texts(at)[0]
    )
    assert not [b for b in at.button if b.key == "compute-here"]


def test_a_job_at_work_is_found_again_and_can_be_cancelled(cluster, empty_store):
    job = cluster.submit(SPECS, title="x", submitted_by="ada")
    keep(empty_store, 3)
    cluster.book.begin(job.id, stored=0)
    at = shown()
    assert "x: running; submitted by ada" in texts(at)[0]
    assert at.get("progress")[0].proto.text == "6 of 12 steps are in the store"
    at.button(key="cancel-here").click().run()
    assert cluster.cancelled == [job.id]


def test_a_worker_that_died_is_told_of(cluster):
    job = cluster.submit(SPECS, title="x")
    for _ in range(2):
        cluster.book.begin(job.id, stored=0)
    assert "its worker died once and was replaced" in texts(shown())[0]


def test_nothing_is_offered_when_all_of_it_is_there(cluster, empty_store):
    keep(empty_store, 6)
    at = shown()
    assert [c.value for c in at.caption] == [
        "All of it is in the store: 2 runs of 6 steps, 12 in all."
    ]
    assert not at.button


@pytest.mark.parametrize("state", ["failed", "cancelled", "interrupted"])
def test_a_job_that_ended_badly_says_so_and_goes_on_when_asked(cluster, empty_store, state):
    job = cluster.submit(SPECS, title="x")
    cluster.book.change(job.id, state=state, error="no room left", ended_at=time.time())
    keep(empty_store, 4)
    at = shown()
    said = [e.value for e in (*at.error, *at.info, *at.text)]
    assert ("no room left" in said) == (state == "failed")
    assert "8 steps cached" in at.caption[0].value
    assert at.button(key="compute-here").label == "Go on with it"
    at.button(key="compute-here").click().run()
    assert cluster.book.read(job.id).state == "queued"


def test_the_worker_that_cannot_be_had_is_named(cluster):
    cluster.refuses = "no scheduler answers at tcp://10.0.0.9:8786"
    at = shown()
    at.button(key="compute-here").click().run()
    assert not at.exception
    assert at.error[0].value == "The job was not taken."
    assert cluster.refuses in texts(at)
    with pytest.raises(JobError):
        cluster.submit(SPECS, title="x")


def test_what_cannot_be_computed_says_why(cluster, monkeypatch):
    at = shown(model="no-such/model")
    assert at.error[0].value == "This cannot be computed."
    assert "no-such/model" in texts(at)[0]
    monkeypatch.setenv("STEPSCOPE_TEXT_BUDGET", "71")
    assert "at most 71 steps x tokens x runs (STEPSCOPE_TEXT_BUDGET), got 72" in texts(shown())[0]


def test_a_rerun_of_a_large_plan_plans_nothing_anew(cluster, monkeypatch):
    at = shown(count=256)
    assert "256 runs: 0 steps cached" in at.caption[0].value
    monkeypatch.setattr("dashboard.data.plans.plan", lambda _: pytest.fail("planned anew"))
    assert "256 runs: 0 steps cached" in at.run().caption[0].value


def test_a_job_that_is_being_cancelled_says_so_at_once(cluster, empty_store):
    job = cluster.submit(SPECS, title="x", submitted_by="ada")
    cluster.book.begin(job.id, stored=0)
    cluster.cancel = cluster.book.ask_to_stop
    at = shown()
    assert not at.button(key="cancel-here").disabled
    at.button(key="cancel-here").click().run()
    assert not at.exception
    assert "x: cancelling: it stops after its step, or is given up in 30 s" in texts(at)[0]
    assert at.button(key="cancel-here").disabled


def test_a_cancel_that_cannot_be_written_is_told(cluster):
    def refuse(_):
        raise JobError("no space is left")

    job = cluster.submit(SPECS, title="x")
    cluster.book.begin(job.id, stored=0)
    cluster.cancel = refuse
    at = shown()
    at.button(key="cancel-here").click().run()
    assert not at.exception
    assert "no space is left" in texts(at)


def test_what_interrupted_a_job_is_told(cluster):
    job = cluster.submit(SPECS, title="x")
    reason = "the scheduler at tcp://10.0.0.1:8786 does not answer"
    cluster.book.change(job.id, state="interrupted", error=reason, ended_at=time.time())
    assert f"Reason: {reason}" in texts(shown())


def boxed():
    from dashboard.ui.jobs import compute_box, offer_compute
    from engine.text.spec import TextSpec

    spec = TextSpec(length=6, steps=6, top_k=5)
    with compute_box("Compute more", key="here"):
        offer_compute([spec], title="x", key="here")


def test_a_job_begun_in_a_collapsed_box_is_not_hidden_in_it(cluster):
    at = AppTest.from_function(boxed, default_timeout=60).run()
    assert [each.label for each in at.expander] == ["Compute more"]
    at.button(key="compute-here").click().run()
    assert not at.exception
    assert not at.expander
    assert at.button(key="cancel-here")
    (job,) = cluster.book.all()
    cluster.book.change(job.id, state="done", ended_at=time.time())
    assert [each.label for each in at.run().expander] == ["Compute more"]


def test_the_cluster_is_not_in_a_cache_that_a_visitor_may_clear(empty_store):
    import streamlit as st

    from dashboard.ui.jobs import the_cluster

    opened = the_cluster()
    st.cache_resource.clear()
    assert the_cluster() is opened
    opened.close()


def test_a_damaged_job_file_is_passed_over_on_a_page(cluster):
    job = cluster.submit(SPECS, title="x")
    (cluster.book.folder / f"{job.id}.json").write_text('{"id": 7, "specs": "x"}')
    at = shown()
    assert not at.exception
    assert at.button(key="compute-here").label == "Compute these 2 runs"
