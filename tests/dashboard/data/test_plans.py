"""The plan of a request, against a store in which only the presence of keys matters."""

import pytest

from cache.errors import InvalidInput, ModelMissing
from cache.payload import Payload
from dashboard.data.plans import plan_line, request, size_line
from engine.embed.keys import embedding_key
from engine.embed.spec import EmbedSpec
from engine.image.spec import DecodeSpec
from engine.models.registry import find_model
from engine.requests.planner import predict_plans
from engine.requests.plans import keep_manifest, plan
from engine.text.spec import TextSpec

TEXT = TextSpec(length=6, steps=6, top_k=5)


def keep_steps(store, spec, count, *, listed=True):
    """Store the start and the first ``count`` steps of a run, as empty payloads."""
    planned = plan(spec)
    if listed:
        keep_manifest(store, planned)
    for key in planned.chain.step_keys[: count + 1]:
        store.put(key, Payload())


def standings(store, asked):
    """(cached, shared, new) of every run, as the page's table has them."""
    cells = predict_plans(store, asked.plans).cells
    return [(c.cached if c.begun else 0, c.of_others, c.new) for c in cells]


def test_what_was_begun_is_cached_and_the_rest_is_new(store):
    asked = request([TEXT, TEXT.but(seed=1)])
    assert standings(store, asked) == [(0, 0, 6), (0, 0, 6)]
    keep_steps(store, TEXT, 2)
    assert standings(store, asked) == [(2, 0, 4), (0, 0, 6)]
    prediction = predict_plans(store, asked.plans)
    assert plan_line(prediction) == "2 runs: 2 steps cached, 0 shared with other runs, 10 new"
    assert size_line(prediction) == "2 runs of 6 steps, 12 in all"


def test_what_another_run_has_made_is_shared(store):
    greedy = TEXT.but(top_k=None)
    keep_steps(store, greedy, 3)
    other = greedy.but(seed=1)  # a greedy run does not depend on its seed
    assert standings(store, request([other])) == [(0, 3, 3)]


def test_what_two_runs_of_a_request_share_is_counted_once(store):
    greedy = TEXT.but(top_k=None)
    cells = standings(store, request([greedy, greedy.but(seed=1)]))
    assert cells == [(0, 0, 6), (0, 6, 0)]


def test_pictures_and_embeddings_are_counted_one_by_one(store):
    clip = find_model("builtin-clip").fingerprint
    embed = EmbedSpec(texts=("a sea", "a lake"))
    asked = request([embed])
    assert predict_plans(store, asked.plans).steps == 3  # two texts, and the set they make
    store.put(embedding_key(clip, {"text": "a sea"}), Payload())
    assert standings(store, asked) == [(1, 0, 2)]
    store.put(plan(embed).chain.step_keys[0], Payload())
    assert standings(store, asked) == [(3, 0, 0)]

    sd = find_model("builtin-sd").fingerprint
    decode = DecodeSpec(model="builtin-sd", fingerprint=sd, steps=("a" * 64, "b" * 64))
    asked_for = predict_plans(store, request([decode]).plans)
    assert asked_for.steps == 2
    assert plan_line(asked_for).startswith("1 request: ")  # it is no run of anything
    store.put(plan(decode).chain.step_keys[1], Payload())
    assert standings(store, request([decode])) == [(1, 0, 1)]


def test_the_same_specs_are_the_same_job_and_are_planned_once():
    assert request([TEXT, TEXT.but(seed=1)]) is request([TEXT, TEXT.but(seed=1)])
    assert request([TEXT]).job_id != request([TEXT.but(seed=1)]).job_id


def test_nothing_too_much_and_a_missing_model_are_refused(monkeypatch):
    with pytest.raises(InvalidInput, match="at least one run"):
        request([])
    with pytest.raises(ModelMissing):
        request([TEXT.but(model="no-such/model")])
    monkeypatch.setenv("STEPSCOPE_TEXT_BUDGET", "35")
    with pytest.raises(InvalidInput, match=r"at most 35 .*, got 36"):
        request([TEXT])
