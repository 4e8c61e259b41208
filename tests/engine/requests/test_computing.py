"""What is in the store is never computed again: proved by counting model calls."""

import numpy as np
import pytest

from cache.errors import Cancelled, ComputationError, InvalidInput, ModelMissing
from cache.store import Store
from engine.chain import manifests
from engine.requests import computing, plans
from engine.requests.computing import compute, compute_plans, compute_surviving
from engine.requests.plans import plan, plan_each
from engine.text import stored as text_stored
from engine.text.spec import CorruptionSpec, TextChange, TextSpec
from engine.text.walkers import TextWalker


@pytest.fixture
def base(tiny_bert):
    return TextSpec(model=tiny_bert, length=8, steps=8, top_k=5, temperature=1.3)


def load(store, computed):
    return [text_stored.load_text_run(store, run) for run in computed.runs]


def test_a_second_identical_request_makes_no_model_call(store, base):
    specs = [base.but(seed=seed) for seed in range(4)]
    first = compute(store, specs)
    second = compute(store, specs)
    # one call for the all-[MASK] state that the seeds share, then one a seed and step
    assert first.model_calls <= 1 + 4 * 7
    assert (first.steps_computed, first.steps_cached) == (32, 0)
    assert (second.model_calls, second.steps_computed, second.steps_cached) == (0, 0, 32)
    assert second.runs == first.runs


def test_the_all_mask_state_is_computed_once_for_all_seeds(store, base):
    specs = [base.but(seed=seed, steps=1) for seed in range(6)]
    assert compute(store, specs).model_calls == 1


def test_a_temperature_sweep_shares_forwards_of_equal_states(store, base):
    compute(store, [base.but(steps=1)])
    assert compute(store, [base.but(steps=1, temperature=0.5)]).model_calls == 0


def test_greedy_at_another_temperature_needs_its_own_normaliser(store, base):
    greedy = base.but(top_k=None, steps=1)
    compute(store, [greedy.but(temperature=1.0)])
    assert compute(store, [greedy.but(temperature=0.5)]).model_calls == 1
    assert compute(store, [greedy.but(temperature=0.5, order="margin")]).model_calls == 0


def test_greedy_seeds_share_every_step(store, base):
    greedy = base.but(top_k=None)
    compute(store, [greedy])
    assert compute(store, [greedy.but(seed=seed) for seed in range(5)]).model_calls == 0


def test_an_interrupted_run_resumes_at_its_first_missing_step(store, tmp_path, base):
    from cache.store import Store

    def stop(_which, index):
        if index == 5:
            raise Cancelled("test")

    with pytest.raises(Cancelled):
        compute(store, [base], stop)
    manifest = next(manifests.listed(store))
    assert manifests.stored_steps(store, manifest) == 5
    resumed = compute(store, [base])
    assert (resumed.steps_cached, resumed.steps_computed) == (5, 3)
    with Store.open(tmp_path / "other") as other:
        whole = load(other, compute(other, [base]))[0]
    (run,) = load(store, resumed)
    for one, two in zip(run.steps, whole.steps, strict=True):
        assert np.array_equal(one.tokens, two.tokens)
        assert np.array_equal(one.confidence, two.confidence)


def test_exact_runs_keep_apart_from_batched_ones(store, base):
    compute(store, [base])
    assert compute(store, [base.but(exact=True)]).steps_computed == 8


def test_fixed_tokens_never_change(store, tiny_bert):
    template = "the old [MASK] is the most [MASK] [MASK] in the world."
    specs = [TextSpec(model=tiny_bert, template=template, top_k=9, seed=s) for s in range(4)]
    for run in load(store, compute(store, specs)):
        fixed = run.steps[0].tokens != run.mask_id
        for step in run.steps:
            assert np.array_equal(step.tokens[fixed], run.steps[0].tokens[fixed])
        assert (run.steps[-1].tokens != run.mask_id).all()


