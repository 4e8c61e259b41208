"""Jobs on real workers: progress, cancel, resume, a killed worker, another machine."""

import os
import shutil
import signal
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from cache.errors import JobError, ModelDamaged
from cache.store import Store
from engine.jobs.cluster import JobCluster
from engine.jobs.local_worker import LocalWorker
from engine.jobs.work import new_job, steps_stored
from engine.models import registry
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text import stored as text_stored
from engine.text.spec import TextSpec

# dask's own housekeeping at exit, on a machine with few cores
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:distributed"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("jobs") / "store") as store:
        opened = JobCluster(store)
        yield opened
        opened.close()


@pytest.fixture
def spec(tiny_bert):
    return TextSpec(model=tiny_bert, length=6, steps=6, top_k=5)


def slow_specs(spec, first_seed):
    """Enough exact runs to be caught at work."""
    slow = spec.but(length=30, steps=30, exact=True)
    return [slow.but(seed=first_seed + i) for i in range(12)]


def wait(cluster, job, *, until, deadline_s=240):
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        found = cluster.book.read(job.id)
        if until(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"still {cluster.book.read(job.id)} after {deadline_s} s")


def ended(job):
    return not job.active


def kill_worker(cluster):
    (pid,) = cluster._place.connection.client.run(os.getpid).values()
    os.kill(pid, signal.SIGKILL)


def caught_at_work(cluster, job):
    wait(cluster, job, until=lambda j: steps_stored(cluster.store, j) > 3 or ended(j))
    assert cluster.book.read(job.id).state == "running"


def test_a_job_computes_its_runs_in_another_process(cluster, spec):
    specs = [spec.but(seed=seed) for seed in range(3)]
    job = cluster.submit(specs, title="three seeds")
    assert wait(cluster, job, until=ended).state == "done"
    assert steps_stored(cluster.store, job) == job.steps == 18
    assert compute(cluster.store, specs).model_calls == 0
    assert cluster.book.read(job.id).model_calls > 0
    assert len(cluster.workers()) == 1


def test_a_job_plans_each_of_its_specs_once(cluster, spec, monkeypatch):
    planned = []

    def counted(each):
        planned.append(each)
        return plan(each)

    monkeypatch.setattr("engine.jobs.work.plan", counted)
    monkeypatch.setattr("engine.jobs.cluster.plan", counted, raising=False)
    job = cluster.submit([spec.but(seed=seed) for seed in (50, 51)], title="two seeds")
    assert len(planned) == 2
    assert wait(cluster, job, until=ended).state == "done"


def test_a_cancelled_job_stops_and_resumes_at_its_first_missing_step(cluster, spec):
    specs = slow_specs(spec, 100)
    job = cluster.submit(specs, title="to cancel")
    caught_at_work(cluster, job)
    again = cluster.submit(specs, title="the same")
    assert (again.id, again.title) == (job.id, "to cancel")
    cluster.cancel(job.id)
    assert wait(cluster, job, until=ended).state == "cancelled"
    kept = steps_stored(cluster.store, job)
    assert 0 < kept < job.steps
    cluster.resume(job.id)
    done = wait(cluster, job, until=lambda j: j.state == "done")
    assert steps_stored(cluster.store, job) == job.steps
    assert done.model_calls <= job.steps - kept


def test_a_failing_job_says_why(cluster, spec):
    job = cluster.submit([spec.but(length=100)], title="too long")
    failed = wait(cluster, job, until=ended)
    assert failed.state == "failed"
    assert "text must be 1 to 38 tokens" in failed.error


def test_a_killed_worker_is_replaced_and_its_job_retried_once(cluster, spec):
    job = cluster.submit(slow_specs(spec, 200), title="to kill")
    caught_at_work(cluster, job)
    kill_worker(cluster)
    wait(cluster, job, until=lambda j: j.attempts == 2)
    kept = steps_stored(cluster.store, job)
    wait(cluster, job, until=lambda j: steps_stored(cluster.store, j) > kept or ended(j))
    kill_worker(cluster)
    failed = wait(cluster, job, until=ended)
    assert failed.state == "failed"
    assert "died twice" in failed.error
    assert steps_stored(cluster.store, job) > 0
    cluster.resume(job.id)
    assert wait(cluster, job, until=lambda j: j.state == "done").state == "done"


