"""The book of jobs, the budget, and what a job is; no worker is started here."""

import pytest

from cache.errors import InvalidInput, JobError, ModelMissing
from engine.image_specs import DecodeSpec, EmbedSpec
from engine.job_budget import check_budget
from engine.jobs import JobBook, new_job, seconds_left, steps_stored
from engine.specs import TextSpec


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
    from engine.cached_runs import compute

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