@pytest.mark.parametrize("order", ["confidence", "margin", "entropy", "random", "left-to-right"])
def test_every_order_reveals_every_position_once(store, base, order):
    (run,) = load(store, compute(store, [base.but(order=order, steps=3)]))
    revealed = [step.revealed.tolist() for step in run.steps]
    flat = [position for step in revealed for position in step]
    assert sorted(flat) == list(range(8))
    if order == "left-to-right":
        assert [position for step in revealed for position in sorted(step)] == list(range(8))


def test_special_tokens_are_written_only_when_allowed(store, base):
    wide = base.but(top_k=60, temperature=10.0, steps=2)
    special = set(range(5))
    kept = load(store, compute(store, [wide.but(seed=s) for s in range(8)]))
    assert not any(special & set(run.steps[-1].tokens.tolist()) for run in kept)
    free = [wide.but(seed=s, suppress_special=False) for s in range(8)]
    allowed = load(store, compute(store, free))
    assert any(special & set(run.steps[-1].tokens.tolist()) for run in allowed)


def test_nucleus_keeps_to_the_fewest_tokens_that_reach_its_mass(store, base):
    narrow = base.but(top_k=None, top_p=1e-6, steps=1)
    greedy = base.but(top_k=None, steps=1)
    drawn, best = load(store, compute(store, [narrow, greedy]))
    assert np.array_equal(drawn.steps[1].tokens, best.steps[1].tokens)


def test_measures_are_probabilities_and_entropies(store, base):
    (run,) = load(store, compute(store, [base]))
    for step in run.steps[1:]:
        assert ((step.probability > 0) & (step.probability <= 1)).all()
        assert (step.candidate_probability.sum(axis=1) <= 1 + 1e-5).all()
        assert (np.diff(step.candidate_probability, axis=1) <= 0).all()
        assert (step.entropy_nats >= 0).all()
        assert (step.entropy_nats <= np.log(len(run.pieces)) + 1e-5).all()


def test_a_partial_last_step_leaves_masks_when_steps_run_out_never(store, base):
    (run,) = load(store, compute(store, [base.but(steps=3)]))
    assert len(run.steps) == 4
    assert (run.steps[-1].tokens != run.mask_id).all()


def test_too_long_a_text_is_refused_before_anything_is_stored(store, base):
    with pytest.raises(InvalidInput, match="text must be 1 to 38 tokens for this model, got 100"):
        compute(store, [base.but(length=100)])
    assert list(manifests.listed(store)) == []


def test_a_missing_model_says_how_to_get_it(store):
    with pytest.raises(ModelMissing, match="models fetch no-such/model"):
        compute(store, [TextSpec(model="no-such/model", length=3)])


def test_corruption_is_stored_and_read_back(store, tiny_bert):
    spec = CorruptionSpec(model=tiny_bert, text="the old boat sails over the blue sea.", steps=6)
    computed = compute(store, [spec])
    run = text_stored.load_corruption_run(store, computed.runs[0])
    assert run.complete
    assert run.text(0) == "the old boat sails over the blue sea."
    assert set(run.words(6)) == {"[MASK]"}
    assert compute(store, [spec]).steps_computed == 0


def test_provenance_names_device_layout_and_versions(store, base):
    (run,) = load(store, compute(store, [base, base.but(seed=1)][:1]))
    made_by = run.steps[1].meta
    assert made_by["layout"] == "batch of 1"
    assert {"device", "dtype", "versions", "threads"} <= set(made_by)


def test_a_run_that_fails_does_not_stop_the_rest(store, base):
    bad = base.but(length=None, template="moon [MASK] " * 30)  # longer than the model reads
    computed, failed = survived(store, [base, bad, base.but(seed=1)])
    assert list(failed) == [1]
    assert "tokens for this model" in str(failed[1])
    assert computed.runs == tuple(plan(spec).chain.run for spec in (base, base.but(seed=1)))
    assert all(run.complete for run in load(store, computed))
    again, none = survived(store, [base, base.but(seed=1)])
    assert (again.model_calls, none) == (0, {})


