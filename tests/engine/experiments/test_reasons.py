"""Why a step was computed: hits name the run they come from, misses the fact that differed."""

import pytest

from cache.errors import Cancelled
from engine.chain import manifests
from engine.experiments.forks import fork
from engine.experiments.reasons import makers, reason, reason_sentence, shown_fact
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text.spec import TextChange, TextSpec


def made(store, spec):
    return manifests.load(store, compute(store, [spec]).runs[0])


def test_the_first_run_of_a_kind_was_computed_because_there_was_nothing(store, tiny_bert):
    only = made(store, TextSpec(model=tiny_bert, length=4, steps=4))
    found = reason(store, only, 1)
    assert (found.hit, found.nearest, found.shared) == (False, None, -1)
    assert (
        reason_sentence(found)
        == "Step 1 was computed: no earlier run of this kind is in the store."
    )


def test_a_shared_step_names_the_run_it_came_from(store, tiny_bert):
    base = TextSpec(model=tiny_bert, length=5, steps=5, top_k=3)
    parent = made(store, base)
    child = made(store, fork(store, parent, 2, {"temperature": 0.5}))
    for index in range(3):
        found = reason(store, child, index)
        assert (found.hit, found.nearest) == (True, parent.run)
    missed = reason(store, child, 3)
    assert (missed.hit, missed.nearest, missed.shared) == (False, parent.run, 2)
    assert [(d.name, d.mine, d.theirs) for d in missed.differences] == [("temperature", 0.5, 1.0)]
    assert "temperature is 0.5, there 1.0" in reason_sentence(missed)
    # a later step differs because of the same fact, not because of its own
    assert reason(store, child, 5).differences == missed.differences


def test_runs_that_start_apart_are_told_by_what_their_starts_differ_in(store, tiny_sd):
    base = ImageSpec(model=tiny_sd, prompt="a sea", steps=3)
    made(store, base.but(prompt="a red house", seed=9))
    near = made(store, base.but(seed=1))
    mine = made(store, base)
    found = reason(store, mine, 2)
    assert (found.nearest, found.shared) == (near.run, -1)
    assert [(d.index, d.name, d.mine, d.theirs) for d in found.differences] == [(0, "seed", 0, 1)]


@pytest.mark.parametrize("later", [True, False])
def test_only_earlier_runs_count(store, tiny_bert, later):
    base = TextSpec(model=tiny_bert, length=4, steps=4, top_k=3)
    first = made(store, base)
    second = made(store, base.but(temperature=0.5))
    found = reason(store, second if later else first, 1)
    assert (found.nearest is None) == (not later)


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        (None, "not set"), (0.5, "0.5"), ("sea", "'sea'"), ((), "()"), ((1.0, 2.0), "(1.0, 2.0)"),
        (((1, "cat"), (4, "[MASK]")), "'cat' at 1, '[MASK]' at 4"), ([[2, "x"]], "'x' at 2"),
        ("a" * 64, f"'{'a' * 12}…'"), ({"image": "b" * 64}, str({"image": "b" * 12 + "…"})),
    ],
)  # fmt: skip
def test_a_fact_is_told_as_people_say_it(fact, shown):
    assert shown_fact(fact) == shown


def test_a_run_of_the_same_model_is_nearer_than_any_of_another(store, tiny_bert):
    own = TextSpec(model=tiny_bert, length=4, steps=4)
    same = made(store, own.but(length=6, steps=5, top_k=3, seed=4))
    made(store, own.but(model="builtin-bert"))
    mine = made(store, own)
    assert reason(store, mine, 1).nearest == same.run


def test_of_runs_that_share_as_much_the_one_with_the_fewest_other_settings_is_nearest(
    store, tiny_sd
):
    base = ImageSpec(model=tiny_sd, prompt="a sea", steps=3)
    near = made(store, base.but(guidance=3.0))
    made(store, base.but(guidance=5.0, negative_prompt="rain", eta=0.5))
    found = reason(store, made(store, base), 1)
    assert (found.nearest, found.shared) == (near.run, 0)
    assert [(d.name, d.mine, d.theirs) for d in found.differences] == [("guidance", 7.5, 3.0)]


def test_a_step_that_an_interrupted_run_only_lists_was_not_there(store, tiny_bert):
    base = TextSpec(model=tiny_bert, length=5, steps=5, top_k=3)
    changed = base.but(changes=(TextChange(at=4, temperature=2.0),))

    def stop(_which, index):
        if index == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        compute(store, [changed], stop)
    begun = manifests.load(store, plan(changed).chain.run)
    assert makers(store, begun) == [begun.run] * 3 + [None] * 3
    missing = reason(store, begun, 4)
    assert (missing.hit, missing.stored) == (False, False)
    assert reason_sentence(missing).startswith("Step 4 is not there yet and has to be computed")

    second = made(store, base)
    assert makers(store, second) == [begun.run] * 3 + [second.run] * 3
    assert (reason(store, second, 2).hit, reason(store, second, 3).hit) == (True, False)

    ended = made(store, changed)  # what it lacked was computed for the other run meanwhile
    assert makers(store, ended) == [ended.run] * 3 + [second.run] * 2 + [ended.run]
    assert reason(store, ended, 4).nearest == second.run