def listening(pids):
    """The addresses that processes listen at, as /proc has them: hexadecimal, backwards."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                inodes.add(str(descriptor.readlink()).removeprefix("socket:[").rstrip("]"))
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no /proc here")
def test_nothing_listens_to_other_machines(cluster, spec):
    job = cluster.submit([spec.but(seed=77)], title="x")
    wait(cluster, job, until=ended)
    nanny = cluster._place.local[1]._process.pid
    own = [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/stat")
        if path.read_text().rpartition(")")[2].split()[2] == str(nanny)
    ]
    assert len(own) >= 2
    assert listening([*own, os.getpid()]) == {"0100007F"}


def test_jobs_left_by_a_server_that_is_gone_are_found_as_interrupted(tmp_path, spec):
    from engine.jobs.work import JobBook, new_job

    with Store.open(tmp_path / "s") as store:
        JobBook(store.folder).write(new_job([spec], title="left behind"))
        cluster = JobCluster(store)
        (job,) = cluster.book.all()
        assert job.state == "interrupted"
        cluster.close()


def test_a_job_of_a_living_server_is_left_alone(tmp_path, spec):
    from engine.jobs.work import new_job

    with Store.open(tmp_path / "s") as store:
        first = JobCluster(store)
        job = new_job([spec], title="its own", server=first._serving.name)
        first.book.write(job)
        second = JobCluster(store)
        assert second.find(job.id).state == "queued"
        first.close()
        assert second.find(job.id).state == "interrupted"
        second.close()


def test_a_waiting_job_is_cancelled_at_once_and_taken_again(cluster, spec):
    at_work = cluster.submit(slow_specs(spec, 400), title="at work")
    waiting = cluster.submit([spec.but(seed=999)], title="waiting")
    cluster.cancel(waiting.id)
    assert cluster.book.read(waiting.id).state == "cancelled"
    cluster.resume(waiting.id)
    cluster.cancel(at_work.id)
    assert wait(cluster, at_work, until=ended).state == "cancelled"
    assert wait(cluster, waiting, until=ended).state == "done"


def test_a_worker_that_does_not_stop_is_given_up_and_replaced(tmp_path, spec, monkeypatch):
    monkeypatch.setattr("engine.jobs.cluster.CANCEL_S", 1.0)
    with Store.open(tmp_path / "s") as store:
        cluster = JobCluster(store)
        job = cluster.submit(slow_specs(spec, 600), title="hangs")
        caught_at_work(cluster, job)
        (pid,) = cluster._place.connection.client.run(os.getpid).values()
        os.kill(pid, signal.SIGSTOP)
        cluster.cancel(job.id)
        over = wait(cluster, job, until=ended)
        assert over.state == "cancelled"
        assert "did not stop within 1 s and was given up" in over.error
        assert wait(cluster, cluster.submit([spec], title="next"), until=ended).state == "done"
        cluster.close()


def test_files_that_changed_since_the_job_was_asked_for_are_refused(tmp_path, spec, cluster):
    mine = tmp_path / "bert"
    shutil.copytree(spec.model, mine)
    at_work = cluster.submit(slow_specs(spec, 700), title="at work")
    job = cluster.submit([spec.but(model=str(mine))], title="waits")
    (mine / "config.json").write_text((mine / "config.json").read_text() + "\n")
    cluster.cancel(at_work.id)
    failed = wait(cluster, job, until=ended)
    assert failed.state == "failed"
    assert "has other files here than when the job was submitted" in failed.error


def test_a_job_of_a_replaced_model_is_not_resumed_as_other_runs(tmp_path, monkeypatch):
    with Store.open(tmp_path / "s") as store, closing(JobCluster(store)) as cluster:
        job = new_job([TextSpec(length=3, steps=3)], title="old")
        cluster.book.write(replace(job, state="interrupted"))
        monkeypatch.setattr(registry, "shipped_fingerprint", lambda _: "d" * 64)
        with pytest.raises(ModelDamaged, match="has other files here than when the job was"):
            cluster.resume(job.id)


def test_a_worker_that_is_gone_for_good_is_named_and_a_new_one_started(tmp_path, spec):
    with Store.open(tmp_path / "s") as store:
        cluster = JobCluster(store)
        job = cluster.submit([spec], title="x")
        cluster._place.local[1].close()
        assert "its worker ended" in cluster.find(job.id).error
        cluster.resume(job.id)
        assert wait(cluster, job, until=lambda j: j.state == "done").state == "done"
        cluster.close()


def test_a_worker_elsewhere_sends_its_steps_home(tmp_path, spec):
    specs = [spec.but(seed=seed) for seed in range(2)]
    (tmp_path / "there").mkdir()
    with (
        LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=50
        ) as elsewhere,
        # the command that the README gives for another machine
        closing(LocalWorker(elsewhere.scheduler_address, tmp_path / "there")),
        Store.open(tmp_path / "home") as store,
    ):
        compute(store, specs[:1])
        cluster = JobCluster(store, scheduler=elsewhere.scheduler_address)
        job = cluster.submit(specs, title="far away")
        done = wait(cluster, job, until=ended)
        assert done.state == "done", done.error
        wait(cluster, job, until=lambda j: steps_stored(store, j) == j.steps)
        assert 0 < done.model_calls <= 6  # the first seed came along from home
        run = text_stored.load_text_run(store, job.runs[1])
        assert run.complete
        cluster.close()


def test_no_scheduler_there_is_an_error_that_says_so(tmp_path, spec, monkeypatch):
    monkeypatch.setattr("engine.jobs.cluster.CONNECT_TIMEOUT", "1s")
    with Store.open(tmp_path / "s") as store:
        cluster = JobCluster(store, scheduler="tcp://127.0.0.1:9")
        with pytest.raises(JobError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9"):
            cluster.submit([spec], title="x")
        assert [job.state for job in cluster.book.all()] == ["failed"]
        cluster.close()
