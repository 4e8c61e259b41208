import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.keys import corruption_chain, reveal_counts, text_chain
from engine.text.spec import CorruptionSpec, TextSpec

BASE = TextSpec(length=6, steps=6, top_k=5, temperature=1.2)


def shared(first, second):
    pairs = zip(first.step_keys, second.step_keys, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), len(first.step_keys))


@given(masks=st.integers(1, 510), steps=st.integers(1, 200))
def test_reveal_counts_reveal_everything_and_never_nothing(masks, steps):
    counts = reveal_counts(masks, steps)
    assert sum(counts) == masks
    assert min(counts) >= 1
    assert len(counts) == min(masks, steps)


def test_reveal_counts_of_the_classic_recipe():
    assert reveal_counts(12, 12) == [1] * 12
    assert reveal_counts(12, 5) == [2, 2, 2, 3, 3]


def test_chain_is_as_long_as_the_steps_really_taken():
    assert text_chain(BASE.but(steps=50), "m").step_count == 6


def test_the_same_spec_has_the_same_chain():
    assert text_chain(BASE, "m") == text_chain(BASE.but(), "m")


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"top_k": 4}, {"temperature": 1.1}, {"order": "margin"}, {"steps": 5}]
)
def test_what_a_step_depends_on_parts_the_chains_after_the_start(change):
    first, second = text_chain(BASE, "m"), text_chain(BASE.but(**change), "m")
    assert shared(first, second) == 1
    assert first.run != second.run


def test_another_model_shares_nothing():
    assert shared(text_chain(BASE, "m"), text_chain(BASE, "n")) == 0


def test_greedy_steps_do_not_depend_on_the_seed_but_runs_do():
    greedy = BASE.but(top_k=None)
    first, second = text_chain(greedy, "m"), text_chain(greedy.but(seed=9), "m")
    assert first.step_keys == second.step_keys
    assert first.run != second.run


def test_random_order_depends_on_the_seed_even_when_greedy():
    spec = BASE.but(top_k=None, order="random")
    assert shared(text_chain(spec, "m"), text_chain(spec.but(seed=9), "m")) == 1


def test_an_all_mask_template_is_the_same_start_as_a_length():
    template = BASE.but(length=None, template=" ".join(["[MASK]"] * 6))
    assert text_chain(template, "m").step_keys == text_chain(BASE, "m").step_keys


def test_corruption_levels_depend_on_schedule_coupling_seed_and_steps():
    base = CorruptionSpec(text="the sea", steps=4)
    for change in ({"schedule": "cosine"}, {"coupling": "independent"}, {"seed": 1}, {"steps": 5}):
        assert shared(corruption_chain(base, "m"), corruption_chain(base.but(**change), "m")) == 1
