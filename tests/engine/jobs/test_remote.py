"""Jobs on other machines that are lost: every one ends, with its reason, within a stated time."""

import shutil
import signal
import time
from pathlib import Path

import pytest

from cache.errors import InvalidInput, JobError, StoreFull
from cache.store import Store
from cache.writing import runs_being_written
from engine.chain import manifests
from engine.jobs.cluster import JobCluster
from engine.jobs.work import steps_stored
from engine.text.spec import TextSpec
from tests.engine.jobs.remote_machines import kill, machines

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:distributed"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
# as stated: 60 and 30 s; a worker says that it lives every 5 s
LOST_S, CANCEL_S = 20.0, 3.0


@pytest.fixture
def elsewhere(tmp_path):
    with machines(tmp_path / "elsewhere") as found:
        found.scheduler()
        yield found


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory):
    """A scheduler and a worker for the tests that do nothing to them."""
    with machines(tmp_path_factory.mktemp("machines") / "unharmed") as found:
        found.scheduler()
        found.worker()
        yield found.address


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.jobs.cluster.LOST_S", LOST_S)
    monkeypatch.setattr("engine.jobs.cluster.CANCEL_S", CANCEL_S)
    opened = []
    with Store.open(tmp_path / "home") as store:

        def to(address):
            opened.append(JobCluster(store, scheduler=address))
            return opened[-1]

        yield to
        for cluster in opened:
            cluster.close()


@pytest.fixture
def spec(tiny_bert):
    return TextSpec(model=tiny_bert, length=6, steps=6, top_k=5)


@pytest.fixture
def long_specs(spec):
    """Enough exact steps that a job is caught at work."""
    long = spec.but(length=30, steps=30, exact=True)
    return [long.but(seed=seed) for seed in range(200)]


def wait(cluster, job, *, until, deadline_s=240):
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        found = cluster.book.read(job.id)
        if until(found):
            return found
        time.sleep(0.25)  # the workers need the processor more
    raise AssertionError(f"still {cluster.book.read(job.id)} after {deadline_s} s")


def ended(job):
    return not job.active


def at_work(cluster, specs):
    job = cluster.submit(specs, title="far away")
    wait(cluster, job, until=lambda j: ended(j) or steps_stored(cluster.store, j) > 3)
    assert cluster.book.read(job.id).state == "running", cluster.book.read(job.id)
    return job


def test_a_scheduler_outside_the_project_and_a_worker_inside_just_work(unharmed, home, spec):
    cluster = home(unharmed)
    job = cluster.submit([spec], title="x")
    done = wait(cluster, job, until=ended)
    assert (done.state, done.error) == ("done", "")
    assert steps_stored(cluster.store, job) == 6


def test_a_worker_outside_the_project_is_told(elsewhere, home, spec, tmp_path):
    elsewhere.worker(cwd=tmp_path)
    cluster = home(elsewhere.address)
    job = cluster.submit([spec], title="x")
    failed = wait(cluster, job, until=ended)
    assert failed.state == "failed"
    assert failed.error == (
        "the worker finds no copy of Stepscope: start it in the project's folder"
    )


def test_a_worker_with_other_packages_is_refused_by_name(elsewhere, home, spec, tmp_path):
    other = tmp_path / "site" / "transformers-4.99.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: transformers\nVersion: 4.99.0\n")
    root = Path(__file__).parents[3]
    elsewhere.worker(PYTHONPATH=f"{other.parent}:{root}")
    cluster = home(elsewhere.address)
    failed = wait(cluster, cluster.submit([spec], title="x"), until=ended)
    assert failed.state == "failed"
    assert "it has other package versions: transformers 4.99.0 (home has " in failed.error
    assert failed.error.startswith("worker ")


