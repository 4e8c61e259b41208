"""The New run page: forms, their links, the plan, a run at work, what it came to."""

from functools import partial

import pytest

from cache.payload import Payload
from dashboard.app_pages.new_run.form import STARTS
from engine.requests.plans import keep_manifest, plan
from engine.text.spec import CorruptionSpec, TextChange, TextSpec
from tests.dashboard import pages
from tests.dashboard.conftest import IMAGE_SPEC, keep_image
from tests.dashboard.stub_cluster import StubCluster

SPEC = TextSpec(length=5, steps=5, top_k=7, top_p=0.8, temperature=0.7, seed=3, order="margin")


open_page = partial(pages.open_page, "new_run")


def texts(at):
    return [element.value for element in at.text]


def keep(store, spec, count):
    planned = plan(spec)
    keep_manifest(store, planned)
    for key in planned.chain.step_keys[: count + 1]:
        store.put(key, Payload())
    return planned.chain.run


@pytest.mark.parametrize("kind", ["text", "corruption", "image"])
def test_an_empty_store_has_a_form_with_something_to_run(cluster, kind):
    at = open_page(kind=kind)
    assert not at.exception
    assert not at.warning
    assert not at.error
    at.button(key="new-go").click().run()
    assert not at.exception
    (job,) = cluster.book.all()
    assert {spec["kind"] for spec in job.specs} == {kind}
    assert at.query_params["job"] == job.id
    assert "it waits for a worker" in texts(at)[0]


def test_the_plan_follows_the_form(cluster):
    at = open_page(kind="text")
    assert len(at.dataframe[0].value) == 4
    at.text_input(key="new-text-seed").set_value("7").run()
    at.number_input(key="new-text-length").set_value(3).run()
    assert list(at.dataframe[0].value["steps"]) == [3]
    assert "1 run: 0 steps cached, 0 shared with other runs, 3 new" in at.markdown[-1].value
    assert any(c.value.startswith("At most 3 model calls.") for c in at.caption)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("new-text-seed", "0:999", "runs must be 1 to 256 from one form, got 999"),
        ("new-text-seed", "much", "seeds must be whole numbers as in 0:8 or 1,5,9, got 'much'"),
        ("new-text-steps", 0, "steps must be 1 to 200, got 0"),
        ("new-text-temperature", 99.0, "temperature must be 0.01 to 10, got 99.0"),
    ],
)
def test_what_is_out_of_bounds_is_named_in_place(cluster, key, value, said):
    at = open_page(kind="text")
    (at.text_input if isinstance(value, str) else at.number_input)(key=key).set_value(value).run()
    assert not at.exception
    assert at.error[0].value == "This cannot be asked for."
    assert said in texts(at)
    assert not [button for button in at.button if button.key == "new-go"]


def test_words_that_the_model_never_saw_are_reported(cluster):
    at = open_page(kind="image")
    at.text_area(key="new-image-prompt").set_value("a <b>zeppelin</b> over the sea").run()
    assert any("never saw these words in training: <b>zeppelin</b>" in t for t in texts(at))


def test_a_model_that_is_not_here_says_how_to_get_it(cluster):
    at = open_page(kind="text")
    at.selectbox(key="new-text-model").set_value("google-bert/bert-base-uncased").run()
    assert not at.exception
    assert at.error[0].value == "This cannot be computed."
    assert "google-bert/bert-base-uncased" in " ".join(texts(at))


def test_a_run_can_be_taken_over(cluster, empty_store):
    run = keep(empty_store, SPEC, 2)
    at = open_page(**{"from": run[:12]})
    assert not at.exception
    assert at.text_input(key="new-text-seed").value == "3"
    assert at.number_input(key="new-text-top_k").value == 7
    assert at.number_input(key="new-text-top_p").value == 0.8
    assert at.selectbox(key="new-text-order").value == "margin"
    assert list(at.dataframe[0].value["cached"]) == [2]
    at.text_input(key="new-text-seed").set_value("4").run()  # the link is taken once
    assert list(at.dataframe[0].value["cached"]) == [0]


def test_a_template_a_picture_and_a_corruption_can_be_taken_over(cluster, empty_store):
    run = keep(empty_store, TextSpec(template="the [MASK] sea", seed=1), 0)
    at = open_page(**{"from": run})
    assert at.session_state["new-text-start"] == STARTS[1]
    assert at.text_input(key="new-text-template").value == "the [MASK] sea"
    at = open_page(**{"from": keep_image(empty_store)})
    assert at.text_area(key="new-image-prompt").value == IMAGE_SPEC.prompt
    assert at.number_input(key="new-image-width").value == 32
    assert at.text_input(key="new-image-guidance").value == "3"
    at = open_page(**{"from": keep(empty_store, CorruptionSpec(text="a calm sea", steps=4), 0)})
    assert at.text_area(key="new-corruption-text").value == "a calm sea"


