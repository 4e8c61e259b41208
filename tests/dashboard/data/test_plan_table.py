"""Which stored run a planned one shares its beginning with."""

from cache.payload import Payload
from dashboard.data.plan_table import Kin, nearest_kin, plan_table
from dashboard.data.plans import request
from engine.requests.planner import predict_plans
from engine.requests.plans import keep_manifest, plan
from engine.text.spec import TextChange, TextSpec

TEXT = TextSpec(length=6, steps=6, top_k=5)


def keep_steps(store, spec, count):
    planned = plan(spec)
    keep_manifest(store, planned)
    for key in planned.chain.step_keys[: count + 1]:
        store.put(key, Payload())
    return planned.chain.run


def forked(at):
    return TEXT.but(changes=(TextChange(at=at, temperature=3.0),))


def test_the_nearest_kin_is_the_run_with_the_longest_stored_beginning(store):
    assert nearest_kin(store, [plan(TEXT)]) == [None]
    keep_steps(store, TEXT.but(seed=1), 6)  # another seed shares nothing but the start
    keep_steps(store, forked(2), 6)
    near = keep_steps(store, forked(4), 6)
    assert nearest_kin(store, [plan(TEXT), plan(TEXT.but(length=5))]) == [Kin(near, 4), None]
    keep_steps(store, TEXT, 6)
    assert nearest_kin(store, [plan(TEXT)]) == [Kin(near, 4)]  # never itself


def test_a_kin_counts_only_as_far_as_it_is_stored(store):
    run = keep_steps(store, forked(4), 3)
    assert nearest_kin(store, [plan(TEXT)]) == [Kin(run, 3)]


def test_the_table_says_what_is_shared_with_whom(store):
    parent = keep_steps(store, TEXT, 6)
    fork, greedy = forked(2), TEXT.but(top_k=None)
    asked = request([TEXT, fork, greedy, greedy.but(seed=1)])
    prediction = predict_plans(store, asked.plans)
    assert prediction.model_calls == 4 + 6
    kin = nearest_kin(store, asked.plans)
    table = plan_table(prediction.cells, kin)
    assert list(table["cached"]) == [6, 0, 0, 0]
    assert list(table["shared"]) == [0, 2, 0, 6]
    assert list(table["new"]) == [0, 4, 6, 0]
    first = asked.plans[2].chain.run[:8]
    assert list(table["shared with"]) == [
        "",
        f"{parent[:8]} up to step 2",
        "",
        f"{first} of this plan (6 steps)",
    ]