def test_a_cell_that_cannot_start_leaves_the_others_in_their_batch(store, tmp_path, base):
    good = [base.but(seed=seed) for seed in range(4)]
    bad = base.but(length=None, template="moon [MASK] " * 30)  # longer than the model reads
    computed, failed = survived(store, [*good[:2], bad, *good[2:]])
    with Store.open(tmp_path / "alone") as other:
        alone = compute(other, good)
        for run in alone.runs:
            for one, two in zip(*(same_steps(each, run) for each in (store, other)), strict=True):
                assert one.meta["provenance"]["layout"] == two.meta["provenance"]["layout"]
                for name, array in two.arrays.items():
                    assert one.arrays[name].tobytes() == array.tobytes()
    assert list(failed) == [2]
    assert computed == alone


def test_a_listed_fork_is_not_planned_with_its_parent_again_and_is_looked_up_once(
    store, base, monkeypatch
):
    planned = plan(base.but(changes=(TextChange(at=2, temperature=2.0),)))
    first = compute_plans(store, [planned])
    parents, looked = [], []
    monkeypatch.setattr(plans, "parent_of", lambda *of: parents.append(of))
    prefix = computing.stored_prefix
    monkeypatch.setattr(computing, "stored_prefix", lambda *of: looked.append(of) or prefix(*of))
    again = compute_plans(store, [planned])
    assert (again.runs, again.steps_computed) == (first.runs, 0)
    assert (parents, len(looked)) == ([], 1)


def survived(store, specs, *on_step):
    planned, unplanned = plan_each(specs)
    computed, failed = compute_surviving(store, planned, *on_step)
    return computed, unplanned | failed


def same_steps(store, run):
    return [store.get(key) for key in manifests.load(store, run).step_keys]


def test_a_cell_that_fails_on_the_way_is_dropped_and_the_others_go_on_together(
    store, base, monkeypatch
):
    batches = failing_at(monkeypatch, seed=2, index=3)
    specs = [base.but(seed=seed) for seed in range(8)]
    heard = []
    computed, failed = survived(store, specs, lambda i, k: heard.append((i, k)))
    assert list(failed) == [2]
    assert "step 3 of seed 2" in str(failed[2])
    assert computed.runs == tuple(plan(s).chain.run for s in specs if s.seed != 2)
    assert all(run.complete for run in load(store, computed))
    # whole batches but for the step that failed, which is halved until seed 2 stands alone
    assert batches == [8, 8, 8, 4, 4, 2, 1, 1, 2, 7, 7, 7, 7, 7]
    assert computed.steps_computed == 7 * 8 + 2
    assert heard.count((2, 2)) == 1
    assert (2, 3) not in heard
    assert len(heard) == len(set(heard)) == 7 * 8 + 2
    again, none = survived(store, [s for s in specs if s.seed != 2])
    assert (again.model_calls, again.steps_computed, none) == (0, 0, {})


def test_when_every_cell_fails_each_has_its_error(store, base, monkeypatch):
    failing_at(monkeypatch, seed=None, index=3)
    computed, failed = survived(store, [base.but(seed=seed) for seed in range(3)])
    assert (computed.runs, sorted(failed)) == ((), [0, 1, 2])
    assert computed.steps_computed == 3 * 2


def test_two_cells_that_share_a_failing_step_fail_both_and_cancelling_stops_all(
    store, base, monkeypatch
):
    failing_at(monkeypatch, seed=0, index=3)
    fork = TextChange(at=5, temperature=2.0)
    computed, failed = survived(store, [base, base.but(changes=(fork,)), base.but(seed=1)])
    assert sorted(failed) == [0, 1]
    assert len(computed.runs) == 1

    def stop(_which, index):
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        survived(store, [base.but(seed=5), base.but(seed=6)], stop)


def failing_at(monkeypatch, *, seed, index):
    """The sizes of the batches that are taken, one seed (None: all) failing in its step."""
    batches = []
    real = TextWalker.take

    def take(self, which, before):
        batches.append(len(which))
        for i, payload in zip(which, before, strict=True):
            if int(payload.meta["index"]) + 1 == index and seed in (None, self.specs[i].seed):
                raise ComputationError(f"step {index} of seed {self.specs[i].seed} failed")
        return real(self, which, before)

    monkeypatch.setattr(TextWalker, "take", take)
    return batches