def test_a_fork_is_taken_over_from_its_beginning_and_that_is_said(cluster, empty_store):
    fork = SPEC.but(changes=(TextChange(at=2, temperature=2.0),))
    at = open_page(**{"from": keep(empty_store, fork, 5)})
    assert "That run is a fork" in at.info[0].value
    assert list(at.dataframe[0].value["shared"]) == [2]
    assert "up to step 2" in at.dataframe[0].value["shared with"][0]


@pytest.mark.parametrize("query", [{"from": "0123456789ab"}, {"job": "abc123"}, {"job": "../x"}])
def test_a_stale_link_says_so_and_the_form_is_there(cluster, query):
    at = open_page(**query)
    assert not at.exception
    assert "is not in this store" in at.warning[0].value
    assert at.button(key="new-go")


def test_a_bad_kind_in_a_link_is_named(cluster):
    at = open_page(kind="sculpture")
    assert "The link asks for kind 'sculpture'" in at.warning[0].value


def test_a_link_to_a_job_fills_the_form_and_finds_it_at_work(cluster, empty_store):
    specs = [SPEC.but(seed=seed) for seed in (3, 4)]
    job = cluster.submit(specs, title="mine")
    for spec in specs:
        keep(empty_store, spec, 0)
    cluster.book.begin(job.id, stored=0)
    at = open_page(job=job.id)
    assert not at.exception
    assert at.text_input(key="new-text-seed").value == "3:5"
    assert any("mine: running, the model is being loaded" in text for text in texts(at))
    assert at.button(key="cancel-new")


def test_a_job_that_no_form_asks_for_is_shown_by_its_link(cluster):
    job = cluster.submit([SPEC, SPEC.but(steps=3)], title="a <i>sweep</i>")
    at = open_page(job=job.id)
    assert not at.exception
    assert any("a <i>sweep</i>: next in the queue" in text for text in texts(at))
    assert at.button(key="cancel-linked")
    assert not at.selectbox


def test_a_finished_run_opens_on_its_page(small_store, monkeypatch):
    stub = StubCluster(small_store)
    monkeypatch.setattr("dashboard.ui.jobs._cluster", lambda _: stub)
    spec = CorruptionSpec(text="the sea is calm.", steps=4)
    run = keep_finished(small_store, spec)
    at = open_page(**{"from": run})
    assert not at.exception
    assert at.success[0].value == "All of it is in the store: 1 run of 4 steps."
    assert at.get("page_link")[0].proto.label == "Open in Corruption"
    assert run[:12] in str(at.get("page_link")[0].proto)
    (panel,) = pages.player(at)["panels"]
    assert panel["kind"] == "sentence"


def test_finished_seeds_play_side_by_side_and_go_on_to_compare(small_store, monkeypatch):
    monkeypatch.setattr("dashboard.ui.jobs._cluster", lambda _: StubCluster(small_store))
    specs = [CorruptionSpec(text="the sea is calm.", steps=4, seed=seed) for seed in (0, 1)]
    runs = [keep_finished(small_store, spec) for spec in specs]
    at = open_page(**{"from": runs[0]})
    at.text_input(key="new-corruption-seed").set_value("0:2").run()
    assert not at.exception
    assert at.success[0].value == "All of it is in the store: 2 runs of 4 steps, 8 in all."
    assert [panel["label"] for panel in pages.player(at)["panels"]] == ["seed 0", "seed 1"]
    assert "Compare these seeds" in [button.label for button in at.button]


def keep_finished(store, spec):
    """A forward process of the built-in model's fingerprint with hand-made pieces."""
    import numpy as np

    from engine.text import stored as text_stored
    from engine.text.corrupt import corrupt_at
    from tests.dashboard.conftest import FINAL, MASK_ID, PIECES

    planned = plan(spec)
    keep_manifest(store, planned)
    text_stored.keep_vocabulary(store, planned.model.fingerprint, PIECES, MASK_ID)
    for level, key in enumerate(planned.chain.step_keys):
        step = corrupt_at(spec, np.array(FINAL, np.int32), level, mask_id=MASK_ID)
        store.put(key, text_stored.corruption_payload(step))
    return planned.chain.run
