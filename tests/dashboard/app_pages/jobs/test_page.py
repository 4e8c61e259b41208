"""The Jobs page: an empty queue, a shared one, jobs that ended and why."""

import re
import time
from functools import partial

from cache.errors import JobError
from engine.text.spec import TextSpec
from tests.dashboard import pages

SPEC = TextSpec(length=5, steps=5, top_k=7)


open_page = partial(pages.open_page, "jobs")


def texts(at):
    return [element.value for element in at.text]


def test_an_empty_queue_says_where_jobs_begin(cluster):
    at = open_page()
    assert not at.exception
    assert "A job begins on the New run page" in at.info[0].value
    assert "it starts with the first job" in at.caption[0].value
    assert "No worker runs." in texts(at)


def test_a_shared_queue_says_who_waits_for_whom(cluster):
    first = cluster.submit([SPEC], title="first", submitted_by="ada")
    cluster.book.begin(first.id, stored=0)
    cluster.book.change(first.id, submitted_at=time.time() - 100)
    second = cluster.submit([SPEC.but(seed=1)], title="<b>second</b>", submitted_by="bo")
    cluster.book.change(second.id, submitted_at=time.time() - 90)
    at = open_page()
    assert not at.exception
    said = " ".join(texts(at))
    assert "first: running" in said
    assert re.search(r"<b>second</b>: number 2 in the queue, for (9\d s|\d min)", said)
    assert "it waits for first of ada; submitted by bo" in said
    at.button(key=f"cancel-{second.id}").click().run()
    assert cluster.cancelled == [second.id]


def test_an_ended_job_can_be_resumed_or_forgotten(cluster):
    job = cluster.submit([SPEC], title="first")
    cluster.book.change(job.id, state="failed", error="no room", ended_at=time.time())
    at = open_page()
    table = at.dataframe[0].value
    assert list(table["state"]) == ["failed"]
    assert list(table["reason"]) == ["no room"]
    at.session_state["ended"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    assert "first: failed: no room" in texts(at)
    at.button(key="resume").click().run()
    assert cluster.book.read(job.id).state == "queued"
    cluster.book.change(job.id, state="interrupted", ended_at=time.time())
    at.session_state["ended"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    at.button(key="forget").click().run()
    assert cluster.book.all() == []


def test_the_jobs_that_are_ticked_stay_ticked_wherever_the_list_moves_them(cluster):
    jobs = [cluster.submit([SPEC.but(seed=seed)], title=f"job {seed}") for seed in range(3)]
    for at, job in enumerate(jobs):
        cluster.book.change(job.id, state="failed", submitted_at=at + 1.0, ended_at=time.time())
    page = open_page()  # newest first: 2, 1, 0
    page.session_state["ended"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    page.run()
    assert "job 1: failed" in texts(page)
    page.button(key="resume").click().run()
    assert not page.exception
    assert not [b for b in page.button if b.key == "forget"]  # nothing else is ticked instead
    assert cluster.book.read(jobs[1].id).state == "queued"
    assert "job 0: failed" not in texts(page)
    assert "job 2: failed" not in texts(page)


def test_a_job_that_cannot_be_forgotten_is_told(cluster):
    job = cluster.submit([SPEC], title="first")
    cluster.book.change(job.id, state="failed", ended_at=time.time())
    at = open_page()
    at.session_state["ended"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    cluster.book.forget = lambda _: (_ for _ in ()).throw(JobError("somebody resumed it"))
    at.button(key="forget").click().run()
    assert not at.exception
    assert "first: somebody resumed it" in texts(at)


def test_the_workers_of_a_scheduler_are_listed(cluster, monkeypatch):
    cluster.scheduler = "tcp://10.0.0.1:8786"
    info = {"tcp://10.0.0.2:1": {"host": "10.0.0.2", "memory_limit": 2**34, "metrics": {}}}
    monkeypatch.setattr(cluster, "workers", lambda: info)
    at = open_page()
    assert any("tcp://10.0.0.1:8786" in text for text in texts(at))
    assert list(at.dataframe[0].value["machine"]) == ["10.0.0.2"]
