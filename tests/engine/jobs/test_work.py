"""The book of jobs, the budget, and what a job is; no worker is started here."""

import json
import shutil

import pytest

from cache.errors import InvalidInput, JobError, ModelMissing, StoreError, StoreFull
from engine.embed.spec import EmbedSpec
from engine.image.spec import DecodeSpec
from engine.jobs.budget import check_budget
from engine.jobs.endings import Endings, believed
from engine.jobs.work import JobBook, needed_keys, new_job, seconds_left, steps_stored
from engine.requests.plans import plan
from engine.text.spec import TextSpec


@pytest.fixture
def specs(tiny_bert):
    base = TextSpec(model=tiny_bert, length=6, steps=6, top_k=5)
    return [base.but(seed=seed) for seed in range(2)]


@pytest.fixture
def book(tmp_path):
    return JobBook(tmp_path)


def test_the_same_request_is_the_same_job(specs):
    assert new_job(specs, title="a").id == new_job(specs, title="b").id
    assert new_job(specs[:1], title="a").id != new_job(specs, title="a").id


def test_a_job_survives_on_disk(book, specs):
    job = new_job(specs, title="two seeds", submitted_by="ada")
    book.write(job)
    assert JobBook(book.folder.parent).read(job.id) == job
    assert book.queue() == [job]
    assert book.change(job.id, state="done").state == "done"
    assert book.queue() == []
    book.forget(job.id)
    assert book.find(job.id) is None


def test_an_active_job_is_not_forgotten(book, specs):
    job = new_job(specs, title="x")
    book.write(job)
    with pytest.raises(JobError, match="cancel it first"):
        book.forget(job.id)


def test_a_job_begins_once_asked_for_and_not_when_it_was_cancelled(book, specs):
    job = new_job(specs, title="x")
    book.write(job)
    assert book.begin(job.id, stored=3).state == "running"
    again = book.begin(job.id, stored=5)  # its worker died
    assert (again.attempts, again.stored_before) == (2, 5)
    assert not book.withdraw(job.id)
    book.change(job.id, state="queued")
    assert book.withdraw(job.id)
    assert book.read(job.id).state == "cancelled"
    assert book.begin(job.id, stored=0) is None
    book.change(job.id, state="queued")
    book.ask_to_stop(job.id)
    assert book.begin(job.id, stored=0) is None


def test_a_job_is_served_while_its_server_lives(book, specs):
    serving = book.serve()
    job = new_job(specs, title="x", server=serving.name)
    assert book.is_served(job)
    serving.close()
    assert not book.is_served(job)
    for stranger in ("", "../../etc/passwd", "server-000000000000.lock"):
        assert not book.is_served(new_job(specs, title="x", server=stranger))


def test_a_damaged_file_is_skipped_and_named(book, specs):
    job = new_job(specs, title="x")
    book.write(job)
    (book.folder / "abc.json").write_text("{")
    assert book.all() == [job]
    with pytest.raises(JobError, match="abc"):
        book.read("abc")


@pytest.mark.parametrize("bad", ["", "../../etc/passwd", "XYZ"])
def test_an_id_is_not_a_path(book, bad):
    with pytest.raises(JobError, match="hexadecimal"):
        book.read(bad)


def test_too_large_a_job_is_refused_with_the_numbers(specs, monkeypatch):
    check_budget(specs)
    monkeypatch.setenv("STEPSCOPE_TEXT_BUDGET", "71")
    with pytest.raises(InvalidInput, match=r"at most 71 steps x tokens x runs .*, got 72"):
        new_job(specs, title="x")
    monkeypatch.setenv("STEPSCOPE_TEXT_BUDGET", "many")
    with pytest.raises(InvalidInput, match="STEPSCOPE_TEXT_BUDGET must be a whole number"):
        new_job(specs, title="x")


def test_pictures_to_decode_and_embeddings_count_too(monkeypatch):
    digests = tuple(f"{i:064x}" for i in range(3))
    decode = DecodeSpec(model="builtin-sd", fingerprint="f" * 64, steps=digests)
    monkeypatch.setenv("STEPSCOPE_IMAGE_BUDGET", str(3 * 512**2))
    check_budget([decode])
    with pytest.raises(InvalidInput, match=r"at most 786,432 steps x pixels .*, got 1,572,864"):
        check_budget([decode, decode])
    monkeypatch.setenv("STEPSCOPE_EMBED_BUDGET", "4")
    embed = EmbedSpec(texts=("a", "b"), pictures=digests)
    with pytest.raises(InvalidInput, match=r"at most 4 texts and pictures .*, got 5"):
        check_budget([embed])


