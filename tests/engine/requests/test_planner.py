"""The planner says what computing will cost: exactly, over random sweeps and half-filled stores."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache.store import Store
from engine.chain import manifests
from engine.experiments.forks import fork
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.requests.planner import predict
from engine.requests.sweeps import expand
from engine.text.spec import CorruptionSpec, TextSpec

RANDOM = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def some(*values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


IMAGE_AXES = st.fixed_dictionaries(
    {},
    optional={
        "seed": some(0, 1, 2),
        "guidance": some(1.0, 2.0, 5.0),
        "guidance_interval": some(None, (2, 3), (1, 2)),
        "sampler": some("ddim", "heun", "pndm", "euler-a", "dpm++"),
        "prompt": some("a sea", "a red house"),
        "negative_prompt": some("", "fog", "a sea"),
        "exact": some(True, False),
        "accelerator": some("none", "deepcache", "tome"),
        "attention_slicing": some(True, False),
        "steps": some(3, 4),
    },
)
TEXT_AXES = st.fixed_dictionaries(
    {},
    optional={
        "seed": some(0, 1, 2),
        "temperature": some(0.7, 1.3),
        "top_k": some(None, 3),
        "order": some("confidence", "random"),
        "steps": some(3, 5),
        "length": some(4, 5),
    },
)


def small(base, axes, at_most=12):
    """The cells of a grid, the first few of them, so that an example stays quick."""
    axes = dict(axes)
    if axes.get("accelerator") and "tome" in axes["accelerator"]:
        axes.pop("exact", None)
    return list(expand(base, axes))[:at_most]


def cost(found):
    return found.model_calls, found.steps_computed, found.steps_cached


def agree(store, specs):
    """Predicted and real cost of some specs, and of the same again."""
    for _ in range(2):
        predicted = predict(store, specs)
        assert predicted.exact
        assert cost(predicted) == cost(compute(store, specs))
        assert sum(cell.new for cell in predicted.cells) == predicted.steps_computed
    assert {cell.standing for cell in predict(store, specs).cells} == {"cached"}


@RANDOM
@given(IMAGE_AXES, IMAGE_AXES, st.integers(0, 3))
def test_predicted_calls_of_image_sweeps_are_the_calls_made(
    tmp_path_factory, tiny_sd, first, second, forked
):
    base = ImageSpec(model=tiny_sd, prompt="a sea", steps=4)
    with Store.open(tmp_path_factory.mktemp("plan") / "store") as store:
        before = small(base, first, at_most=4)
        agree(store, before)
        manifest = manifests.load(store, compute(store, before).runs[0])
        more = small(base, second)
        if before[0].accelerator != "deepcache":
            more.append(fork(store, manifest, forked % 3, {"guidance": 3.5}))
        agree(store, more)


@RANDOM
@given(TEXT_AXES, TEXT_AXES)
def test_predicted_calls_of_exact_text_sweeps_are_the_calls_made(
    tmp_path_factory, tiny_bert, first, second
):
    base = TextSpec(model=tiny_bert, length=5, steps=5, exact=True)
    with Store.open(tmp_path_factory.mktemp("plan") / "store") as store:
        agree(store, small(base, first, at_most=4))
        agree(store, small(base, second))


@RANDOM
@given(TEXT_AXES)
def test_texts_that_share_forwards_need_at_most_the_calls_predicted(
    tmp_path_factory, tiny_bert, axes
):
    base = TextSpec(model=tiny_bert, length=5, steps=5)
    with Store.open(tmp_path_factory.mktemp("plan") / "store") as store:
        specs = small(base, axes)
        predicted, made = predict(store, specs), compute(store, specs)
        assert made.model_calls <= predicted.model_calls
        assert (made.steps_computed, made.steps_cached) == cost(predicted)[1:]
        assert not predicted.exact
        assert predicted.calls_in_words == f"at most {predicted.model_calls} model calls"


def test_cells_say_what_they_share_and_with_whom(store, tiny_sd):
    base = ImageSpec(model=tiny_sd, prompt="a sea", steps=4, guidance_interval=(3, 4))
    specs = [base, base.but(guidance=9.0), base.but(seed=1)]
    cells = predict(store, specs).cells
    assert [(c.cached, c.shared, c.new) for c in cells] == [(0, 0, 4), (0, 2, 2), (0, 0, 4)]
    assert [c.standing for c in cells] == ["new", "shared", "new"]
    assert [c.shared_with for c in cells] == [None, 0, None]
    compute(store, [base])
    cells = predict(store, specs).cells
    assert [(c.cached, c.shared, c.new) for c in cells] == [(4, 0, 0), (2, 0, 2), (0, 0, 4)]
    assert [c.standing for c in cells] == ["cached", "shared", "new"]


def test_a_hole_in_a_chain_is_all_that_is_computed_again(store, tiny_sd):
    spec = ImageSpec(model=tiny_sd, prompt="a sea", steps=4)
    keys = manifests.load(store, compute(store, [spec]).runs[0]).step_keys
    store.delete([keys[2]])
    predicted = predict(store, [spec])
    assert cost(predicted) == cost(compute(store, [spec])) == (2, 1, 1)


def test_corruption_needs_no_model(store, tiny_bert):
    spec = CorruptionSpec(model=tiny_bert, text="the sea is calm", steps=4)
    assert cost(predict(store, [spec])) == (0, 4, 0)


def test_planning_loads_no_model(tiny_sd, tmp_path):
    import subprocess
    import sys

    code = f"""
import sys
from cache.store import Store
from engine.image.spec import ImageSpec
from engine.requests.planner import predict
with Store.open({str(tmp_path / "s")!r}) as store:
    predict(store, [ImageSpec(model={tiny_sd!r}, prompt="a sea")])
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("count", [300])
def test_many_cells_go_in_waves_and_the_plan_still_holds(store, tiny_bert, count):
    base = TextSpec(model=tiny_bert, length=2, steps=2, top_k=3, exact=True)
    specs = [base.but(seed=seed) for seed in range(count)]
    predicted = predict(store, specs)
    assert cost(predicted) == cost(compute(store, specs)) == (2 * count, 2 * count, 0)