def test_a_worker_with_other_model_files_is_refused_and_nothing_is_stored(
    elsewhere, home, spec, tmp_path
):
    mine = tmp_path / "models" / "bert"
    shutil.copytree(spec.model, mine)
    cluster = home(elsewhere.address)
    job = cluster.submit([spec.but(model=str(mine))], title="x")
    (mine / "config.json").write_text((mine / "config.json").read_text() + "\n")
    elsewhere.worker()
    failed = wait(cluster, job, until=ended)
    assert failed.state == "failed"
    assert "has other files here than when the job was submitted (fingerprint " in failed.error
    assert not list(manifests.listed(cluster.store))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_scheduler_ends_its_jobs(elsewhere, home, long_specs, spec, how):
    elsewhere.worker()
    cluster = home(elsewhere.address)
    job = at_work(cluster, long_specs)
    waiting = cluster.submit([spec], title="waits")
    elsewhere.processes[0].send_signal(how)
    for each in (job, waiting):
        lost = wait(cluster, each, until=ended)
        assert lost.state == "interrupted"
        assert "scheduler" in lost.error or "way to its worker was lost" in lost.error
    assert cluster.workers() == {}
    cluster.cancel(job.id)  # too late, and no error
    assert cluster.find(job.id).state == "interrupted"
    assert not cluster.book.is_asked_to_stop(job.id)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_worker_ends_its_job(elsewhere, home, long_specs, how):
    worker = elsewhere.worker()
    cluster = home(elsewhere.address)
    job = at_work(cluster, long_specs)
    worker.send_signal(how)
    lost = wait(cluster, job, until=ended)
    assert lost.state == "interrupted"
    assert "said nothing for 20 s; the steps it stored are kept" in lost.error
    kept = steps_stored(cluster.store, job)
    assert kept > 3
    kill(worker)
    elsewhere.worker()  # the job goes on elsewhere, at its first missing step
    cluster.resume(job.id)
    wait(cluster, job, until=lambda j: ended(j) or steps_stored(cluster.store, j) > kept + 3)
    cluster.cancel(job.id)
    assert wait(cluster, job, until=ended).state == "cancelled"


def test_cancel_works_when_nobody_reads_it(elsewhere, home, long_specs):
    worker = elsewhere.worker()
    cluster = home(elsewhere.address)
    job = at_work(cluster, long_specs)
    worker.send_signal(signal.SIGSTOP)
    cluster.cancel(job.id)
    cluster.cancel(job.id)
    over = wait(cluster, job, until=ended)
    assert over.state == "cancelled"
    assert "did not stop within 3 s and was given up" in over.error


def test_a_remote_job_is_cancelled_by_another_server_too(unharmed, home, long_specs):
    cluster, second = home(unharmed), home(unharmed)
    job = at_work(cluster, long_specs)
    with runs_being_written(cluster.store, hold=False) as spared:
        assert spared == set(job.runs)  # a clean-up here knows of what is on its way
    assert second.submit(long_specs, title="the same").title == "far away"
    second.cancel(job.id)
    assert wait(cluster, job, until=ended).state == "cancelled"


def test_a_full_disk_at_home_fails_the_job_with_its_reason(unharmed, home, long_specs, monkeypatch):
    cluster = home(unharmed)
    job = at_work(cluster, long_specs)

    def full(*_):
        raise StoreFull(cluster.store.folder, "no space is left")

    monkeypatch.setattr(cluster.store, "put", full, raising=False)
    failed = wait(cluster, job, until=ended)
    assert failed.state == "failed"
    assert "is full: no space is left" in failed.error


def test_a_job_that_waits_for_a_worker_is_cancelled_at_once(elsewhere, home, spec):
    cluster = home(elsewhere.address)
    job = cluster.submit([spec], title="x")
    assert cluster.workers() == {}
    cluster.cancel(job.id)
    assert cluster.book.read(job.id).state == "cancelled"
    cluster.resume(job.id)
    elsewhere.worker()
    assert wait(cluster, job, until=ended).state == "done"


def test_a_scheduler_that_comes_back_takes_jobs_again(elsewhere, home, spec, long_specs):
    elsewhere.worker()
    cluster = home(elsewhere.address)
    job = at_work(cluster, long_specs)
    port = int(elsewhere.address.rpartition(":")[2])
    kill(elsewhere.processes[0])
    assert wait(cluster, job, until=ended).state == "interrupted"
    elsewhere.scheduler(port=port)
    elsewhere.worker()
    again = None
    end = time.monotonic() + 120
    while again is None:
        try:
            again = cluster.submit([spec], title="again")
        except JobError:
            assert time.monotonic() < end
    assert wait(cluster, again, until=ended).state == "done"


@pytest.mark.parametrize(
    "address", ["foo", "tcp://host", "http://h:1", "tcp://h:0", "tcp://h:99999", "tcp://:1", "://"]
)
def test_a_malformed_address_is_one_line_and_no_job_waits(home, spec, address):
    cluster = home(address)
    for _ in range(2):
        with pytest.raises(InvalidInput, match="STEPSCOPE_SCHEDULER must be tcp://HOST:PORT"):
            cluster.submit([spec], title="x")
        (job,) = cluster.book.all()
        assert job.state == "failed"
        assert repr(address) in job.error


def test_tls_without_certificates_says_which_are_needed(home, spec):
    cluster = home("tls://127.0.0.1:1")
    with pytest.raises(InvalidInput, match="needs certificates: set DASK_DISTRIBUTED__COMM__TLS"):
        cluster.submit([spec], title="x")
    assert [job.state for job in cluster.book.all()] == ["failed"]
