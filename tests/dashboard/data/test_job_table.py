"""Jobs and workers as tables."""

import dataclasses

from dashboard.data.job_table import ended_table, waiting_for, worker_table
from engine.jobs.work import new_job
from engine.text.spec import TextSpec

SPEC = TextSpec(length=3, steps=3)


def job(title, **fields):
    return dataclasses.replace(new_job([SPEC], title=title, submitted_by="ada"), **fields)


def test_ended_jobs_say_how_and_why():
    failed = job(
        "a", state="failed", error="no room", started_at=100.0, ended_at=130.0, model_calls=7
    )
    done = job("b", state="done", started_at=0.0, ended_at=0.5, model_calls=3)
    table = ended_table([failed, done])
    assert list(table["job"]) == ["a", "b"]
    assert list(table["reason"]) == ["no room", ""]
    assert list(table["took"]) == ["30 s", "under a second"]
    assert list(table["by"]) == ["ada", "ada"]
    assert table["model calls"].isna().tolist() == [True, False]
    assert ended_table([]).empty


def test_a_queue_says_who_waits_for_whom():
    first, second, third = (
        job(name, submitted_at=at) for name, at in zip("abc", (1, 2, 3), strict=True)
    )
    queue = [first, second, third]
    assert waiting_for(first, queue, now=31.0) == (
        "next in the queue, for 30 s: it waits for a worker"
    )
    assert waiting_for(third, queue, now=33.0) == (
        "number 3 in the queue, for 30 s: it waits for b of ada"
    )


def test_workers_say_where_they_are_and_what_they_do():
    info = {
        "tcp://10.0.0.2:1": {
            "host": "10.0.0.2",
            "memory_limit": 16 * 2**30,
            "metrics": {"memory": 2**30, "executing": 1},
            "resources": {"GPU": 1.0},
        },
        "tcp://10.0.0.3:1": {"host": "10.0.0.3", "memory_limit": 0},
    }
    table = worker_table(info)
    assert list(table["state"]) == ["at work", "waits"]
    assert list(table["jobs at once"]) == ["1", "none: it declares no GPU=1"]
    assert table["memory"][0] == "1.0 of 16 GiB"
    assert worker_table({}).empty