def test_nothing_and_a_missing_model_are_refused():
    with pytest.raises(InvalidInput, match="at least one run"):
        new_job([], title="x")
    with pytest.raises(ModelMissing):
        new_job([TextSpec(model="no-such/model", length=3)], title="x")


def test_progress_is_the_steps_in_the_store(store, specs):
    from engine.requests.computing import compute

    job = new_job(specs, title="x")
    assert steps_stored(store, job) == 0
    compute(store, specs[:1])
    assert steps_stored(store, job) == 6
    assert job.steps == 12


def test_seconds_left_follow_the_pace_after_the_first_new_step(specs):
    from dataclasses import replace

    job = replace(new_job(specs, title="x"), state="running", stored_before=2)
    assert job.steps == 12
    assert seconds_left(job, []) is None
    waited = [(0.0, 2), (30.0, 3), (31.0, 4)]  # half a minute to load the model
    assert seconds_left(job, waited) is None
    assert seconds_left(job, [*waited, (32.0, 5)]) == pytest.approx(7.0)
    assert seconds_left(job, [*waited, (32.0, 12)]) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"specs": [7]},
        {"title": None},
        {"steps": "3"},
        {"submitted_at": "yesterday"},
        {"submitted_at": float("nan")},
        {"ended_at": 1e300},
        {"state": "sleeping"},
        {"runs": {"a": 1}},
        {"error": ["x"]},
        {"id": "abc"},
    ],
)
def test_a_file_of_wrong_types_closes_nothing(book, specs, fields):
    good, bad = new_job(specs, title="x"), new_job(specs[:1], title="y")
    book.write(good)
    book.write(bad)
    path = book.folder / f"{bad.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    assert book.all() == book.queue() == [good]
    assert book.find(bad.id) is None
    assert book.enqueue(bad) is bad
    assert book.find(bad.id) == bad


def test_what_a_newer_version_adds_is_passed_over(book, specs):
    job = new_job(specs, title="x")
    book.write(job)
    path = book.folder / f"{job.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"mood": "calm"}))
    assert book.read(job.id) == job


def test_two_servers_enqueue_one_job(book, specs):
    serving = book.serve()
    first = new_job(specs, title="first", server=serving.name)
    assert book.enqueue(first) is first
    assert book.enqueue(new_job(specs, title="second", server="server-0.lock")) == first
    book.end(first.id, server="another", state="failed", error="not its own")
    assert book.read(first.id) == first
    book.end(first.id, server=serving.name, state="done")
    book.end(first.id, server=serving.name, state="failed", error="too late")
    assert book.read(first.id).state == "done"
    serving.close()


def test_a_folder_that_cannot_be_written_is_a_store_error_and_can_be_read(tmp_path, specs):
    (tmp_path / "jobs").write_text("a file where the folder should be")
    book = JobBook(tmp_path)
    assert book.all() == book.queue() == []
    assert book.find("ab") is None
    with pytest.raises(StoreError, match=str(tmp_path)):
        book.write(new_job(specs, title="x"))
    with pytest.raises(StoreError, match=str(tmp_path)):
        book.serve()


def test_done_is_believed_when_it_is_seen(store, specs):
    from engine.requests.computing import compute

    needed = needed_keys([plan(spec) for spec in specs])
    done = {"state": "done", "model_calls": 1}
    compute(store, specs[:1])
    told = believed(store, needed, done)
    assert told["state"] == "failed"
    # 6 steps and a manifest of the second run; the start is shared
    assert "7 of the 16 entries of its runs are not in the store" in told["error"]
    compute(store, specs)
    assert believed(store, needed, done) == done


def test_a_missing_model_is_not_remembered(store, specs, tmp_path):
    from engine.requests.computing import compute

    there = tmp_path / "bert"
    shutil.copytree(specs[0].model, there)
    spec = specs[0].but(model=str(there))
    job = new_job([spec], title="x")
    compute(store, [spec])
    there.rename(tmp_path / "away")
    assert steps_stored(store, job) == 0
    (tmp_path / "away").rename(there)
    assert steps_stored(store, job) == 6


def test_an_ending_waits_for_a_book_that_cannot_be_written(book, specs, monkeypatch):
    job = new_job(specs, title="x", server="me")
    book.write(job)
    endings = Endings(book)
    endings.note(job, {"state": "failed", "error": "no room"})
    with monkeypatch.context() as full:
        full.setattr(book, "write", lambda _: (_ for _ in ()).throw(StoreFull(book.folder, "full")))
        endings.write("me")
        assert job in endings
        assert endings.of(job)["error"] == "no room"
    endings.write("me")
    assert job not in endings
    assert book.read(job.id).state == "failed"
